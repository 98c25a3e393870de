package dev.fairway.server.run;

import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The table `raised_event`: what happened and may start workflows of a default branch. It is
/// written in the transaction in which it happened, and only where a workflow waits for it.
final class Events {
  /// Notified when an event was raised.
  static final String CHANNEL = "event_raised";

  static final String WORKFLOW_RUN = "workflow_run";
  static final String REPOSITORY_DISPATCH = "repository_dispatch";

  /// So many runs lead to one another by `workflow_run`; the last one leads to none.
  static final int MAX_DEPTH = 3;

  private Events() {}

  /// An event that fails so often is dropped.
  private static final int MAX_ATTEMPTS = 5;

  /// Notes that an event could not be handled.
  ///
  /// @return whether it is tried again
  static boolean failed(Handle tx, long id) {
    var attempts =
        tx.createQuery(
                """
                UPDATE raised_event SET attempts = attempts + 1 WHERE id = :id RETURNING attempts
                """)
            .bind("id", id)
            .mapTo(Integer.class)
            .findOne()
            .orElse(0);
    if (attempts < MAX_ATTEMPTS) {
      return true;
    }
    tx.createUpdate("DELETE FROM raised_event WHERE id = :id").bind("id", id).execute();
    return false;
  }

  /// @param word its activity or type
  /// @param run whose state it is about; null for other events
  record Raised(
      long id,
      UUID project,
      String event,
      String word,
      @Nullable UUID run,
      JsonNode payload,
      String actor) {}

  /// A run came to a new state.
  ///
  /// @param activity `requested`, `in_progress` or `completed`
  static void run(Handle tx, Run run, String activity, Instant at) {
    if (DefaultWorkflows.waitFor(tx, run.projectId(), WORKFLOW_RUN)
        && RunStore.depth(tx, run.id()) < MAX_DEPTH) {
      insert(
          tx,
          run.projectId(),
          WORKFLOW_RUN,
          activity,
          run.id(),
          Json.MAPPER.createObjectNode(),
          run.actor(),
          at);
    }
  }

  /// Somebody sends an event of their own.
  ///
  /// @return whether a workflow waits for such events at all
  static boolean dispatch(
      Handle tx, UUID project, String type, JsonNode payload, String actor, Instant at) {
    var awaited = DefaultWorkflows.waitFor(tx, project, REPOSITORY_DISPATCH);
    if (awaited) {
      insert(tx, project, REPOSITORY_DISPATCH, type, null, payload, actor, at);
    }
    return awaited;
  }

  private static void insert(
      Handle tx,
      UUID project,
      String event,
      String word,
      @Nullable UUID run,
      JsonNode payload,
      String actor,
      Instant at) {
    tx.createUpdate(
            """
            INSERT INTO raised_event (project_id, event, word, run_id, payload, actor, raised_at)
            VALUES (:project, :event, :word, :run, CAST(:payload AS json), :actor, :at)
            """)
        .bind("project", project)
        .bind("event", event)
        .bind("word", word)
        .bind("run", run)
        .bind("payload", Json.MAPPER.writeValueAsString(payload))
        .bind("actor", actor)
        .bind("at", at)
        .execute();
    Database.notify(tx, CHANNEL, "");
  }

  /// Takes the oldest event that no other server has; with the transaction it is done.
  ///
  /// @param but the ids of those that failed just now
  static Optional<Raised> take(Handle tx, Collection<Long> but) {
    return tx.createQuery(
            """
            DELETE FROM raised_event
            WHERE id = (
              SELECT id FROM raised_event WHERE id <> ALL (:but)
              ORDER BY attempts, id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING *
            """)
        .bindArray("but", Long.class, List.copyOf(but))
        .map((row, _) ->
            new Raised(
                row.getLong("id"),
                Columns.id(row, "project_id"),
                row.getString("event"),
                row.getString("word"),
                row.getObject("run_id", UUID.class),
                Json.MAPPER.readTree(row.getString("payload")),
                row.getString("actor")))
        .findOne();
  }
}
