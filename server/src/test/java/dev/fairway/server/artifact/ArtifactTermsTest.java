package dev.fairway.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.run.RunArtifacts;
import dev.fairway.server.run.report.TestResults;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How long uploads ask to be kept, and what they may take the place of.
final class ArtifactTermsTest {
  private static final byte[] ONE = Zips.of("a", "one");
  private static final byte[] TWO = Zips.of("a", "two");
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps: [{run: "true"}]
        check:
          runs-on: ubuntu-latest
          steps: [{run: "true"}]
      """;

  @TempDir Path folder;

  private ArtifactSite site;
  private JobAssignment build;
  private JobAssignment check;

  @BeforeEach
  void start() throws Exception {
    site = new ArtifactSite(folder);
    var _ = site.project("payments");
    site.push("payments", WORKFLOW);
    build = site.claim();
    check = site.claim();
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private void refuses(JobAssignment job, String name, byte[] zip, String more, String why) {
    var answer = site.upload(job, name, zip, more);
    assertThat(answer.statusCode()).isBetween(400, 499);
    assertThat(answer.body()).contains(why);
  }

  private static byte[] report(int failures) {
    return Zips.of(
        "TEST-a.xml",
        "<testsuite name='a'><testcase classname='a' name='x'/><testcase classname='a' name='y'>%s</testcase></testsuite>"
            .formatted("<failure message='no'/>".repeat(failures)));
  }

  private TestResults.Totals totals() {
    return site.database().read(tx -> TestResults.totals(tx, build.run()));
  }

  private void release(String digest) {
    var release =
        new LedgerEntry(
            1,
            UUID.randomUUID(),
            PredicateType.RELEASE,
            List.of(Subject.sha256("release", digest)),
            Json.MAPPER.createObjectNode(),
            Set.of("project:" + site.runOf(build).projectId()),
            "fairway",
            site.now);
    site.database().run(tx -> site.artifact().subscriber().on(tx, release));
  }

  @Test
  void anArtifactGoesWhenItsJobSaid() {
    site.uploaded(build, "short", ONE, "&retentionDays=1");
    site.uploaded(build, "usual", TWO, "");

    site.now = site.now.plus(Duration.ofDays(1)).minusSeconds(60);
    assertThat(site.find(build, "short")).isNotNull();
    site.now = site.now.plusSeconds(61);
    assertThat(site.find(build, "short")).as("also before somebody tidies").isNull();
    assertThat(site.listed(build)).extracting(ArtifactReceipt::name).containsExactly("usual");
    site.artifact().artifacts().expire();
    assertThat(site.texts("SELECT name FROM artifact")).containsExactly("usual");
  }

  @ParameterizedTest
  @ValueSource(strings = {"retentionDays=0", "retentionDays=91", "retentionDays=x", "overwrite=1"})
  void termsThatMakeNoSenseAreRefused(String terms) {
    refuses(build, "a", ONE, "&" + terms, "Give ");
  }

  @Test
  void aJobLearnsHowLongArtifactsAreKept() {
    assertThat(build.contexts().at("/github/retention_days").asString())
        .isEqualTo(Long.toString(ArtifactLimits.RETENTION.toDays()));
  }

  @Test
  void whatAnEarlierAttemptMadeGoesWithWhatSupersedesIt() {
    site.uploaded(build, "a", ONE, "");
    site.database()
        .run(tx -> tx.execute("UPDATE job SET current = false WHERE id = ?", build.job()));
    site.uploaded(check, "a", TWO, "&retentionDays=2");
    site.now = site.now.plus(Duration.ofDays(2)).plusSeconds(1);

    assertThat(site.find(check, "a")).isNull();
    site.artifact().artifacts().expire();
    assertThat(site.find(check, "a")).as("the older one does not come to light again").isNull();
  }

  @Test
  void aNameIsOverwrittenByWhoeverAsksForIt() {
    var first = site.uploaded(build, "a", ONE, "");
    refuses(check, "a", TWO, "", "overwrite: true");
    refuses(check, "a", TWO, "&overwrite=false", "overwrite: true");

    var second = site.uploaded(check, "a", TWO, "&overwrite=true");
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(site.listed(build)).containsExactly(second);
    var third = site.uploaded(check, "a", ONE, "&overwrite=true");
    assertThat(site.listed(build)).containsExactly(third);

    assertThat(site.entries(PredicateType.PROVENANCE))
        .as("of all that was there")
        .extracting(entry -> entry.subjects().getFirst().digest())
        .containsExactly(first.digest(), second.digest(), first.digest());
    site.artifact().artifacts().expire();
    assertThat(site.artifact().artifacts().file(third.digest())).exists();
    assertThat(site.texts("SELECT digest FROM blob"))
        .as("bytes that nobody names go")
        .containsExactly(first.digest());
  }

  @Test
  void anUploadThatIsSentAgainIsTheSameUpload() {
    var terms = "&overwrite=true&retentionDays=3";
    var first = site.uploaded(build, "a", ONE, terms);
    site.now = site.now.plusSeconds(10);

    assertThat(site.uploaded(build, "a", ONE, terms)).isEqualTo(first);
    assertThat(site.uploaded(build, "a", ONE, "")).isEqualTo(first);
    assertThat(site.entries(PredicateType.PROVENANCE)).hasSize(1);

    var longer = site.uploaded(build, "a", ONE, "&overwrite=true&retentionDays=9");
    assertThat(longer.id()).isNotEqualTo(first.id());
    assertThat(Objects.requireNonNull(site.find(build, "a")).expiresAt())
        .isAfter(site.now.plus(Duration.ofDays(8)));
  }

  @Test
  void whatAReleaseKeepsIsNotOverwritten() {
    var kept = site.uploaded(build, "a", ONE, "");
    release(kept.digest());

    refuses(check, "a", TWO, "&overwrite=true", "A release keeps the artifact");
    assertThat(site.listed(build)).containsExactly(kept);
  }

  @Test
  void theReportsOfWhatIsOverwrittenDoNotCountAnyMore() {
    site.uploaded(build, "tests", report(1), "");
    assertThat(totals().failed()).isEqualTo(1);

    site.uploaded(check, "tests", report(0), "&overwrite=true");
    assertThat(totals().failed()).isZero();
    assertThat(totals().passed()).isEqualTo(2);

    site.uploaded(check, "tests", ONE, "&overwrite=true");
    assertThat(totals().all()).isZero();
    assertThat(site.entries(PredicateType.TEST_RESULT)).as("the ledger remembers").hasSize(2);
  }

  @Test
  void whatCannotBeReadIsSaidOfEachArtifact() {
    for (var name : List.of("first", "second")) {
      site.uploaded(build, name, Zips.of("TEST-a.xml", "<testsuite name='a'><testcase"), "");
    }

    assertThat(site.texts("SELECT message FROM annotation ORDER BY number"))
        .satisfiesExactly(
            message -> assertThat(message).startsWith("Artifact first: "),
            message -> assertThat(message).startsWith("Artifact second: "));
  }

  @Test
  void theRunsPageIsToldWhenAnArtifactGoes() {
    var kept = site.uploaded(build, "kept", ONE, "");
    site.uploaded(build, "short", TWO, "&retentionDays=3");
    release(kept.digest());

    var items = site.database().read(tx -> site.artifact().runArtifacts().of(tx, build.run()));
    assertThat(items).extracting(RunArtifacts.Item::name).containsExactly("kept", "short");
    assertThat(items.getFirst().until()).isNull();
    assertThat(items.getLast().until()).isBetween(days(2), days(4));
  }

  private Instant days(int number) {
    return site.now.plus(Duration.ofDays(number));
  }

  private int put(JobAssignment job, String name, byte[] zip, Map<String, String> more) {
    var message = new HashMap<>(more);
    message.put("name", name);
    var made = site.call(job, "CreateArtifact", message);
    if (made.statusCode() != 200) {
      return made.statusCode();
    }
    var url = Json.MAPPER.readTree(made.body()).path("signed_upload_url").asString();
    assertThat(site.send(site.request(url).PUT(BodyPublishers.ofByteArray(zip))).statusCode())
        .isEqualTo(201);
    return site.call(job, "FinalizeArtifact", Map.of("name", name)).statusCode();
  }

  @Test
  void theOfficialClientSaysWhenAnArtifactGoes() {
    var inThreeDays = site.now.plus(Duration.ofDays(3));
    assertThat(put(build, "a", ONE, Map.of("expires_at", inThreeDays.toString()))).isEqualTo(200);
    assertThat(put(build, "b", ONE, Map.of("expires_at", "2999-01-01T00:00:00Z"))).isEqualTo(200);
    assertThat(put(build, "c", ONE, Map.of())).isEqualTo(200);
    assertThat(put(build, "d", ONE, Map.of("expires_at", "2020-01-01T00:00:00Z"))).isEqualTo(400);
    assertThat(put(build, "d", ONE, Map.of("expires_at", "soon"))).isEqualTo(400);

    assertThat(Objects.requireNonNull(Objects.requireNonNull(site.find(build, "a")).expiresAt()))
        .isBetween(inThreeDays.minusSeconds(1), inThreeDays);
    for (var name : List.of("b", "c")) {
      var kept = Objects.requireNonNull(site.find(build, name));
      assertThat(kept.expiresAt()).isEqualTo(kept.createdAt().plus(ArtifactLimits.RETENTION));
    }
  }

  @Test
  void theOfficialClientOverwritesByDeletingFirst() {
    assertThat(put(build, "tests", report(1), Map.of())).isEqualTo(200);
    assertThat(put(check, "tests", report(0), Map.of())).isEqualTo(409);

    var id = site.listed(build).getFirst().id();
    var deleted = site.call(check, "DeleteArtifact", Map.of("name", "tests"));
    assertThat(deleted.body()).isEqualTo("{\"ok\":true,\"artifact_id\":\"" + id + "\"}");
    assertThat(site.listed(build)).isEmpty();
    assertThat(totals().all()).isZero();
    assertThat(site.call(check, "DeleteArtifact", Map.of("name", "tests")).statusCode())
        .isEqualTo(404);

    assertThat(put(check, "tests", report(0), Map.of())).isEqualTo(200);
    assertThat(totals().passed()).isEqualTo(2);
    release(site.listed(build).getFirst().digest());
    assertThat(site.call(check, "DeleteArtifact", Map.of("name", "tests")).statusCode())
        .isEqualTo(409);
  }
}
