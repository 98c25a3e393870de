package dev.fairway.server.run;

import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What a run is compared with: the newest earlier run of the same workflow on the default branch
/// that has ended.
final class Baseline {
  private Baseline() {}

  /// One that has test results.
  ///
  /// @param defaultRef such as `refs/heads/main`
  static Optional<Base> ofTests(Handle tx, Run run, String defaultRef) {
    return earlier(
        tx,
        run,
        defaultRef,
        """
        SELECT id, number FROM run
        WHERE project_id = :project AND workflow_path = :workflow AND number < :number
          AND ref = :ref AND phase = 'ended'
          AND EXISTS (SELECT FROM test_batch WHERE test_batch.run_id = run.id)
        ORDER BY number DESC LIMIT 1
        """);
  }

  /// One that has coverage.
  static Optional<Base> ofCoverage(Handle tx, Run run, String defaultRef) {
    return earlier(
        tx,
        run,
        defaultRef,
        """
        SELECT id, number FROM run
        WHERE project_id = :project AND workflow_path = :workflow AND number < :number
          AND ref = :ref AND phase = 'ended'
          AND EXISTS (SELECT FROM coverage_report WHERE coverage_report.run_id = run.id)
        ORDER BY number DESC LIMIT 1
        """);
  }

  /// The newest run of the project on its default branch that has test results.
  static Optional<Base> newestWithTests(Handle tx, UUID project, String defaultRef) {
    return tx.createQuery(
            """
            SELECT id, number FROM run
            WHERE project_id = :project AND ref = :ref AND phase = 'ended'
              AND EXISTS (SELECT FROM test_batch WHERE test_batch.run_id = run.id)
            ORDER BY number DESC LIMIT 1
            """)
        .bind("project", project)
        .bind("ref", defaultRef)
        .map((row, _) -> new Base(row.getObject("id", UUID.class), row.getLong("number")))
        .findOne();
  }

  private static Optional<Base> earlier(Handle tx, Run run, String defaultRef, String query) {
    return tx.createQuery(query)
        .bind("project", run.projectId())
        .bind("workflow", run.workflowPath())
        .bind("number", run.number())
        .bind("ref", defaultRef)
        .map((row, _) -> new Base(row.getObject("id", UUID.class), row.getLong("number")))
        .findOne();
  }

  record Base(UUID run, long number) {}
}
