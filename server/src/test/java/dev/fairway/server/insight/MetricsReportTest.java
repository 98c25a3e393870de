package dev.fairway.server.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.fairway.api.Json;
import dev.fairway.server.TickingClock;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.insight.MetricsReport.Figure;
import dev.fairway.server.source.SourceModule;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The metrics as the rows of delivery and source, and a real repository, have them.
final class MetricsReportTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path folder;

  private TestDatabase test;
  private SourceModule source;
  private Metrics metrics;

  @BeforeEach
  void start() {
    var clock = new TickingClock(NOW);
    test = TestDatabase.create();
    source =
        SourceModule.create(test.database(), new Evidence(clock), clock, folder, UUID.randomUUID());
    var lineage = new Lineage(test.database(), source.projects());
    metrics = new Metrics(new HistoryReader(test.database(), lineage), clock);
  }

  @AfterEach
  void stop() {
    source.close();
    test.close();
  }

  private DeliveredHistory fill() {
    var history = new DeliveredHistory(test.database(), source, folder);
    history.fill();
    return history;
  }

  private MetricsReport report() {
    return metrics.report(null, 30, ZoneOffset.UTC);
  }

  private static Figure figure(MetricsReport report, String metric) {
    return report.figures().stream()
        .filter(figure -> figure.metric().equals(metric))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutAnEnvironmentThereIsNoFigureNotEvenZero() {
    var report = report();

    assertThat(report.environment()).isNull();
    assertThat(report.figures()).extracting(Figure::value).containsOnly("–");
    assertThat(figure(report, "deployment_frequency").numbers()).containsEntry("perDay", null);
  }

  @Test
  void anEnvironmentWithoutDeploymentsHasAFrequencyOfZero() {
    var unused = new DeliveredHistory(test.database(), source, folder);

    assertThat(unused).isNotNull();
    assertThat(report().environment()).isEqualTo("production");
    assertThat(figure(report(), "deployment_frequency").value()).isEqualTo("0 per day");
    assertThat(figure(report(), "change_fail_rate").value()).isEqualTo("–");
  }

  @Test
  void countsWhatReachedProductionAndSaysWhatItLeavesOut() {
    fill();

    var report = report();
    var frequency = figure(report, "deployment_frequency");

    assertThat(frequency.n()).isEqualTo(4);
    assertThat(frequency.exclusions()).contains("1 rollback to what users had before");
    assertThat(report.inputs()).isEqualTo(new MetricsReport.Inputs(8, 7, 5, 3));
    assertThat(report.window().partial()).isTrue();
    assertThat(report.notes()).singleElement().asString().startsWith("1 deployment ended before");
  }

  @Test
  void leadTimeIsThatOfTheCommitsWhichGitSaysADeploymentBrought() {
    var history = fill();

    var report = report();

    assertThat(report.commits())
        .extracting(MetricsReport.CommitLine::deployment, MetricsReport.CommitLine::leadMillis)
        .containsExactlyInAnyOrder(
            tuple(history.deployment("good"), 26 * 3_600_000L),
            tuple(history.deployment("good"), 2 * 3_600_000L),
            tuple(history.deployment("repair"), 5 * 3_600_000L),
            tuple(history.deployment("repair"), 3 * 3_600_000L));
    assertThat(figure(report, "change_lead_time").value()).isEqualTo("4 h");
    assertThat(figure(report, "change_lead_time").exclusions())
        .containsExactly(
            "1 first deployment of a service, which has no baseline",
            "1 commit deployed before it was pushed or made");
    assertThat(report.anomalies())
        .singleElement()
        .satisfies(anomaly ->
            assertThat(anomaly.what())
                .endsWith("was deployed 30 min before it was pushed or made"));
  }

  @Test
  void failuresAreWhatVerificationOrAPersonSaysAndTheOpenOnesStayOpen() {
    var history = fill();

    var report = report();

    assertThat(figure(report, "change_fail_rate").numbers())
        .containsEntry("part", 3L)
        .containsEntry("whole", 7L);
    assertThat(figure(report, "change_fail_rate").detail())
        .isEqualTo("3 failed; without remediations 3 of 5");
    assertThat(report.failures())
        .extracting(
            MetricsReport.FailureLine::deployment,
            MetricsReport.FailureLine::millis,
            MetricsReport.FailureLine::attribution)
        .containsExactly(
            tuple(history.deployment("stuck"), 86_430_000L, "its verification failed"),
            tuple(history.deployment("late"), 120_000L, "a person rolled it back"),
            tuple(history.deployment("bad"), 8_000L, "its verification failed"));
    assertThat(report.open()).hasSize(1);
    assertThat(figure(report, "failed_deployment_recovery_time").value()).isEqualTo("1 min 4 s");
  }

  @Test
  void reworkIsTheRevertTheRollbackByHandAndTheOneByItself() {
    fill();

    assertThat(figure(report(), "deployment_rework_rate").numbers())
        .containsEntry("part", 3L)
        .containsEntry("whole", 8L);
  }

  @Test
  void oneServiceIsAloneAndAnUnknownOneIsRefused() {
    fill();

    assertThat(metrics.report("ledger", 30, ZoneOffset.UTC).deployments()).hasSize(1);
    assertThatThrownBy(() -> metrics.report("shoe", 30, ZoneOffset.UTC))
        .hasMessage("No service 'shoe' was ever deployed to production");
  }

  @Test
  void theSameRowsGiveTheSameBytes() {
    fill();

    assertThat(Json.MAPPER.writeValueAsString(report()))
        .isEqualTo(Json.MAPPER.writeValueAsString(report()));
  }
}
