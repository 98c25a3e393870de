package dev.fairway.server.run.report;

import dev.fairway.server.db.Ids;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What the reports of a run say: the tables `test_report` and `test_result`.
public final class TestResults {
  /// As many cases come on a page.
  private static final int MAX_SHOWN = 500;

  private static final int MAX_NEW = 5_000;

  private TestResults() {}

  /// The counts of a run or a job.
  ///
  /// @param failed those that are tolerated too
  /// @param tolerated failures of tests that were in quarantine when they arrived
  public record Totals(int passed, int failed, int tolerated, int skipped, long durationMillis) {
    public int all() {
      return passed + failed + skipped;
    }
  }

  /// A case that did not pass.
  ///
  /// @param test its fingerprint
  /// @param job the job that uploaded it
  /// @param tolerated whether the test was in quarantine when the failure arrived
  public record Shown(
      UUID test,
      UUID jobId,
      String job,
      String suite,
      String name,
      TestReport.Verdict verdict,
      String message,
      String detail,
      long durationMillis,
      boolean tolerated) {}

  /// Keeps what an artifact holds; the artifact uploaded again replaces it.
  ///
  /// @param quarantined fingerprints of the tests whose failures are tolerated now
  public static void keep(
      Handle tx,
      TestHistory.Origin origin,
      ReportZip.Found found,
      Set<UUID> quarantined,
      Instant at) {
    keep(tx, origin.run(), origin.job(), origin.artifact(), found.reports(), quarantined);
    TestHistory.keep(tx, origin, found.reports(), at);
    CoverageResults.keep(tx, origin.run(), origin.job(), origin.artifact(), found.coverage());
  }

  /// Forgets what an artifact of a job held.
  public static void forget(Handle tx, UUID job, String artifact) {
    drop(tx, job, artifact);
    TestHistory.drop(tx, job, artifact);
    CoverageResults.drop(tx, job, artifact);
  }

  private static void drop(Handle tx, UUID job, String artifact) {
    tx.createUpdate("DELETE FROM test_report WHERE job_id = :job AND artifact = :artifact")
        .bind("job", job)
        .bind("artifact", artifact)
        .execute();
  }

  private static void keep(
      Handle tx,
      UUID run,
      UUID job,
      String artifact,
      List<TestReport> reports,
      Set<UUID> quarantined) {
    drop(tx, job, artifact);
    for (var report : reports) {
      var id = Ids.next();
      var kept =
          tx.createUpdate(
                  """
                  INSERT INTO test_report (id, run_id, job_id, artifact, file, passed, failed,
                                           skipped, tolerated, duration_ms)
                  VALUES (:id, :run, :job, :artifact, :file, :passed, :failed, :skipped,
                          :tolerated, :millis)
                  ON CONFLICT DO NOTHING
                  """)
              .bind("id", id)
              .bind("run", run)
              .bind("job", job)
              .bind("artifact", artifact)
              .bind("file", report.file())
              .bind("passed", report.passed())
              .bind("failed", report.failed())
              .bind("skipped", report.skipped())
              .bind("tolerated", tolerated(report, quarantined))
              .bind("millis", report.durationMillis())
              .execute();
      if (kept == 1) {
        keepCases(tx, id, report, quarantined);
      }
    }
  }

  /// How many of the report's failures are of tests in quarantine.
  public static int tolerated(TestReport report, Set<UUID> quarantined) {
    return quarantined.isEmpty()
        ? 0
        : (int)
            report.executions().stream()
                .filter(one -> one.verdict() == TestReport.Verdict.FAILED)
                .filter(
                    one -> quarantined.contains(TestIdentity.fingerprint(one.suite(), one.name())))
                .count();
  }

  private static void keepCases(Handle tx, UUID id, TestReport report, Set<UUID> quarantined) {
    var batch =
        tx.prepareBatch(
            """
            INSERT INTO test_result (report_id, position, suite, name, verdict, message, detail,
                                     duration_ms, tolerated)
            VALUES (:id, :position, :suite, :name, :verdict, :message, :detail, :millis, :tolerated)
            """);
    var position = 0;
    for (var found : report.cases()) {
      batch
          .bind("id", id)
          .bind("position", position++)
          .bind("suite", found.suite())
          .bind("name", found.name())
          .bind("verdict", found.verdict().word())
          .bind("message", found.message())
          .bind("detail", found.detail())
          .bind("millis", found.durationMillis())
          .bind(
              "tolerated",
              found.verdict() == TestReport.Verdict.FAILED
                  && quarantined.contains(TestIdentity.fingerprint(found.suite(), found.name())))
          .add();
    }
    if (position > 0) {
      batch.execute();
    }
  }

  /// The counts over the attempts that count.
  public static Totals totals(Handle tx, UUID run) {
    return tx.createQuery(
            """
            SELECT COALESCE(sum(passed), 0) AS passed, COALESCE(sum(failed), 0) AS failed,
                   COALESCE(sum(tolerated), 0) AS tolerated,
                   COALESCE(sum(skipped), 0) AS skipped, COALESCE(sum(duration_ms), 0) AS millis
            FROM test_report JOIN job ON job.id = test_report.job_id AND job.current
            WHERE test_report.run_id = :run
            """)
        .bind("run", run)
        .map((row, _) ->
            new Totals(
                row.getInt("passed"),
                row.getInt("failed"),
                row.getInt("tolerated"),
                row.getInt("skipped"),
                row.getLong("millis")))
        .one();
  }

  /// The cases that did not pass, failures first.
  public static List<Shown> cases(Handle tx, UUID run) {
    return tx.createQuery(
            """
            SELECT job.id AS job_id, job.name AS job, suite, test_result.name, verdict, message,
                   detail, test_result.duration_ms, test_result.tolerated
            FROM test_result
            JOIN test_report ON test_report.id = test_result.report_id
            JOIN job ON job.id = test_report.job_id AND job.current
            WHERE test_report.run_id = :run
            ORDER BY verdict, test_result.tolerated, job.position, job.matrix_index, file, test_result.position
            LIMIT :limit
            """)
        .bind("run", run)
        .bind("limit", MAX_SHOWN)
        .map((row, _) ->
            new Shown(
                TestIdentity.fingerprint(row.getString("suite"), row.getString("name")),
                row.getObject("job_id", UUID.class),
                row.getString("job"),
                row.getString("suite"),
                row.getString("name"),
                TestReport.Verdict.ofWord(row.getString("verdict")),
                row.getString("message"),
                row.getString("detail"),
                row.getLong("duration_ms"),
                row.getBoolean("tolerated")))
        .list();
  }

  /// The failures of a run that another one had not, in the job of that name.
  public static Set<UUID> newFailures(Handle tx, UUID run, UUID base) {
    return Set.copyOf(
        tx.createQuery(
                """
                SELECT DISTINCT test.fingerprint
                FROM test_batch batch
                JOIN job ON job.id = batch.job_id AND job.current
                JOIN test_execution execution
                  ON execution.batch_id = batch.id AND execution.verdict = 1
                JOIN test_identity test ON test.id = execution.test_id
                WHERE batch.run_id = :run
                  AND NOT EXISTS (
                    SELECT FROM test_batch before
                    JOIN test_execution earlier
                      ON earlier.batch_id = before.id AND earlier.test_id = execution.test_id
                    WHERE before.run_id = :base AND before.job_name = batch.job_name
                      AND earlier.verdict = 1)
                LIMIT :limit
                """)
            .bind("run", run)
            .bind("base", base)
            .bind("limit", MAX_NEW)
            .mapTo(UUID.class)
            .list());
  }
}
