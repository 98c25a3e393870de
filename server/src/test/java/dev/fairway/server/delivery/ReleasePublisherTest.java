package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.db.Ids;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReleasePublisherTest {
  @TempDir Path folder;
  private DeliveryFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
    fixture.apply(DeliveryFixture.STAGING, DeliveryFixture.PRODUCTION);
  }

  @AfterEach
  void end() throws Exception {
    fixture.close();
  }

  @Test
  void aSuccessfulRunMakesAReleaseWithEvidenceAndSendsItOnItsWay() throws Exception {
    var release = fixture.till.release("well");

    assertThat(release.version()).isEqualTo("1.1.0");
    assertThat(release.artifacts()).extracting(Release.Artifact::name).containsExactly("till");
    assertThat(release.digest()).isEqualTo(release.manifest().digest());
    assertThat(fixture.deployment(release, "staging").requestedBy()).isEqualTo("fairway");
    var entries =
        fixture
            .database()
            .read(tx ->
                tx.createQuery(
                        """
                        SELECT predicate ->> 'purl' FROM ledger_entry
                        WHERE type = 'https://in-toto.io/attestation/release/v0.2'
                        """)
                    .mapTo(String.class)
                    .list());
    assertThat(entries).containsExactly("pkg:generic/till@1.1.0");
  }

  @Test
  void hearingOfTheSameRunTwiceMakesOneRelease() throws Exception {
    var commit = fixture.till.push("ada", TillProject.SERVICE, "x");
    var run = fixture.till.run(commit, Map.of("till", TillProject.till("well")));
    var first = fixture.till.record(run);

    fixture.till.ended(run, 1, commit, "push", "refs/heads/main", "success");

    assertThat(fixture.till.record(run)).isEqualTo(first);
  }

  @Test
  void aMistakeInTheFileFailsTheReleaseWithLineAndColumn() throws Exception {
    var commit =
        fixture.till.push("ada", TillProject.SERVICE.replace("drain: 1s", "drian: 1s"), "x");

    var record = fixture.till.record(fixture.till.run(commit, Map.of()));

    assertThat(record)
        .isInstanceOfSatisfying(
            FailedRelease.class,
            failed ->
                assertThat(failed.reason())
                    .startsWith(".fairway/service.yml:7:1: 'drian' is not supported here"));
  }

  @Test
  void anArtifactThatIsMissingFailsTheReleaseAndALaterAttemptMayMakeIt() throws Exception {
    var commit = fixture.till.push("ada", TillProject.SERVICE, "x");
    var run = fixture.till.run(commit, Map.of("reports", new byte[] {1}));

    assertThat(fixture.till.record(run))
        .isInstanceOfSatisfying(
            FailedRelease.class,
            failed ->
                assertThat(failed.reason())
                    .isEqualTo(
                        ".fairway/service.yml names the artifact 'till', which run #1 did not"
                            + " upload: it uploaded reports"));

    var digest = Release.sha256("what it uploads now");
    fixture.uploaded.put(run, List.of(new Release.Artifact("till", digest, 7)));
    fixture.till.ended(run, 1, commit, "push", "refs/heads/main", "success");
    assertThat(fixture.till.record(run)).isInstanceOf(Release.class);
  }

  @Test
  void whatIsNoSuccessfulPushToTheDefaultBranchMakesNone() throws Exception {
    var commit = fixture.till.push("ada", TillProject.SERVICE, "x");
    for (var variant :
        List.of(
            new String[] {"push", "refs/heads/other", "success"},
            new String[] {"push", "refs/heads/main", "failure"},
            new String[] {"workflow_dispatch", "refs/heads/main", "success"})) {
      var run = Ids.next();
      fixture.till.ended(run, 9, commit, variant[0], variant[1], variant[2]);
      Optional<ReleaseRecord> record = fixture.database().read(tx -> ReleaseStore.ofRun(tx, run));
      assertThat(record).as(String.join(" ", variant)).isEmpty();
    }
  }

  @Test
  void thePathNeverGoesBackwardsByItself() throws Exception {
    var commit = fixture.till.push("ada", TillProject.SERVICE, "x");
    var late = Ids.next();
    var newer = fixture.till.run(commit, Map.of("till", TillProject.till("well")));
    fixture.uploaded.put(late, fixture.uploaded.get(newer));

    fixture.till.ended(late, 0, commit, "push", "refs/heads/main", "success");

    assertThat(fixture.till.record(late)).isInstanceOf(Release.class);
    List<Deployment> deployments =
        fixture
            .database()
            .read(tx -> DeploymentStore.ofRelease(tx, fixture.till.record(late).id()));
    assertThat(deployments).isEmpty();
  }
}
