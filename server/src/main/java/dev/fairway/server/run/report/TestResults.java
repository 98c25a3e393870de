package dev.fairway.server.run.report;

import dev.fairway.server.db.Ids;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The tables `test_report` and `test_result`.
public final class TestResults {
  /// As many cases come on a page.
  private static final int MAX_SHOWN = 500;

  private TestResults() {}

  /// The counts of a run or a job.
  public record Totals(int passed, int failed, int skipped, long durationMillis) {
    public int all() {
      return passed + failed + skipped;
    }
  }

  /// A case that did not pass.
  ///
  /// @param job the job that uploaded it
  public record Shown(
      UUID jobId,
      String job,
      String suite,
      String name,
      TestReport.Verdict verdict,
      String message,
      String detail,
      long durationMillis) {}

  /// Keeps the reports of an artifact; the artifact uploaded again replaces them.
  public static void keep(
      Handle tx, UUID run, UUID job, String artifact, List<TestReport> reports) {
    tx.createUpdate("DELETE FROM test_report WHERE job_id = :job AND artifact = :artifact")
        .bind("job", job)
        .bind("artifact", artifact)
        .execute();
    for (var report : reports) {
      var id = Ids.next();
      var kept =
          tx.createUpdate(
                  """
                  INSERT INTO test_report (id, run_id, job_id, artifact, file, passed, failed,
                                           skipped, duration_ms)
                  VALUES (:id, :run, :job, :artifact, :file, :passed, :failed, :skipped, :millis)
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
              .bind("millis", report.durationMillis())
              .execute();
      if (kept == 1) {
        keepCases(tx, id, report);
      }
    }
  }

  private static void keepCases(Handle tx, UUID id, TestReport report) {
    var batch =
        tx.prepareBatch(
            """
            INSERT INTO test_result (report_id, position, suite, name, verdict, message, detail,
                                     duration_ms)
            VALUES (:id, :position, :suite, :name, :verdict, :message, :detail, :millis)
            """);
    var position = 0;
    for (var found : report.cases()) {
      batch
          .bind("id", id)
          .bind("position", position++)
          .bind("suite", found.suite())
          .bind("name", found.name())
          .bind("verdict", found.verdict().name().toLowerCase(Locale.ROOT))
          .bind("message", found.message())
          .bind("detail", found.detail())
          .bind("millis", found.durationMillis())
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
                   COALESCE(sum(skipped), 0) AS skipped, COALESCE(sum(duration_ms), 0) AS millis
            FROM test_report JOIN job ON job.id = test_report.job_id AND job.current
            WHERE test_report.run_id = :run
            """)
        .bind("run", run)
        .map((row, _) ->
            new Totals(
                row.getInt("passed"),
                row.getInt("failed"),
                row.getInt("skipped"),
                row.getLong("millis")))
        .one();
  }

  /// The cases that did not pass, failures first.
  public static List<Shown> cases(Handle tx, UUID run) {
    return tx.createQuery(
            """
            SELECT job.id AS job_id, job.name AS job, suite, test_result.name, verdict, message,
                   detail, test_result.duration_ms
            FROM test_result
            JOIN test_report ON test_report.id = test_result.report_id
            JOIN job ON job.id = test_report.job_id AND job.current
            WHERE test_report.run_id = :run
            ORDER BY verdict, job.position, job.matrix_index, file, test_result.position
            LIMIT :limit
            """)
        .bind("run", run)
        .bind("limit", MAX_SHOWN)
        .map((row, _) ->
            new Shown(
                row.getObject("job_id", UUID.class),
                row.getString("job"),
                row.getString("suite"),
                row.getString("name"),
                TestReport.Verdict.valueOf(row.getString("verdict").toUpperCase(Locale.ROOT)),
                row.getString("message"),
                row.getString("detail"),
                row.getLong("duration_ms")))
        .list();
  }
}
