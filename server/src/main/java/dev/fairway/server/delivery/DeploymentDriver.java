package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds deployments for which something has to be done and does it, one virtual thread for each.
///
/// A claim has a lease, kept up while the thread works, and a fence: where the lease ran out
/// because this server was away, another one (or its successor) goes on, and what the first one
/// still tries to write is refused. Whatever was done outside the database can be done again.
final class DeploymentDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeploymentDriver.class);

  /// As many deployments are under way on this server at a time; more of them wait.
  private static final int MAX_DRIVEN = 32;

  /// How long [#close] waits for work to come to the end of its step, before it is interrupted and
  /// after.
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);

  private final Database database;
  private final DeploymentSteps steps;
  private final Upkeep upkeep;
  private final Signal signal;
  private final InstantSource clock;
  private final Pace pace;
  private final Set<UUID> driven = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("deployment-", 1).factory());
  private final CountDownLatch closed = new CountDownLatch(1);

  DeploymentDriver(
      Database database,
      DeploymentSteps steps,
      Upkeep upkeep,
      Signal signal,
      InstantSource clock,
      Pace pace) {
    this.database = database;
    this.steps = steps;
    this.upkeep = upkeep;
    this.signal = signal;
    this.clock = clock;
    this.pace = pace;
  }

  void start() {
    database.listen(Transitions.CHANNEL, _ -> signal.raise());
    threads.execute(this::loop);
    threads.execute(this::keep);
  }

  /// Apart from the loop, so that a proxy that does not answer holds up nothing else.
  private void keep() {
    try {
      var wait = Duration.ZERO;
      while (!closesWithin(wait)) {
        try {
          upkeep.keepAll();
          wait = pace.upkeep();
        } catch (RuntimeException e) {
          report("Upkeep", e);
          wait = pace.retry();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    try {
      while (!isClosed()) {
        var seen = signal.count();
        try {
          while (!isClosed() && driven.size() < MAX_DRIVEN && claimed().isPresent()) {
            // Each claim has its thread; look for the next.
          }
          signal.await(seen, pace.poll());
        } catch (RuntimeException e) {
          report("Looking for deployments", e);
          closesWithin(pace.retry());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Deployment> claimed() {
    var claimed =
        database.transaction(tx -> DeploymentStore.claim(tx, clock.instant(), pace.lease()));
    claimed.ifPresent(deployment -> {
      driven.add(deployment.id());
      threads.execute(() -> drive(deployment));
    });
    return claimed;
  }

  private void drive(Deployment claimed) {
    var worker = Thread.currentThread();
    var done = new CountDownLatch(1);
    Thread.ofVirtual().name("lease-" + claimed.id()).start(() -> renew(claimed, worker, done));
    try {
      var goesOn = true;
      while (goesOn && !isClosed()) {
        goesOn = steps.step(claimed);
      }
      database.run(tx -> DeploymentStore.release(tx, claimed));
    } catch (InterruptedException e) {
      LOG.info("Leaving deployment {} to whoever has it now", claimed.id());
    } catch (RuntimeException e) {
      report("Deployment " + claimed.id(), e);
    } finally {
      done.countDown();
      driven.remove(claimed.id());
      signal.raise();
    }
  }

  /// Keeps the claim until the work is done; stops the worker where the claim is lost. Nobody
  /// interrupts this: an interrupt would break the connection that it renews with.
  private void renew(Deployment claimed, Thread worker, CountDownLatch done) {
    try {
      while (!done.await(pace.renewal().toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          if (!database.transaction(
              tx -> DeploymentStore.renew(tx, claimed, clock.instant().plus(pace.lease())))) {
            worker.interrupt();
            return;
          }
        } catch (FairwayException e) {
          LOG.warn("Could not keep deployment {}: {}", claimed.id(), e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report(String what, RuntimeException failure) {
    if (isClosed()) {
      return;
    }
    if (failure instanceof FairwayException refusal) {
      LOG.warn("{}: {}; trying again", what, refusal.getMessage());
    } else {
      LOG.error("{} failed; trying again", what, failure);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  /// Waits that long, unless it is closed meanwhile.
  private boolean closesWithin(Duration wait) throws InterruptedException {
    return closed.await(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Ends all work at the end of the step that it is in; the next server goes on from there.
  @Override
  public void close() {
    closed.countDown();
    signal.raise();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
        threads.shutdownNow();
        if (!threads.awaitTermination(CLOSE_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
          LOG.warn("Some deployments are still in the middle of a step");
        }
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
