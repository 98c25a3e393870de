package dev.fairway.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which artifacts of other runs a job is given.
final class OtherRunsTest {
  private static final byte[] PAGE = Zips.of("page", "payments");
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        deploy:
          runs-on: ubuntu-latest
          permissions: %s
          steps: [{run: "true"}]
      """;

  @TempDir Path folder;

  private ArtifactSite site;
  private JobAssignment maker;
  private JobAssignment stranger;

  @BeforeEach
  void start() throws Exception {
    site = new ArtifactSite(folder);
    for (var name : new String[] {"payments", "ledger"}) {
      var _ = site.project(name);
    }
    maker = job("payments", "{}");
    site.uploaded(maker, "site", PAGE, "&retentionDays=2");
    stranger = job("ledger", "{actions: write}");
    site.uploaded(stranger, "site", Zips.of("page", "ledger"), "");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private JobAssignment job(String project, String permissions) throws Exception {
    site.push(project, WORKFLOW.formatted(permissions));
    return site.claim();
  }

  private HttpResponse<String> list(JobAssignment job, Object run) {
    return get(job, "artifacts?run=" + run);
  }

  private HttpResponse<String> get(JobAssignment job, String what) {
    return site.send(site.request("/agent/v1/jobs/" + job.job() + "/" + what));
  }

  /// What the job is given of the first run.
  private byte[] bytes(JobAssignment job) {
    var path = "/agent/v1/jobs/%s/artifacts/site?run=%s".formatted(job.job(), maker.run());
    return site.send(site.request(path), BodyHandlers.ofByteArray()).body();
  }

  @Test
  void aJobThatMaySeeRunsReadsThoseOfItsProject() throws Exception {
    var reader = job("payments", "{actions: read}");

    var listed = list(reader, maker.run());
    assertThat(listed.statusCode()).isEqualTo(200);
    assertThat(listed.body())
        .contains(site.listed(maker).getFirst().digest(), "/runs/1/artifacts/site");
    assertThat(bytes(reader)).isEqualTo(PAGE);
    assertThat(get(reader, "artifacts/none?run=" + maker.run()).statusCode()).isEqualTo(404);
    assertThat(site.listed(reader)).as("its own").isEmpty();
    assertThat(get(reader, "artifacts/site").statusCode()).isEqualTo(404);
  }

  @Test
  void aJobWithoutThePermissionSeesOnlyItsOwnRun() throws Exception {
    var other = job("payments", "{contents: write, packages: write}");

    for (var what : new String[] {"artifacts", "artifacts/site"}) {
      var refused = get(other, what + "?run=" + maker.run());
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("permissions: {actions: read}");
    }
    assertThat(list(other, UUID.randomUUID()).statusCode())
        .as("whether it exists it does not learn")
        .isEqualTo(403);
    assertThat(list(other, other.run()).statusCode()).isEqualTo(200);
    assertThat(bytes(maker)).isEqualTo(PAGE);
  }

  @Test
  void runsOfOtherProjectsAreNotThereWhateverAJobMay() throws Exception {
    var reader = job("payments", "{actions: write, contents: write}");

    var hidden = list(reader, stranger.run());
    assertThat(hidden.statusCode()).isEqualTo(404);
    assertThat(hidden.body().replace(stranger.run().toString(), ""))
        .isEqualTo(list(reader, maker.job()).body().replace(maker.job().toString(), ""));
    assertThat(get(reader, "artifacts/site?run=" + stranger.run()).statusCode()).isEqualTo(404);
    assertThat(list(stranger, maker.run()).statusCode()).isEqualTo(404);
  }

  @Test
  void onlyTheHolderOfALeaseIsAnswered() {
    assertThat(
            site.send(
                    site.request(
                        "/agent/v1/jobs/%s/artifacts?run=%s"
                            .formatted(UUID.randomUUID(), maker.run())))
                .statusCode())
        .isEqualTo(409);
  }

  @Test
  void whatIsNoIdIsRefusedAndWhatHasExpiredIsNotThere() throws Exception {
    var reader = job("payments", "{actions: read}");
    assertThat(list(reader, 17).statusCode()).isEqualTo(400);
    assertThat(list(reader, 17).body()).contains("github.run_id");

    site.now = site.now.plus(Duration.ofDays(2)).plusSeconds(1);
    assertThat(list(reader, maker.run()).body()).startsWith("{\"items\":[]");
    assertThat(get(reader, "artifacts/site?run=" + maker.run()).statusCode()).isEqualTo(404);
  }
}
