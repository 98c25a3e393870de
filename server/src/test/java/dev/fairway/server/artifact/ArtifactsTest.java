package dev.fairway.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.source.Project;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole of a server that artifacts need, with one job that runs.
final class ArtifactsTest {
  private static final byte[] ZIP = Zips.of("payments.txt", "jar");
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps: [{run: "true"}]
      """;

  @TempDir Path folder;

  private ArtifactSite site;
  private Project project;
  private JobAssignment job;

  @BeforeEach
  void start() throws Exception {
    site = new ArtifactSite(folder);
    project = site.project("payments");
    site.push("payments", WORKFLOW);
    job = site.claim();
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private HttpResponse<String> upload(String name, byte[] zip) {
    return site.upload(job, name, zip, "");
  }

  @Test
  void aJobAndPeopleGetBackWhatAJobUploaded() throws Exception {
    var uploaded = upload("payments", ZIP);
    var again = upload("payments", ZIP);

    assertThat(uploaded.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(uploaded.body());
    for (var path :
        List.of(
            "/agent/v1/jobs/" + job.job() + "/artifacts/payments",
            "/api/v1/projects/payments/runs/1/artifacts/payments")) {
      var download = site.send(site.request(path), BodyHandlers.ofByteArray());
      assertThat(download.body()).isEqualTo(ZIP);
    }
    assertThat(site.listed(job))
        .singleElement()
        .isEqualTo(Json.MAPPER.readValue(uploaded.body(), ArtifactReceipt.class))
        .satisfies(receipt -> {
          assertThat(receipt.name()).isEqualTo("payments");
          var url = Objects.requireNonNull(receipt.url());
          assertThat(site.send(site.request(url), BodyHandlers.ofByteArray()).body())
              .isEqualTo(ZIP);
        });
    assertThat(site.send(site.request("/api/v1/projects/payments/runs/1/artifacts")).body())
        .contains("\"entries\":1");
    assertThat(
            site.send(site.request("/api/v1/projects/payments/runs/1/artifacts/none")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void evidenceSaysWhichRunMadeIt() {
    upload("payments", ZIP);

    assertThat(site.entries(PredicateType.PROVENANCE))
        .singleElement()
        .satisfies(entry -> {
          var definition = entry.predicate().path("buildDefinition");
          assertThat(definition.at("/externalParameters/workflow/path").asString())
              .isEqualTo(".github/workflows/ci.yml");
          assertThat(definition.at("/internalParameters/runNumber").asLong()).isEqualTo(1);
          assertThat(entry.subjects().getFirst().algorithm()).isEqualTo("sha256");
          assertThat(entry.actor()).isEqualTo("agent-1");
        });
  }

  @Test
  void refusesWhoHoldsNoLease() {
    assertThat(site.upload(job, "payments", ZIP, "0").statusCode()).isEqualTo(409);
    assertThat(site.entries(PredicateType.PROVENANCE)).isEmpty();
  }

  @Test
  void refusesBadNamesUnsafeZipsAndOtherBytesUnderTheSameName() {
    assertThat(upload("..", ZIP).statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(upload("a%2Fb", ZIP).statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(upload("-x", ZIP).statusCode()).isEqualTo(400);
    assertThat(upload("climbs", Zips.of("../x", "y")).statusCode()).isEqualTo(422);
    upload("payments", ZIP);
    assertThat(upload("payments", Zips.of("other", "x")).statusCode()).isEqualTo(409);
  }

  @Test
  void whatNoReleaseNeedsGoesAfterItsTime() {
    upload("release", ZIP);
    upload("scratch", Zips.of("scratch", "x"));
    var all = site.database().read(tx -> site.artifact().artifacts().of(tx, job.run()));
    var kept = all.getFirst();
    var gone = all.getLast();
    var release =
        new LedgerEntry(
            1,
            UUID.randomUUID(),
            PredicateType.RELEASE,
            List.of(Subject.sha256("release", kept.digest())),
            Json.MAPPER.createObjectNode(),
            Set.of(project.reference()),
            "fairway",
            site.now);
    site.database().run(tx -> site.artifact().subscriber().on(tx, release));

    site.now = site.now.plus(ArtifactLimits.RETENTION).plusSeconds(1);
    site.artifact().artifacts().expire();

    assertThat(site.artifact().artifacts().file(kept.digest())).exists();
    assertThatThrownBy(() -> site.artifact().artifacts().file(gone.digest()))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void bytesThatACrashLeftWithoutAnArtifactGoAfterADay() throws Exception {
    upload("payments", ZIP);
    var kept = site.database().read(tx -> site.artifact().artifacts().of(tx, job.run())).getFirst();
    var folder =
        Objects.requireNonNull(site.artifact().artifacts().file(kept.digest()).getParent());
    var blobs = Objects.requireNonNull(folder.getParent());
    var old = orphan(blobs, "a", site.now.minus(ArtifactLimits.ORPHAN_AGE).minusSeconds(1));
    var fresh = orphan(blobs, "b", site.now);

    site.artifact().artifacts().expire();

    assertThat(old).doesNotExist();
    assertThat(fresh).exists();
    assertThat(site.artifact().artifacts().file(kept.digest())).exists();
  }

  private static Path orphan(Path blobs, String digit, Instant since) throws IOException {
    var digest = digit.repeat(64);
    var file = Files.createDirectories(blobs.resolve(digest.substring(0, 2))).resolve(digest);
    Files.writeString(file, "left");
    return Files.setLastModifiedTime(file, FileTime.from(since));
  }
}
