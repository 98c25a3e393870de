package dev.fairway.server.run.report;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The table `coverage_report`.
public final class CoverageResults {
  private CoverageResults() {}

  /// The sums over all reports of a run.
  ///
  /// @param branches 0 where no report counts them
  public record Totals(long coveredLines, long lines, long coveredBranches, long branches) {
    /// Of the lines, in percent with one decimal, rounded down: 100 is said of all lines only.
    public double linePercent() {
      return percent(coveredLines, lines);
    }

    /// Of the branches, as above.
    public double branchPercent() {
      return percent(coveredBranches, branches);
    }

    private static double percent(long covered, long of) {
      return of == 0 ? 0 : Math.floorDiv(covered * 1_000, of) / 10.0;
    }
  }

  /// The coverage of one run of many.
  public record OfRun(long runNumber, String commit, Instant at, Totals totals) {}

  /// Keeps the reports of an artifact; the artifact uploaded again replaces them.
  static void keep(Handle tx, UUID run, UUID job, String artifact, List<Coverage> reports) {
    drop(tx, job, artifact);
    for (var report : reports) {
      tx.createUpdate(
              """
              INSERT INTO coverage_report (job_id, artifact, file, run_id, covered_lines, lines,
                                           covered_branches, branches)
              VALUES (:job, :artifact, :file, :run, :coveredLines, :lines, :coveredBranches,
                      :branches)
              ON CONFLICT DO NOTHING
              """)
          .bind("job", job)
          .bind("artifact", artifact)
          .bind("file", CaseCollector.cut(report.file(), CaseCollector.MAX_NAME_CHARS))
          .bind("run", run)
          .bind("coveredLines", report.coveredLines())
          .bind("lines", report.lines())
          .bind("coveredBranches", report.coveredBranches())
          .bind("branches", report.branches())
          .execute();
    }
  }

  static void drop(Handle tx, UUID job, String artifact) {
    tx.createUpdate("DELETE FROM coverage_report WHERE job_id = :job AND artifact = :artifact")
        .bind("job", job)
        .bind("artifact", artifact)
        .execute();
  }

  /// Over the attempts that count; empty where no report counts a line.
  public static Optional<Totals> totals(Handle tx, UUID run) {
    return tx.createQuery(
            """
            SELECT sum(covered_lines) AS covered_lines, sum(lines) AS lines,
                   sum(covered_branches) AS covered_branches, sum(branches) AS branches
            FROM coverage_report JOIN job ON job.id = coverage_report.job_id AND job.current
            WHERE coverage_report.run_id = :run
            HAVING sum(lines) > 0
            """)
        .bind("run", run)
        .map((row, _) ->
            new Totals(
                row.getLong("covered_lines"),
                row.getLong("lines"),
                row.getLong("covered_branches"),
                row.getLong("branches")))
        .findOne();
  }

  /// Of a project's ended runs on a branch that have a number, the latest first.
  public static List<OfRun> ofBranch(Handle tx, UUID project, String ref, int limit) {
    return tx.createQuery(
            """
            SELECT run.number, run.commit_sha, run.created_at, sum(covered_lines) AS covered_lines,
                   sum(lines) AS lines, sum(covered_branches) AS covered_branches,
                   sum(branches) AS branches
            FROM (
              SELECT * FROM run
              WHERE project_id = :project AND ref = :ref AND phase = 'ended'
                AND EXISTS (SELECT FROM coverage_report WHERE coverage_report.run_id = run.id)
              ORDER BY number DESC
              LIMIT :limit
            ) run
            JOIN coverage_report ON coverage_report.run_id = run.id
            JOIN job ON job.id = coverage_report.job_id AND job.current
            GROUP BY run.id, run.number, run.commit_sha, run.created_at
            HAVING sum(lines) > 0
            ORDER BY run.number DESC
            """)
        .bind("project", project)
        .bind("ref", ref)
        .bind("limit", limit)
        .map((row, _) ->
            new OfRun(
                row.getLong("number"),
                row.getString("commit_sha"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                new Totals(
                    row.getLong("covered_lines"),
                    row.getLong("lines"),
                    row.getLong("covered_branches"),
                    row.getLong("branches"))))
        .list();
  }
}
