package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.Outcome;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.http.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With real processes behind a real proxy.
final class DeploymentTest {
  @TempDir Path folder;
  private DeliveryFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
  }

  @AfterEach
  void end() throws Exception {
    Schemas.requireLedgerToFit(fixture.database());
    fixture.close();
  }

  @Test
  void aReleaseGoesToStagingByItselfAndToProductionOnceApproved() throws Exception {
    fixture.started(DeliveryFixture.STAGING, DeliveryFixture.PRODUCTION);
    var release = fixture.till.release("well");

    var staging = fixture.awaitState(release, "staging", DeploymentState.SUCCEEDED);
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
    assertThat(fixture.evidenceOf(staging))
        .containsExactly(
            "deployment requested",
            "deployment queued",
            "deployment starting",
            "deployment healthy",
            "deployment switched",
            "deployment verifying",
            "verification",
            "deployment succeeded");

    var waiting = fixture.awaitState(release, "production", DeploymentState.WAITING_APPROVAL);
    fixture
        .module()
        .approvals()
        .decide(DeliveryFixture.approver("mia"), waiting.id(), true, "looks right");
    var production = fixture.awaitState(release, "production", DeploymentState.SUCCEEDED);
    assertThat(production.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(fixture.version("production")).isEqualTo("1.1.0");
  }

  @Test
  void aReleaseThatNeverGetsHealthyFailsAndTheOldOneKeepsServing() throws Exception {
    fixture.started(DeliveryFixture.STAGING);
    var good = fixture.till.release("well");
    fixture.awaitState(good, "staging", DeploymentState.SUCCEEDED);

    var sick =
        (Release)
            fixture.till.record(
                fixture.till.run(
                    fixture.till.push(
                        "ada", TillProject.SERVICE.replace("start: 20s", "start: 1s"), "sick"),
                    Map.of("till", TillProject.till("sick"))));
    var failed = fixture.awaitState(sick, "staging", DeploymentState.FAILED);

    assertThat(failed.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(failed.switchedAt()).isNull();
    assertThat(failed.reason()).startsWith("it was not healthy within");
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
    DeliveryFixture.await("the sick process is stopped", () -> instances() == 1);
  }

  private int instances() {
    return fixture.module().target().instances().size();
  }

  @Test
  void manyErrorsUnderTrafficRollBackWithinASecondOfTheVerdict() throws Exception {
    fixture.started(DeliveryFixture.STAGING.replace("duration: 300ms", "duration: 20s"));
    fixture.apply(DeliveryFixture.STAGING);
    var good = fixture.till.release("well");
    fixture.awaitState(good, "staging", DeploymentState.SUCCEEDED);
    fixture.apply(DeliveryFixture.STAGING.replace("duration: 300ms", "duration: 20s"));
    var stop = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var _ =
          threads.submit(() -> {
            while (!stop.get()) {
              fixture.get("staging", "/");
            }
            return null;
          });
      var failing = fixture.till.release("failing");
      var back = fixture.awaitState(failing, "staging", DeploymentState.ROLLED_BACK);
      stop.set(true);

      assertThat(back.reason()).startsWith("Errors: 100 % of ");
      assertThat(fixture.version("staging")).isEqualTo("1.1.0");
      assertThat(fixture.evidenceOf(back))
          .endsWith(
              "verification", "deployment rolling_back", "deployment rolled_back", "rollback");
      var steps = fixture.database().read(tx -> DeploymentStore.steps(tx, back.id()));
      var decided = steps.get(steps.size() - 2);
      assertThat(Duration.between(decided.at(), steps.getLast().at()))
          .isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void lostHealthAfterTheSwitchRollsBack() throws Exception {
    fixture.started(DeliveryFixture.STAGING);
    fixture.awaitState(fixture.till.release("well"), "staging", DeploymentState.SUCCEEDED);
    fixture.apply(DeliveryFixture.STAGING.replace("duration: 300ms", "duration: 20s"));
    var second = fixture.till.release("well");
    fixture.awaitState(second, "staging", DeploymentState.VERIFYING);
    fixture.get("staging", "/sicken");

    var back = fixture.awaitState(second, "staging", DeploymentState.ROLLED_BACK);
    assertThat(back.reason()).startsWith("The health check failed");
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
  }

  @Test
  void aPersonRollsBackAVerifiedReleaseAndItMayNotGoOnward() throws Exception {
    fixture.started(DeliveryFixture.STAGING, DeliveryFixture.PRODUCTION);
    var first = fixture.till.release("well");
    fixture.awaitState(first, "staging", DeploymentState.SUCCEEDED);
    var second = fixture.till.release("well");
    fixture.awaitState(second, "staging", DeploymentState.SUCCEEDED);
    assertThat(fixture.version("staging")).isEqualTo("1.2.0");

    var rollback =
        fixture
            .module()
            .deployments()
            .rollBack(
                DeliveryFixture.caller("olaf", Role.OPERATOR), "staging", "till", "customers call");
    fixture.awaitState(first, "staging", DeploymentState.SUCCEEDED);
    DeliveryFixture.await(
        "rolled back", () -> fixture.deployment(first, "staging").switchedAt() != null);

    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
    DeliveryFixture.await("evidence", () -> fixture.evidenceOf(rollback).contains("rollback"));
    var production = fixture.deployment(second, "production");
    fixture
        .module()
        .deployments()
        .cancel(DeliveryFixture.caller("ada", Role.DEVELOPER), production.id(), "");
    assertThatThrownBy(() ->
            fixture
                .module()
                .deployments()
                .promote(
                    DeliveryFixture.caller("ada", Role.DEVELOPER), second.id(), "production", ""))
        .hasMessage("till 1.2.0 is not verified in staging, which comes before production");
  }

  @Test
  void rulesThatGotStricterWhileItWaitedForItsPlaceHoldBeforeItStarts() throws Exception {
    fixture.apply(DeliveryFixture.STAGING);
    var release = fixture.till.release("well");
    var queued = fixture.deployment(release, "staging");
    fixture
        .database()
        .run(tx ->
            tx.createUpdate("UPDATE deployment SET state = 'queued' WHERE id = :id")
                .bind("id", queued.id())
                .execute());
    fixture.apply(DeliveryFixture.STAGING.replace("promotion: automatic", "promotion: approved"));

    fixture.started();

    fixture.awaitState(release, "staging", DeploymentState.WAITING_APPROVAL);
    fixture
        .module()
        .approvals()
        .decide(DeliveryFixture.approver("mia"), queued.id(), true, "now it may");
    fixture.awaitState(release, "staging", DeploymentState.SUCCEEDED);
  }

  @Test
  void aRollbackComesBeforeADeploymentThatHasNotGotTheTraffic() throws Exception {
    fixture.started(DeliveryFixture.STAGING);
    var first = fixture.till.release("well");
    fixture.awaitState(first, "staging", DeploymentState.SUCCEEDED);
    fixture.awaitState(fixture.till.release("well"), "staging", DeploymentState.SUCCEEDED);
    var never = fixture.till.release("sick");
    fixture.awaitState(never, "staging", DeploymentState.STARTING);

    fixture
        .module()
        .deployments()
        .rollBack(DeliveryFixture.caller("olaf", Role.OPERATOR), "staging", "till", "it is slow");

    var cancelled = fixture.awaitState(never, "staging", DeploymentState.CANCELLED);
    assertThat(cancelled.reason()).isEqualTo("a rollback of staging came before it");
    DeliveryFixture.await(
        "the first release is back", () -> fixture.serving("staging").equals(first.id()));
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
  }

  @Test
  void whatServesIsStartedAgainAndGetsItsTrafficBackWhereBothWereLost() throws Exception {
    fixture.started(DeliveryFixture.STAGING);
    fixture.awaitState(fixture.till.release("well"), "staging", DeploymentState.SUCCEEDED);

    fixture.module().target().remove("staging", "till");
    DeliveryFixture.await("it serves again", () -> fixture.answers("staging", "1.1.0"));

    // The target alone loses what it knows: the proxy still has the port of the process before.
    fixture.module().close();
    LocalTarget.halt(folder.resolve("target"));
    try (var records = Files.newDirectoryStream(folder.resolve("target/instances"))) {
      for (var record : records) {
        Files.delete(record);
      }
    }
    fixture.reopen().start();
    DeliveryFixture.await("it serves again", () -> fixture.answers("staging", "1.1.0"));
  }

  @Test
  void aNewerReleaseTakesThePlaceOfOneThatWaits() throws Exception {
    fixture.started(DeliveryFixture.STAGING, DeliveryFixture.PRODUCTION);
    var first = fixture.till.release("well");
    fixture.awaitState(first, "production", DeploymentState.WAITING_APPROVAL);
    var second = fixture.till.release("well");
    fixture.awaitState(second, "production", DeploymentState.WAITING_APPROVAL);

    var older = fixture.deployment(first, "production");
    assertThat(older.state()).isEqualTo(DeploymentState.SUPERSEDED);
    assertThat(older.reason()).isEqualTo("till 1.2.0 took its place");
    assertThatThrownBy(() ->
            fixture
                .module()
                .approvals()
                .decide(DeliveryFixture.approver("mia"), older.id(), true, ""))
        .hasMessageContaining("it is superseded");
  }
}
