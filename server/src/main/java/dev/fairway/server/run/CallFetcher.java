package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.server.source.Projects;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches the workflows that new runs call from other repositories, and gives the runs their jobs.
/// Every server runs one. What a killed one was at is taken up by the next after [#TURN].
final class CallFetcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallFetcher.class);

  /// How often it looks by itself, should a notification have been lost.
  private static final Duration POLL = Duration.ofSeconds(2);

  /// How long one server has for one run. Two at the same run only do the work twice.
  static final Duration TURN = Duration.ofMinutes(1);

  /// So many runs at a time: a source that does not answer holds up that many at most.
  private static final int MAX_FETCHES = 8;

  private final Database database;
  private final Projects projects;
  private final RunStarter starter;
  private final InstantSource clock;
  private final QueueSignal signal = new QueueSignal();
  private final Semaphore free = new Semaphore(MAX_FETCHES);

  CallFetcher(Database database, Projects projects, RunStarter starter, InstantSource clock) {
    this.database = database;
    this.projects = projects;
    this.starter = starter;
    this.clock = clock;
  }

  void start() {
    database.listen(CallFetches.CHANNEL, _ -> signal.signal());
    Thread.ofVirtual().name("run-fetches").start(this::loop);
  }

  private void loop() {
    var open = true;
    while (open) {
      var seen = signal.count();
      try {
        var more = true;
        while (more) {
          more = next();
        }
      } catch (RuntimeException e) {
        LOG.warn("Could not look for called workflows to fetch: {}", e.getMessage());
      }
      open = signal.await(seen, POLL);
    }
  }

  /// Begins with the next run, beside the caller.
  ///
  /// @return whether there was one and hands are free
  private boolean next() {
    if (!free.tryAcquire()) {
      return false;
    }
    try {
      var taken = take();
      taken.ifPresentOrElse(
          run -> Thread.ofVirtual().name("run-fetch").start(() -> fetchAndGoOn(run)),
          free::release);
      return taken.isPresent();
    } catch (RuntimeException e) {
      free.release();
      throw e;
    }
  }

  private void fetchAndGoOn(UUID run) {
    try {
      fetch(run);
    } catch (RuntimeException e) {
      LOG.warn("The workflows that run {} calls are fetched again later", run, e);
    } finally {
      free.release();
      signal.signal();
    }
  }

  /// Takes a run that is due; nobody else does so for a while.
  Optional<UUID> take() {
    var now = clock.instant();
    return database.transaction(tx -> CallFetches.take(tx, now, now.plus(TURN)));
  }

  /// Fetches what that run calls, in no transaction, and gives it its jobs in one.
  void fetch(UUID id) {
    var run = database.read(tx -> RunStarter.known(tx, id));
    var project = database.read(tx -> projects.find(tx, run.projectId()));
    if (project.isPresent()) {
      var files = WorkflowFiles.at(projects.repository(project.get()), run.commit());
      var standard = database.read(tx -> Scheduler.standard(tx, run.projectId()));
      var fetched = starter.fetch(run, files, standard);
      database.run(tx -> {
        var now = RunStore.lock(tx, id);
        if (CallFetches.done(tx, id) && !now.phase().terminal()) {
          starter.goOn(tx, now, fetched);
        }
      });
    }
  }

  @Override
  public void close() {
    signal.close();
  }
}
