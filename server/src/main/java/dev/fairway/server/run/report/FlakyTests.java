package dev.fairway.server.run.report;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Which tests are flaky: within 14 days the test both passed and failed on the same commit in the
/// same job, and has not passed five times since it failed last.
///
/// Nothing is kept of it: it follows from the executions, and few of those are failures.
public final class FlakyTests {
  /// As far back it is looked for.
  public static final Duration WINDOW = Duration.ofDays(14);

  /// So many passes in a row clear a test.
  public static final int CLEARING_PASSES = 5;

  /// A job in which more tests failed is broken, and says nothing of any of them.
  public static final int BROKEN = 500;

  private static final int MAX_SHOWN = 500;

  private FlakyTests() {}

  /// @param failures within the window
  /// @param passesSince it failed last, below [#CLEARING_PASSES]
  public record Flaky(
      TestIdentity test, int failures, int passesSince, long lastRunNumber, Instant lastFailedAt) {}

  /// The flaky tests of a project, those that failed last first.
  public static List<Flaky> of(Handle tx, UUID project, Instant now) {
    return tx.createQuery(
            """
            WITH failed AS (
              SELECT execution.test_id, batch.id AS batch_id, batch.commit_sha, batch.job_name
              FROM test_batch batch
              JOIN test_execution execution
                ON execution.batch_id = batch.id AND execution.verdict = 1
              WHERE batch.project_id = :project AND batch.at > :since
                AND batch.failed BETWEEN 1 AND :broken
            ), both_ways AS (
              SELECT failed.test_id, count(*) AS failures, max(failed.batch_id) AS last
              FROM failed
              GROUP BY failed.test_id
              HAVING bool_or(EXISTS (
                SELECT FROM test_batch batch
                JOIN test_execution execution
                  ON execution.batch_id = batch.id AND execution.test_id = failed.test_id
                WHERE batch.project_id = :project AND batch.commit_sha = failed.commit_sha
                  AND batch.job_name = failed.job_name AND batch.at > :since
                  AND execution.verdict = 0))
            ), counted AS (
              SELECT both_ways.*, (
                SELECT count(*) FROM test_execution later
                WHERE later.test_id = both_ways.test_id AND later.batch_id > both_ways.last
                  AND later.verdict = 0) AS passes
              FROM both_ways
            )
            SELECT test.fingerprint, test.suite, test.name, counted.failures, counted.passes,
                   run.number, batch.at
            FROM counted
            JOIN test_identity test ON test.id = counted.test_id
            JOIN test_batch batch ON batch.id = counted.last
            JOIN run ON run.id = batch.run_id
            WHERE counted.passes < :clearing
            ORDER BY counted.last DESC, test.suite, test.name
            LIMIT :limit
            """)
        .bind("project", project)
        .bind("since", now.minus(WINDOW))
        .bind("broken", BROKEN)
        .bind("clearing", CLEARING_PASSES)
        .bind("limit", MAX_SHOWN)
        .map((row, _) ->
            new Flaky(
                new TestIdentity(
                    row.getObject("fingerprint", UUID.class),
                    row.getString("suite"),
                    row.getString("name")),
                row.getInt("failures"),
                row.getInt("passes"),
                row.getLong("number"),
                row.getObject("at", OffsetDateTime.class).toInstant()))
        .list();
  }
}
