package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds deployments for which something has to be done and does it, one virtual thread for each.
///
/// A claim has a lease, kept up while the thread works, and a fence: where the lease ran out
/// because this server was away, another one (or its successor) goes on, and what the first one
/// still tries to write is refused. Whatever was done outside the database can be done again.
final class DeploymentDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeploymentDriver.class);

  static final Duration LEASE = Duration.ofSeconds(6);
  private static final Duration RENEWAL = Duration.ofSeconds(2);

  /// How late a deployment is noticed whose notification was missed or whose lease ran out.
  private static final Duration POLL = Duration.ofSeconds(1);

  /// After a failure of ours or of the database, before the next try.
  private static final Duration RETRY = Duration.ofSeconds(1);

  /// As many deployments are under way on this server at a time; more of them wait.
  private static final int MAX_DRIVEN = 32;

  private final Database database;
  private final DeploymentSteps steps;
  private final Tidying tidying;
  private final Signal signal;
  private final InstantSource clock;
  private final Set<UUID> driven = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  DeploymentDriver(
      Database database,
      DeploymentSteps steps,
      Tidying tidying,
      Signal signal,
      InstantSource clock) {
    this.database = database;
    this.steps = steps;
    this.tidying = tidying;
    this.signal = signal;
    this.clock = clock;
  }

  void start() {
    database.listen(Transitions.CHANNEL, _ -> signal.raise());
    Thread.ofVirtual().name("deployment-driver").start(this::loop);
    Thread.ofVirtual().name("deployment-tidying").start(this::tidyUp);
  }

  /// Stops what a server left running that died between a deployment's end and its tidying; apart
  /// from the loop, so that a proxy that does not answer holds up nothing else.
  private void tidyUp() {
    var tidy = false;
    while (!tidy && !closed) {
      try {
        tidying.tidyAll();
        tidy = true;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        report("Tidying up", e);
        pause();
      }
    }
  }

  private void loop() {
    while (!closed) {
      var seen = signal.count();
      try {
        while (!closed && driven.size() < MAX_DRIVEN && claimed().isPresent()) {
          // Each claim has its thread; look for the next.
        }
        signal.await(seen, POLL);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        report("Looking for deployments", e);
        pause();
      }
    }
  }

  private Optional<Deployment> claimed() {
    var claimed = database.transaction(tx -> DeploymentStore.claim(tx, clock.instant(), LEASE));
    claimed.ifPresent(deployment -> {
      driven.add(deployment.id());
      Thread.ofVirtual().name("deployment-" + deployment.id()).start(() -> drive(deployment));
    });
    return claimed;
  }

  private void drive(Deployment claimed) {
    var worker = Thread.currentThread();
    var renewer =
        Thread.ofVirtual().name("lease-" + claimed.id()).start(() -> renew(claimed, worker));
    try {
      var goesOn = true;
      while (goesOn && !closed) {
        goesOn = steps.step(claimed);
      }
      database.run(tx -> DeploymentStore.release(tx, claimed));
    } catch (InterruptedException e) {
      LOG.info("Leaving deployment {} to whoever has it now", claimed.id());
    } catch (RuntimeException e) {
      report("Deployment " + claimed.id(), e);
    } finally {
      renewer.interrupt();
      driven.remove(claimed.id());
      signal.raise();
    }
  }

  /// Keeps the claim until it is interrupted; stops the worker where the claim is lost.
  private void renew(Deployment claimed, Thread worker) {
    var quiet = new Signal();
    try {
      while (!closed) {
        quiet.await(0, RENEWAL);
        try {
          if (!database.transaction(
              tx -> DeploymentStore.renew(tx, claimed, clock.instant().plus(LEASE)))) {
            worker.interrupt();
            return;
          }
        } catch (FairwayException e) {
          LOG.warn("Could not keep deployment {}: {}", claimed.id(), e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      // The work is done.
    }
  }

  private void report(String what, RuntimeException failure) {
    if (closed) {
      return;
    }
    if (failure instanceof FairwayException refusal) {
      LOG.warn("{}: {}; trying again", what, refusal.getMessage());
    } else {
      LOG.error("{} failed; trying again", what, failure);
    }
  }

  private void pause() {
    try {
      new Signal().await(0, RETRY);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    signal.raise();
  }
}
