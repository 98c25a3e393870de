package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.workflow.Concurrency;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.Workflow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The table `concurrency_turn`: of those that share a group of a project, one at a time goes on.
///
/// ```
///  ask ──► held ───────────────────► released, with the end of the job or run
///    │      ▲   └─ evicted ──► stops ──►┘
///    └──► waits ─── evicted ──► never starts
/// ```
///
/// Whoever changes a group has the project's lock, after the lock of their own run. What that means
/// for another run is written down for it ([#wake]) and carried out under that run's own lock, by
/// whichever server comes first.
final class Groups {
  /// Notified when a run was woken.
  static final String CHANNEL = "run_wakeup";

  /// As many may wait for a group that takes all comers.
  static final int MAX_WAITING = 100;

  private Groups() {}

  /// How it stands with a group that somebody asked for.
  sealed interface Answer {
    record Held() implements Answer {}

    /// @param reason without its subject
    record Waits(String reason) implements Answer {}

    /// @param reason who came instead
    record Evicted(String reason) implements Answer {}

    /// It would wait for ever.
    ///
    /// @param reason who waits for whom
    record Deadlock(String reason) implements Answer {}
  }

  /// One who holds a group or waits for it.
  ///
  /// @param holder empty for the run as a whole
  /// @param evicted which run took its place; null where none has
  record Turn(
      long id,
      String key,
      String group,
      UUID run,
      long number,
      String holder,
      boolean held,
      @Nullable String evicted) {

    private static Turn map(ResultSet row) throws SQLException {
      return new Turn(
          row.getLong("id"),
          row.getString("group_key"),
          row.getString("name"),
          Columns.id(row, "run_id"),
          row.getLong("run_number"),
          row.getString("holder"),
          row.getBoolean("held"),
          row.getString("evicted"));
    }

    /// Whether the job of that key is, or is part of, what holds it.
    boolean covers(String key) {
      return holder.isEmpty() || key.equals(holder) || key.startsWith(holder + "/");
    }

    /// Why it has to stop, where it has to.
    String evictedBy() {
      return "%s took its place in the group %s".formatted(evicted, group);
    }

    /// Who it is, for people.
    String who() {
      return "run #" + number + (holder.isEmpty() ? "" : ", " + holder);
    }
  }

  /// Whether a run of it can ever ask for a group; most cannot, and need not look.
  static boolean usedBy(Workflow workflow) {
    return workflow.concurrency().isPresent()
        || workflow.jobs().values().stream()
            .anyMatch(job ->
                job.concurrency().isPresent()
                    || (job instanceof Job.Call call
                        && call.called().filter(Groups::usedBy).isPresent()));
  }

  /// Asks for a group, for the first time or again.
  static Answer ask(Handle tx, Run run, Concurrency.Group group, Instant at) {
    lock(tx, run.projectId());
    var key = key(group.name());
    var all = turns(tx, run.projectId(), key);
    var own =
        all.stream()
            .filter(turn -> turn.run().equals(run.id()) && turn.holder().equals(group.holder()))
            .findFirst();
    if (own.isPresent()) {
      return answer(own.get(), all);
    }
    var others = all.stream().filter(turn -> turn.held() || turn.evicted() == null).toList();
    if (others.isEmpty()) {
      insert(tx, run, group, key, true, at);
      return new Answer.Held();
    }
    var deadlock = Deadlocks.of(turns(tx, run.projectId()), run, group, key);
    if (deadlock.isPresent()) {
      return new Answer.Deadlock(deadlock.get());
    }
    return join(tx, run, group, key, others, at);
  }

  /// Takes a place behind the others, or that of those who have to go.
  private static Answer join(
      Handle tx, Run run, Concurrency.Group group, String key, List<Turn> others, Instant at) {
    var waiting = others.stream().filter(turn -> !turn.held()).toList();
    var newcomer = "run #" + run.number();
    switch (group.queue()) {
      case SINGLE -> waiting.forEach(turn -> evict(tx, turn, newcomer));
      case MAX -> {
        if (!group.cancelInProgress() && waiting.size() >= MAX_WAITING) {
          return new Answer.Evicted(
              "%d wait for the group %s already".formatted(waiting.size(), group.name()));
        }
      }
    }
    if (group.cancelInProgress()) {
      others.forEach(turn -> evict(tx, turn, newcomer));
    }
    insert(tx, run, group, key, false, at);
    return new Answer.Waits(waitsFor(group.name(), others));
  }

  private static Answer answer(Turn own, List<Turn> all) {
    if (own.evicted() != null) {
      return new Answer.Evicted(own.evictedBy());
    }
    return own.held() ? new Answer.Held() : new Answer.Waits(waitsFor(own.group(), all));
  }

  private static String waitsFor(String group, List<Turn> all) {
    return all.stream()
        .filter(Turn::held)
        .findFirst()
        .map(turn -> "waits for the group %s, held by %s".formatted(group, turn.who()))
        .orElse("waits for the group " + group);
  }

  /// Gives up what the run holds or waits for, and passes it on.
  static void release(Handle tx, Run run, Predicate<Turn> which) {
    var mine = of(tx, run.id());
    if (mine.stream().noneMatch(which)) {
      return;
    }
    lock(tx, run.projectId());
    var freed = new HashSet<String>();
    for (var turn : mine) {
      if (which.test(turn)) {
        tx.createUpdate("DELETE FROM concurrency_turn WHERE id = :id")
            .bind("id", turn.id())
            .execute();
        freed.add(turn.key());
      }
    }
    freed.forEach(key -> passOn(tx, run.projectId(), key));
  }

  private static void passOn(Handle tx, UUID project, String key) {
    var left = turns(tx, project, key);
    if (left.stream().anyMatch(Turn::held)) {
      return;
    }
    left.stream()
        .filter(turn -> turn.evicted() == null)
        .findFirst()
        .ifPresent(next -> {
          tx.createUpdate("UPDATE concurrency_turn SET held = true WHERE id = :id")
              .bind("id", next.id())
              .execute();
          wake(tx, next.run());
        });
  }

  /// What the run holds or waits for.
  static List<Turn> of(Handle tx, UUID run) {
    return tx.createQuery("SELECT * FROM concurrency_turn WHERE run_id = :run ORDER BY id")
        .bind("run", run)
        .map((row, _) -> Turn.map(row))
        .list();
  }

  /// What the run as a whole waits for, as a sentence without its subject.
  static Optional<String> waiting(Handle tx, Run run) {
    return of(tx, run.id()).stream()
        .filter(turn -> turn.holder().isEmpty() && !turn.held())
        .findFirst()
        .map(turn -> waitsFor(turn.group(), turns(tx, run.projectId(), turn.key())));
  }

  /// Lets the run be decided about again, soon and by itself.
  static void wake(Handle tx, UUID run) {
    tx.createUpdate("INSERT INTO run_wakeup (run_id) VALUES (:run)").bind("run", run).execute();
    Database.notify(tx, CHANNEL, "");
  }

  private static String key(String name) {
    return RunLimits.cut(name.toLowerCase(Locale.ROOT), RunLimits.MAX_NAME_CHARS);
  }

  private static void evict(Handle tx, Turn turn, String newcomer) {
    var first =
        tx.createUpdate(
                """
                UPDATE concurrency_turn SET evicted = :by WHERE id = :id AND evicted IS NULL
                """)
            .bind("by", newcomer)
            .bind("id", turn.id())
            .execute();
    if (first == 1) {
      wake(tx, turn.run());
    }
  }

  /// Taken after the run's lock, and by whoever queues a job anyway.
  private static void lock(Handle tx, UUID project) {
    tx.createUpdate("INSERT INTO run_counter (project_id) VALUES (:project) ON CONFLICT DO NOTHING")
        .bind("project", project)
        .execute();
    tx.createQuery("SELECT last_turn FROM run_counter WHERE project_id = :project FOR UPDATE")
        .bind("project", project)
        .mapTo(Long.class)
        .one();
  }

  private static List<Turn> turns(Handle tx, UUID project) {
    return tx.createQuery("SELECT * FROM concurrency_turn WHERE project_id = :project ORDER BY id")
        .bind("project", project)
        .map((row, _) -> Turn.map(row))
        .list();
  }

  private static List<Turn> turns(Handle tx, UUID project, String key) {
    return tx.createQuery(
            """
            SELECT * FROM concurrency_turn
            WHERE project_id = :project AND group_key = :key
            ORDER BY id
            """)
        .bind("project", project)
        .bind("key", key)
        .map((row, _) -> Turn.map(row))
        .list();
  }

  private static void insert(
      Handle tx, Run run, Concurrency.Group group, String key, boolean held, Instant at) {
    tx.createUpdate(
            """
            INSERT INTO concurrency_turn (project_id, group_key, name, run_id, run_number, holder,
                                          held, asked_at)
            VALUES (:project, :key, :name, :run, :number, :holder, :held, :at)
            """)
        .bind("project", run.projectId())
        .bind("key", key)
        .bind("name", RunLimits.cut(group.name(), RunLimits.MAX_NAME_CHARS))
        .bind("run", run.id())
        .bind("number", run.number())
        .bind("holder", group.holder())
        .bind("held", held)
        .bind("at", at)
        .execute();
  }
}
