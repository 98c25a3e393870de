package dev.fairway.server.run;

import dev.fairway.api.ResolvedAction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Which commits the references of a job's actions meant.
final class JobActions {
  private JobActions() {}

  /// Adds what the job resolved; asked again, a reference keeps its commit.
  static void add(Handle tx, UUID job, Collection<ResolvedAction> actions) {
    for (var action : actions) {
      tx.createUpdate(
              """
              INSERT INTO job_action (job_id, reference, repository, sha)
              VALUES (:job, :reference, :repository, :sha)
              ON CONFLICT DO NOTHING
              """)
          .bind("job", job)
          .bindMethods(action)
          .execute();
    }
  }

  /// What jobs resolved, each by reference; one that resolved nothing is missing.
  static Map<UUID, List<ResolvedAction>> of(Handle tx, List<UUID> jobs) {
    return tx
        .createQuery(
            """
            SELECT job_id, reference, repository, sha
            FROM unnest((SELECT CAST(:jobs AS uuid[]))) AS wanted (job_id)
            JOIN job_action USING (job_id)
            ORDER BY reference
            """)
        .bindArray("jobs", UUID.class, jobs)
        .map((row, _) -> Map.entry(Columns.id(row, "job_id"), action(row)))
        .stream()
        .collect(
            Collectors.groupingBy(
                Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
  }

  private static ResolvedAction action(ResultSet row) throws SQLException {
    return new ResolvedAction(
        row.getString("reference"), row.getString("repository"), row.getString("sha"));
  }

  /// What the job resolved, by reference.
  static List<ResolvedAction> of(Handle tx, UUID job) {
    return tx.createQuery(
            """
            SELECT reference, repository, sha FROM job_action WHERE job_id = :job ORDER BY reference
            """)
        .bind("job", job)
        .map((row, _) -> action(row))
        .list();
  }
}
