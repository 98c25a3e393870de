package dev.fairway.server.run.report;

import dev.fairway.server.run.report.TestReport.Execution;
import dev.fairway.server.run.report.TestReport.Verdict;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The tables `test_identity`, `test_batch` and `test_execution`: which test did what, when.
public final class TestHistory {
  /// So much of a test's history comes on a page.
  private static final int MAX_SHOWN = 100;

  /// As many rows go into one statement.
  private static final int CHUNK = 5_000;

  /// A test's name may have so many characters to be looked for.
  public static final int MAX_QUERY_CHARS = 200;

  private TestHistory() {}

  /// Where executions come from.
  ///
  /// @param jobName with the values of its matrix
  public record Origin(
      UUID project, UUID run, UUID job, String jobName, String artifact, String commit) {}

  /// One execution of one test.
  ///
  /// @param ref of the run, such as `refs/heads/main`
  public record Entry(
      long runNumber,
      UUID jobId,
      String job,
      String ref,
      String commit,
      Instant at,
      Verdict verdict,
      long durationMillis) {}

  /// A test with one execution of it.
  public record Latest(
      TestIdentity test, Verdict verdict, long durationMillis, long runNumber, Instant at) {}

  /// Keeps what the reports of an artifact say of each test; the artifact again replaces it.
  static void keep(Handle tx, Origin origin, List<TestReport> reports, Instant at) {
    var executions = merged(reports);
    drop(tx, origin.job(), origin.artifact());
    if (executions.isEmpty()) {
      return;
    }
    var batch =
        tx.createQuery(
                """
                INSERT INTO test_batch (project_id, run_id, job_id, job_name, artifact, commit_sha, at,
                                        failed)
                VALUES (:project, :run, :job, :jobName, :artifact, :commit, :at, :failed)
                RETURNING id
                """)
            .bind("project", origin.project())
            .bind("run", origin.run())
            .bind("job", origin.job())
            .bind("jobName", origin.jobName())
            .bind("artifact", origin.artifact())
            .bind("commit", origin.commit())
            .bind("at", at)
            .bind(
                "failed",
                executions.values().stream().filter(e -> e.verdict() == Verdict.FAILED).count())
            .mapTo(Long.class)
            .one();
    var all = new ArrayList<>(executions.entrySet());
    for (var from = 0; from < all.size(); from += CHUNK) {
      insert(tx, origin.project(), batch, all.subList(from, Math.min(all.size(), from + CHUNK)));
    }
  }

  /// One execution for each test: of several, such as the rows of a table or another try, the worst
  /// counts, and their times add up. In the order of the fingerprints, so that two who write the
  /// same new tests wait for each other and never in a circle.
  private static Map<UUID, Execution> merged(List<TestReport> reports) {
    var merged = new TreeMap<UUID, Execution>();
    for (var report : reports) {
      for (var one : report.executions()) {
        merged.merge(TestIdentity.fingerprint(one.suite(), one.name()), one, TestHistory::worse);
      }
    }
    return merged;
  }

  private static Execution worse(Execution a, Execution b) {
    var verdict =
        a.verdict() == Verdict.FAILED || b.verdict() == Verdict.FAILED
            ? Verdict.FAILED
            : a.verdict() == Verdict.PASSED ? a.verdict() : b.verdict();
    return new Execution(a.suite(), a.name(), verdict, a.durationMillis() + b.durationMillis());
  }

  private static void insert(
      Handle tx, UUID project, long batch, List<Map.Entry<UUID, Execution>> executions) {
    var fingerprints = executions.stream().map(Map.Entry::getKey).toArray(UUID[]::new);
    tx.createUpdate(
            """
            INSERT INTO test_identity (project_id, fingerprint, suite, name)
            SELECT :project, fresh.fingerprint, fresh.suite, fresh.name
            FROM unnest(CAST(:fingerprints AS uuid[]), CAST(:suites AS text[]),
                        CAST(:names AS text[])) AS fresh (fingerprint, suite, name)
            WHERE NOT EXISTS (SELECT FROM test_identity known
                              WHERE known.project_id = :project
                                AND known.fingerprint = fresh.fingerprint)
            ORDER BY fresh.fingerprint
            ON CONFLICT DO NOTHING
            """)
        .bind("project", project)
        .bindArray("fingerprints", UUID.class, (Object[]) fingerprints)
        .bindArray(
            "suites", String.class, executions.stream().map(e -> e.getValue().suite()).toList())
        .bindArray(
            "names", String.class, executions.stream().map(e -> e.getValue().name()).toList())
        .execute();
    tx.createUpdate(
            """
            INSERT INTO test_execution (test_id, batch_id, verdict, duration_ms)
            SELECT known.id, :batch, fresh.verdict, fresh.millis
            FROM unnest(CAST(:fingerprints AS uuid[]), CAST(:verdicts AS smallint[]),
                        CAST(:millis AS int[])) AS fresh (fingerprint, verdict, millis)
            JOIN test_identity known
              ON known.project_id = :project AND known.fingerprint = fresh.fingerprint
            """)
        .bind("batch", batch)
        .bind("project", project)
        .bindArray("fingerprints", UUID.class, (Object[]) fingerprints)
        .bindArray(
            "verdicts",
            Integer.class,
            executions.stream().map(e -> e.getValue().verdict().code()).toList())
        .bindArray(
            "millis",
            Integer.class,
            executions.stream()
                .map(e -> (int) Math.min(Integer.MAX_VALUE, e.getValue().durationMillis()))
                .toList())
        .execute();
  }

  static void drop(Handle tx, UUID job, String artifact) {
    tx.createUpdate(
            """
            WITH gone AS (
              DELETE FROM test_batch WHERE job_id = :job AND artifact = :artifact RETURNING id
            )
            DELETE FROM test_execution WHERE batch_id = ANY (ARRAY(SELECT id FROM gone))
            """)
        .bind("job", job)
        .bind("artifact", artifact)
        .execute();
  }

  /// Forgets batches that are older, at most so many at once.
  ///
  /// @return how many it forgot
  public static int forget(Handle tx, Instant before, int limit) {
    return tx.createQuery(
            """
            WITH gone AS (
              DELETE FROM test_batch
              WHERE id IN (SELECT id FROM test_batch WHERE at < :before ORDER BY at LIMIT :limit
                           FOR UPDATE SKIP LOCKED)
              RETURNING id
            ), executions AS (
              DELETE FROM test_execution WHERE batch_id = ANY (ARRAY(SELECT id FROM gone))
            )
            SELECT count(*) FROM gone
            """)
        .bind("before", before)
        .bind("limit", limit)
        .mapTo(Integer.class)
        .one();
  }

  /// The test with that fingerprint.
  public static Optional<TestIdentity> find(Handle tx, UUID project, UUID fingerprint) {
    return tx.createQuery(
            """
            SELECT fingerprint, suite, name FROM test_identity
            WHERE project_id = :project AND fingerprint = :fingerprint
            """)
        .bind("project", project)
        .bind("fingerprint", fingerprint)
        .map((row, _) ->
            new TestIdentity(
                row.getObject("fingerprint", UUID.class),
                row.getString("suite"),
                row.getString("name")))
        .findOne();
  }

  /// What a test did, the latest first.
  public static List<Entry> of(Handle tx, UUID project, UUID fingerprint) {
    return tx.createQuery(
            """
            SELECT run.number, batch.job_id, batch.job_name, run.ref, batch.commit_sha, batch.at,
                   execution.verdict, execution.duration_ms
            FROM test_identity test
            JOIN test_execution execution ON execution.test_id = test.id
            JOIN test_batch batch ON batch.id = execution.batch_id
            JOIN run ON run.id = batch.run_id
            WHERE test.project_id = :project AND test.fingerprint = :fingerprint
            ORDER BY execution.batch_id DESC
            LIMIT :limit
            """)
        .bind("project", project)
        .bind("fingerprint", fingerprint)
        .bind("limit", MAX_SHOWN)
        .map((row, _) ->
            new Entry(
                row.getLong("number"),
                row.getObject("job_id", UUID.class),
                row.getString("job_name"),
                row.getString("ref"),
                row.getString("commit_sha"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                Verdict.ofCode(row.getInt("verdict")),
                row.getLong("duration_ms")))
        .list();
  }

  /// The tests of a run that took longest.
  public static List<Latest> slowest(Handle tx, UUID run, int limit) {
    return tx.createQuery(
            """
            SELECT test.fingerprint, test.suite, test.name, slow.verdict, slow.duration_ms,
                   slow.number, slow.at
            FROM (
              SELECT execution.test_id, execution.verdict, execution.duration_ms, run.number,
                     batch.at
              FROM test_batch batch
              JOIN run ON run.id = batch.run_id
              JOIN job ON job.id = batch.job_id AND job.current
              JOIN test_execution execution ON execution.batch_id = batch.id
              WHERE batch.run_id = :run AND execution.verdict <> 2
              ORDER BY execution.duration_ms DESC
              LIMIT :limit
            ) slow
            JOIN test_identity test ON test.id = slow.test_id
            ORDER BY slow.duration_ms DESC, test.suite, test.name
            """)
        .bind("run", run)
        .bind("limit", limit)
        .map((row, _) -> latest(row))
        .list();
  }

  /// The tests that failed in a run.
  public static List<Latest> failed(Handle tx, UUID run, int limit) {
    return tx.createQuery(
            """
            SELECT test.fingerprint, test.suite, test.name, execution.verdict,
                   execution.duration_ms, run.number, batch.at
            FROM test_batch batch
            JOIN run ON run.id = batch.run_id
            JOIN job ON job.id = batch.job_id AND job.current
            JOIN test_execution execution ON execution.batch_id = batch.id
            JOIN test_identity test ON test.id = execution.test_id
            WHERE batch.run_id = :run AND execution.verdict = 1
            ORDER BY test.suite, test.name
            LIMIT :limit
            """)
        .bind("run", run)
        .bind("limit", limit)
        .map((row, _) -> latest(row))
        .list();
  }

  /// Tests whose suite or name has the text, in either case, by name.
  public static List<Latest> named(Handle tx, UUID project, String text, int limit) {
    return tx.createQuery(
            """
            SELECT test.fingerprint, test.suite, test.name, last.verdict, last.duration_ms,
                   last.number, last.at
            FROM (
              SELECT * FROM test_identity
              WHERE project_id = :project
                AND position(lower(:text) IN lower(suite || '.' || name)) > 0
              ORDER BY suite, name
              LIMIT :limit
            ) test
            JOIN LATERAL (
              SELECT execution.verdict, execution.duration_ms, run.number, batch.at
              FROM test_execution execution
              JOIN test_batch batch ON batch.id = execution.batch_id
              JOIN run ON run.id = batch.run_id
              WHERE execution.test_id = test.id
              ORDER BY execution.batch_id DESC
              LIMIT 1
            ) last ON true
            ORDER BY test.suite, test.name
            """)
        .bind("project", project)
        .bind("text", text)
        .bind("limit", limit)
        .map((row, _) -> latest(row))
        .list();
  }

  /// Those tests with the newest execution of each, by name.
  public static List<Latest> newest(Handle tx, UUID project, Collection<UUID> fingerprints) {
    return tx.createQuery(
            """
            SELECT test.fingerprint, test.suite, test.name, last.verdict, last.duration_ms,
                   last.number, last.at
            FROM test_identity test
            JOIN LATERAL (
              SELECT execution.verdict, execution.duration_ms, run.number, batch.at
              FROM test_execution execution
              JOIN test_batch batch ON batch.id = execution.batch_id
              JOIN run ON run.id = batch.run_id
              WHERE execution.test_id = test.id
              ORDER BY execution.batch_id DESC
              LIMIT 1
            ) last ON true
            WHERE test.project_id = :project
              AND test.fingerprint = ANY (CAST(:fingerprints AS uuid[]))
            ORDER BY test.suite, test.name
            """)
        .bind("project", project)
        .bindArray("fingerprints", UUID.class, fingerprints.toArray())
        .map((row, _) -> latest(row))
        .list();
  }

  private static Latest latest(ResultSet row) throws SQLException {
    return new Latest(
        new TestIdentity(
            row.getObject("fingerprint", UUID.class),
            row.getString("suite"),
            row.getString("name")),
        Verdict.ofCode(row.getInt("verdict")),
        row.getLong("duration_ms"),
        row.getLong("number"),
        row.getObject("at", OffsetDateTime.class).toInstant());
  }
}
