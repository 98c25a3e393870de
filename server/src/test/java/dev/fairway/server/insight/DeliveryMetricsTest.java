package dev.fairway.server.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.fairway.server.insight.DeploymentRecord.Intent;
import dev.fairway.server.insight.FailureRecord.Attribution;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class DeliveryMetricsTest {
  /// A Monday.
  private static final Instant START = Instant.parse("2026-11-02T00:00:00Z");

  private static final Window TWO_WEEKS =
      new Window(START, START.plus(Duration.ofDays(14)), ZoneOffset.UTC);

  private final List<DeploymentRecord> deployments = new ArrayList<>();
  private final List<CommitRecord> commits = new ArrayList<>();
  private final List<FailureRecord> failures = new ArrayList<>();

  @Test
  void noDeploymentsAreZeroPerDayAndNoRate() {
    var metrics = compute();

    assertThat(metrics.deploymentFrequency().perDay()).isZero();
    assertThat(metrics.deploymentFrequency().medianDaysPerWeek()).contains(0.0);
    assertThat(metrics.changeFailRate().all().rate()).isEmpty();
    assertThat(metrics.changeLeadTime().distribution().median()).isEmpty();
  }

  @Test
  void aRedeploymentOfWhatServesIsCountedApart() {
    deploy(1, "a");
    deploy(2, "b");
    deploy(3, "b");

    assertThat(compute().deploymentFrequency().deployments()).isEqualTo(2);
    assertThat(compute().deploymentFrequency().redeployments()).isEqualTo(1);
  }

  @Test
  void daysPerWeekIncludesWeeksWithoutADeployment() {
    deploy(0, "a");
    deploy(1, "b");
    deploy(1, "c");

    assertThat(compute().deploymentFrequency().medianDaysPerWeek()).contains(1.0);
  }

  @Test
  void leadTimeRunsFromTheFirstPushToTheEndOfTheDeployment() {
    deploy(1, "a");
    var second = deploy(3, "b");
    commit("c1", second, Optional.of(second.finished().minus(Duration.ofHours(5))));
    commit("c2", second, Optional.of(second.finished().minus(Duration.ofHours(3))));

    var lead = compute().changeLeadTime();

    assertThat(lead.distribution().n()).isEqualTo(2);
    assertThat(lead.distribution().median()).contains(Duration.ofHours(4));
    assertThat(lead.distribution().p75()).contains(Duration.ofMinutes(270));
  }

  @Test
  void theFirstDeploymentEverHasNoBaseline() {
    var first = deploy(1, "a");
    commit("c1", first, Optional.of(first.finished().minus(Duration.ofDays(300))));

    assertThat(compute().changeLeadTime().unbaselined()).isEqualTo(1);
    assertThat(compute().changeLeadTime().distribution().n()).isZero();
  }

  @Test
  void aNegativeLeadTimeIsShownAsAnAnomaly() {
    deploy(1, "a");
    var second = deploy(2, "b");
    commit("late", second, Optional.of(second.finished().plusMillis(1)));

    assertThat(compute().changeLeadTime().anomalies())
        .extracting(DeliveryMetrics.Anomaly::subject, DeliveryMetrics.Anomaly::duration)
        .containsExactly(tuple("late", Duration.ofMillis(-1)));
  }

  @Test
  void aCommitWhosePushNobodySawCountsFromItsCommitDate() {
    deploy(1, "a");
    var second = deploy(2, "b");
    commit("old", second, Optional.empty());

    assertThat(compute().changeLeadTime().byCommitDate()).isEqualTo(1);
    assertThat(compute().changeLeadTime().distribution().median()).contains(Duration.ofDays(1));
  }

  @Test
  void theFailRateCountsAFailedDeploymentOnceHoweverOftenItFailed() {
    deploy(1, "a");
    var bad = deploy(2, "b");
    fail(bad, Duration.ofMinutes(1), Optional.of(Duration.ofMinutes(8)));
    fail(bad, Duration.ofMinutes(2), Optional.of(Duration.ofMinutes(4)));

    var rate = compute().changeFailRate().all();

    assertThat(rate.part()).isEqualTo(1);
    assertThat(rate.rate()).contains(0.5);
  }

  @Test
  void aDeploymentThatNoUserReachedIsNoFailureAndNoDeployment() {
    deploy(1, "a");
    addThatNobodyReached(Intent.PLANNED);

    assertThat(compute().changeFailRate().all().whole()).isEqualTo(1);
  }

  @Test
  void recoveryRunsFromTheImpactAndOpenFailuresStayOutOfTheMedian() {
    var bad = deploy(2, "b");
    var worse = deploy(3, "c");
    fail(bad, Duration.ofMinutes(1), Optional.of(Duration.ofMinutes(8)));
    fail(worse, Duration.ofMinutes(1), Optional.empty());

    var recovery = compute().failedDeploymentRecoveryTime();

    assertThat(recovery.distribution().median()).contains(Duration.ofMinutes(7));
    assertThat(recovery.distribution().n()).isEqualTo(1);
    assertThat(recovery.open()).hasSize(1);
  }

  @Test
  void impactBeforeTheDeploymentCountsFromTheDeployment() {
    var bad = deploy(2, "b");
    fail(bad, Duration.ofHours(-3), Optional.of(Duration.ofMinutes(8)));

    assertThat(compute().failedDeploymentRecoveryTime().distribution().median())
        .contains(Duration.ofMinutes(8));
  }

  @Test
  void goingBackToAnEarlierCommitIsRework() {
    deploy(1, "a");
    deploy(2, "b");
    deploy(3, "a");

    assertThat(compute().deploymentReworkRate().part()).isEqualTo(1);
    assertThat(compute().deploymentReworkRate().whole()).isEqualTo(3);
  }

  @Test
  void whatFinishedAtTheEndOfTheWindowBelongsToTheNextOne() {
    deploy(14, "a");

    assertThat(compute().deploymentFrequency().deployments()).isZero();
  }

  @Test
  void theOrderOfTheRecordsDoesNotMatter() {
    for (int day = 1; day < 12; day++) {
      var deployment = deploy(day, "sha" + (day % 7));
      commit("c" + day, deployment, Optional.of(deployment.finished().minusSeconds(day * 77L)));
    }
    var sorted = compute();
    var random = new Random(42);
    Collections.shuffle(deployments, random);
    Collections.shuffle(commits, random);

    assertThat(compute()).isEqualTo(sorted);
  }

  /// Wilson's interval of 3 of 125, computed by hand: 0.024, 0.0082 to 0.0682.
  @Test
  void aRateCarriesItsInterval() {
    var proportion = Proportion.of(3, 125);

    assertThat(proportion.low().orElseThrow()).isCloseTo(0.0082, within(0.0001));
    assertThat(proportion.high().orElseThrow()).isCloseTo(0.0682, within(0.0001));
  }

  @Test
  void refusesAShareLargerThanItsWhole() {
    assertThatThrownBy(() -> Proportion.of(2, 1)).hasMessage("2 of 1 is no share");
  }

  @Test
  void aRollbackIsNoNewDeploymentAndIsCountedApart() {
    deploy(1, "a");
    deploy(2, "b");
    add(3, "a", Intent.ROLLBACK, false);

    var frequency = compute().deploymentFrequency();

    assertThat(frequency.deployments()).isEqualTo(2);
    assertThat(frequency.rollbacks()).isEqualTo(1);
    assertThat(frequency.redeployments()).isZero();
  }

  @Test
  void theRateOfAWindowThatIsNotOverIsOverTheDaysThatHavePassed() {
    deploy(1, "a");
    deploy(2, "b");

    var metrics =
        new DeliveryMetricsCalculation(deployments, commits, failures, TWO_WEEKS, at(4)).compute();

    assertThat(metrics.partial()).isTrue();
    assertThat(metrics.deploymentFrequency().perDay()).isEqualTo(0.5);
    assertThat(metrics.deploymentFrequency().weeks()).isEqualTo(1);
    assertThat(metrics.deploymentFrequency().partialWeeks()).isEqualTo(1);
  }

  @Test
  void aCommitCountsForTheFirstDeploymentThatHoldsIt() {
    deploy(1, "a");
    var second = deploy(2, "b");
    var third = deploy(3, "c");
    var pushed = Optional.of(second.finished().minus(Duration.ofHours(1)));
    commit("c1", third, pushed);
    commit("c1", second, pushed);

    var points = compute().changeLeadTime().points();

    assertThat(points).extracting(DeliveryMetrics.Point::deployment).containsExactly(second.id());
  }

  @Test
  void aCommitWithoutACommitDateCountsFromItsAuthors() {
    deploy(1, "a");
    var second = deploy(2, "b");
    var authored = Optional.of(second.finished().minus(Duration.ofHours(2)));
    commits.add(new CommitRecord("c1", second.id(), authored, Optional.empty(), Optional.empty()));
    commits.add(
        new CommitRecord("c2", second.id(), Optional.empty(), Optional.empty(), Optional.empty()));

    var lead = compute().changeLeadTime();

    assertThat(lead.byAuthorDate()).isEqualTo(1);
    assertThat(lead.distribution().median()).contains(Duration.ofHours(2));
    assertThat(lead.undated()).containsExactly("c2");
  }

  @Test
  void recoveryCountsAFailedDeploymentOnceFromItsFirstBadMomentToItsLast() {
    var bad = deploy(2, "b");
    fail(bad, Duration.ofMinutes(1), Optional.of(Duration.ofMinutes(3)));
    fail(bad, Duration.ofMinutes(2), Optional.of(Duration.ofMinutes(9)));

    var recovery = compute().failedDeploymentRecoveryTime();

    assertThat(recovery.distribution().n()).isEqualTo(1);
    assertThat(recovery.distribution().median()).contains(Duration.ofMinutes(8));
  }

  @Test
  void aRecoveryBeforeTheTroubleIsShownAsAnAnomaly() {
    var bad = deploy(2, "b");
    fail(bad, Duration.ofMinutes(5), Optional.of(Duration.ofMinutes(3)));

    var recovery = compute().failedDeploymentRecoveryTime();

    assertThat(recovery.distribution().n()).isZero();
    assertThat(recovery.anomalies())
        .extracting(DeliveryMetrics.Anomaly::duration)
        .containsExactly(Duration.ofMinutes(-2));
  }

  @Test
  void theFailRateWithoutRemediationsLeavesOutRepairsToo() {
    deploy(1, "a");
    var bad = deploy(2, "b");
    fail(bad, Duration.ofMinutes(1), Optional.of(Duration.ofMinutes(8)));
    deployments.add(
        new DeploymentRecord(
            UUID.randomUUID(),
            "payments",
            "c",
            "c",
            at(3),
            at(3),
            true,
            true,
            false,
            Intent.PLANNED,
            List.of(bad.id())));

    assertThat(compute().changeFailRate().all().whole()).isEqualTo(3);
    assertThat(compute().changeFailRate().withoutRemediations().whole()).isEqualTo(2);
  }

  @Test
  void anAutomaticRollbackIsReworkBesideTheDeploymentThatFailed() {
    deploy(1, "a");
    add(2, "b", Intent.PLANNED, true);
    deploy(3, "c");

    var rework = compute().deploymentReworkRate();

    assertThat(rework.part()).isEqualTo(1);
    assertThat(rework.whole()).isEqualTo(4);
  }

  @Test
  void whatNoUserReachedIsNoReworkAndNoDeploymentOfTheWhole() {
    deploy(1, "a");
    addThatNobodyReached(Intent.UNPLANNED);

    assertThat(compute().deploymentReworkRate()).isEqualTo(Proportion.of(0, 1));
  }

  @Test
  void aWindowOfDaysHasWholeDaysOfItsZoneEvenWhenTheClockChanges() {
    var window =
        Window.lastDays(2, ZoneId.of("Europe/Berlin"), Instant.parse("2026-10-25T12:00:00Z"));

    assertThat(window.from()).isEqualTo("2026-10-23T22:00:00Z");
    assertThat(window.to()).isEqualTo("2026-10-25T23:00:00Z");
  }

  /// The second deployment, which ended before any user reached it.
  private void addThatNobodyReached(Intent intent) {
    deployments.add(
        new DeploymentRecord(
            UUID.randomUUID(),
            "payments",
            "b",
            "b",
            at(2),
            at(2),
            false,
            false,
            false,
            intent,
            List.of()));
  }

  private void add(int day, String commit, Intent intent, boolean rolledBack) {
    deployments.add(
        new DeploymentRecord(
            UUID.randomUUID(),
            "payments",
            commit,
            commit,
            at(day),
            at(day),
            !rolledBack,
            true,
            rolledBack,
            intent,
            List.of()));
  }

  private DeliveryMetrics compute() {
    return new DeliveryMetricsCalculation(deployments, commits, failures, TWO_WEEKS, TWO_WEEKS.to())
        .compute();
  }

  private static Instant at(int day) {
    return START.plus(Duration.ofDays(day));
  }

  private DeploymentRecord deploy(int day, String commit) {
    var deployment =
        new DeploymentRecord(
            UUID.randomUUID(),
            "payments",
            commit,
            commit,
            at(day),
            at(day),
            true,
            true,
            false,
            Intent.PLANNED,
            List.of());
    deployments.add(deployment);
    return deployment;
  }

  private void commit(String sha, DeploymentRecord deployment, Optional<Instant> pushed) {
    var committed = deployment.finished().minus(Duration.ofDays(1));
    commits.add(
        new CommitRecord(
            sha, deployment.id(), Optional.of(committed), Optional.of(committed), pushed));
  }

  private void fail(DeploymentRecord deployment, Duration impact, Optional<Duration> restored) {
    failures.add(
        new FailureRecord(
            deployment.id(),
            deployment.started().plus(impact),
            restored.map(after -> deployment.started().plus(after)),
            Optional.empty(),
            Attribution.VERIFICATION));
  }
}
