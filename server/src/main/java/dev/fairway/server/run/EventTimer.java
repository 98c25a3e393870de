package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.workflow.Cron;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts what waits for events that were raised, and what the clock starts. Every server runs one;
/// the row of an event or schedule is the lock under which exactly one of them acts.
///
/// A time that passed while no server looked is not made up for, but for the latest: it still
/// starts its workflow if it is less than an hour ago. The others are counted, in the ledger and on
/// the project's page.
final class EventTimer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventTimer.class);

  /// How often it looks at the clock.
  private static final Duration TICK = Duration.ofSeconds(1);

  /// A tick that is later than that was missed.
  static final Duration LATE = Duration.ofHours(1);

  private static final Duration RETRY = Duration.ofMinutes(1);

  /// No more times than that are counted one by one.
  private static final int MAX_COUNTED = 10_000;

  private final Database database;
  private final Projects projects;
  private final DefaultWorkflows workflows;
  private final EventRuns runs;
  private final Evidence evidence;
  private final InstantSource clock;
  private final QueueSignal signal = new QueueSignal();

  EventTimer(
      Database database,
      Projects projects,
      DefaultWorkflows workflows,
      EventRuns runs,
      Evidence evidence,
      InstantSource clock) {
    this.database = database;
    this.projects = projects;
    this.workflows = workflows;
    this.runs = runs;
    this.evidence = evidence;
    this.clock = clock;
  }

  /// What the ledger says about times that passed while no server looked.
  ///
  /// @param count of those that started nothing
  record MissedPredicate(
      UUID project,
      String projectName,
      String workflow,
      String cron,
      String zone,
      long count,
      Instant from,
      Instant until) {}

  void start() {
    database.listen(Events.CHANNEL, _ -> signal.signal());
    Thread.ofVirtual().name("run-events").start(this::loop);
  }

  private void loop() {
    var fresh = true;
    var open = true;
    while (open) {
      var seen = signal.count();
      try {
        if (fresh) {
          fresh = false;
          refresh();
        }
        look();
      } catch (RuntimeException e) {
        LOG.warn("Could not start everything that is due: {}", e.getMessage());
      }
      open = signal.await(seen, TICK);
    }
  }

  /// After an upgrade nothing is known of any project yet.
  private void refresh() {
    for (var project : database.read(projects::all)) {
      try {
        database.run(tx -> workflows.refresh(tx, project));
      } catch (RuntimeException e) {
        LOG.warn("The workflows of {} could not be read: {}", project.name(), e.getMessage());
      }
    }
  }

  /// Starts everything that is due. What fails is tried again later, and holds up nothing else.
  void look() {
    var failed = new HashSet<Long>();
    var more = true;
    while (more) {
      more = event(failed);
    }
    more = true;
    while (more) {
      more = schedule();
    }
  }

  private boolean event(Set<Long> failed) {
    var current = new AtomicReference<Events.Raised>();
    try {
      return database.transaction(tx -> {
        var raised = Events.take(tx, failed);
        raised.ifPresent(one -> {
          current.set(one);
          runs.start(tx, one);
        });
        return raised.isPresent();
      });
    } catch (RuntimeException e) {
      var raised = current.get();
      if (raised == null) {
        throw e;
      }
      failed.add(raised.id());
      var again = database.transaction(tx -> Events.failed(tx, raised.id()));
      LOG.warn(
          "The event {} {} started nothing{}",
          raised.event(),
          raised.word(),
          again ? "; it is tried again" : ", and is dropped",
          e);
      return true;
    }
  }

  private boolean schedule() {
    var current = new AtomicReference<Due>();
    try {
      return database.transaction(tx -> tick(tx, current));
    } catch (RuntimeException e) {
      var due = current.get();
      if (due == null) {
        throw e;
      }
      LOG.warn("The schedule {} of {} is tried again in a minute", due.cron(), due.path(), e);
      database.run(tx -> move(tx, due, clock.instant().plus(RETRY)));
      return true;
    }
  }

  private record Due(UUID project, String path, String cron, String zone, Instant at) {
    Cron when() {
      return Cron.of(cron, ZoneId.of(zone));
    }
  }

  private boolean tick(Handle tx, AtomicReference<Due> current) {
    var now = clock.instant();
    var due = due(tx, now);
    due.ifPresent(one -> {
      current.set(one);
      var latest = one.at();
      var count = 1;
      var next = one.when().next(latest);
      while (next.filter(at -> !at.isAfter(now)).isPresent() && count < MAX_COUNTED) {
        latest = next.get();
        count++;
        next = one.when().next(latest);
      }
      if (count == MAX_COUNTED) {
        next = one.when().next(now);
      }
      var late = Duration.between(latest, now).compareTo(LATE) > 0;
      var missed = late ? count : count - 1;
      move(tx, one, next.orElse(Instant.parse("9999-01-01T00:00:00Z")));
      var project = projects.find(tx, one.project());
      if (missed > 0) {
        project.ifPresent(it -> missed(tx, it, one, missed, now));
      }
      if (!late) {
        project.ifPresent(it -> runs.start(tx, it, one.path(), one.cron()));
      }
    });
    return due.isPresent();
  }

  private static Optional<Due> due(Handle tx, Instant now) {
    return tx.createQuery(
            """
            SELECT * FROM schedule WHERE next_at <= :now
            ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
            """)
        .bind("now", now)
        .map((row, _) ->
            new Due(
                Columns.id(row, "project_id"),
                row.getString("workflow_path"),
                row.getString("cron"),
                row.getString("zone"),
                Columns.instant(row, "next_at")))
        .findOne();
  }

  private static void move(Handle tx, Due due, Instant next) {
    tx.createUpdate(
            """
            UPDATE schedule SET next_at = :next
            WHERE project_id = :project AND workflow_path = :path AND cron = :cron AND zone = :zone
            """)
        .bind("next", next)
        .bind("project", due.project())
        .bind("path", due.path())
        .bind("cron", due.cron())
        .bind("zone", due.zone())
        .execute();
  }

  private void missed(Handle tx, Project project, Due due, int count, Instant now) {
    tx.createUpdate(
            """
            UPDATE schedule SET missed = :count, missed_from = :at, missed_until = :now
            WHERE project_id = :project AND workflow_path = :path AND cron = :cron AND zone = :zone
            """)
        .bind("count", count)
        .bind("now", now)
        .bind("at", due.at())
        .bind("project", due.project())
        .bind("path", due.path())
        .bind("cron", due.cron())
        .bind("zone", due.zone())
        .execute();
    var predicate =
        new MissedPredicate(
            project.id(), project.name(), due.path(), due.cron(), due.zone(), count, due.at(), now);
    var commit = projects.repository(project).commitOf(project.defaultRef()).orElse("0".repeat(40));
    evidence.record(
        tx,
        new Statement(
            PredicateType.MISSED_SCHEDULE,
            List.of(Subject.commit(project.name(), commit)),
            predicate,
            Set.of(project.reference()),
            "fairway"));
  }

  @Override
  public void close() {
    signal.close();
  }
}
