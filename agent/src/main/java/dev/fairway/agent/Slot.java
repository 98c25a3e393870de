package dev.fairway.agent;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// A place of an agent where one job runs after the other.
///
/// The result of a job goes to the server while what the job had on the machine is removed and the
/// next one is claimed and, once all of that is gone, runs. Only one result may wait like that.
///
/// ```
///  claim ──► run ─┬► claim ──┬► run ─┬► …
///                 ├► remove ─┘       │
///                 └► deliver ──┄┄┄┄┄┄┘
/// ```
final class Slot {
  private static final System.Logger LOG = System.getLogger("agent");

  /// With less room for its jobs' files an agent claims none.
  private static final long MIN_FREE_BYTES = 64L << 20;

  /// How long a server has to confirm a claim before the next one is asked.
  private static final Duration CONFIRMATION = Duration.ofSeconds(5);

  /// A job that took no longer has left little to remove: the next one is claimed beside that.
  private static final Duration BRIEF = Duration.ofSeconds(1);

  private final AgentConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ServerClient server;
  private final JobRunner runner;
  private final CountDownLatch draining;
  private final Thread thread;
  private ClaimRequest request;
  private boolean claiming;
  private boolean stopped;
  private Thread finishing = Thread.startVirtualThread(() -> {});
  private Thread removing = finishing;

  /// @param name of the slot's thread
  /// @param introduction what the agent says of itself until a server has answered
  /// @param draining counted down when no further job is to be claimed
  Slot(
      String name,
      AgentConfig config,
      ClaimRequest introduction,
      InstantSource clock,
      RandomGenerator random,
      ServerClient server,
      JobRunner runner,
      CountDownLatch draining) {
    this.config = config;
    this.request = introduction;
    this.clock = clock;
    this.random = random;
    this.server = server;
    this.runner = runner;
    this.draining = draining;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::claimAndRun);
  }

  void start() {
    thread.start();
  }

  /// Waits no longer for a job, after `draining` was counted down. One that arrives at that very
  /// moment is run.
  synchronized void stopClaiming() {
    if (claiming) {
      thread.interrupt();
    }
  }

  /// Ends what runs.
  synchronized void stop() {
    stopped = true;
    thread.interrupt();
    finishing.interrupt();
  }

  /// Waits for the last job, once nothing is claimed any more.
  ///
  /// @return whether it is finished
  boolean join(Duration most) throws InterruptedException {
    return thread.join(most) && finishing().join(most);
  }

  private synchronized Thread finishing() {
    return finishing;
  }

  private void claimAndRun() {
    var backoff = new Backoff(random);
    try {
      while (draining.getCount() > 0) {
        try {
          if (!hasRoom()) {
            var _ = draining.await(Backoff.MOST.toMillis(), TimeUnit.MILLISECONDS);
            continue;
          }
          var job = claim();
          request = new ClaimRequest(request.agent(), request.labels(), request.sandbox());
          backoff.reset();
          if (job.isPresent()) {
            run(job.get());
          }
        } catch (IOException | RuntimeException e) {
          if (draining.getCount() > 0) {
            warn("No job could be claimed or kept", e);
            var _ = draining.await(backoff.next().toMillis(), TimeUnit.MILLISECONDS);
          }
        }
      }
      finishing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // Whoever waits for this slot has the folder to himself afterwards.
      awaitRemoval();
    }
  }

  private void awaitRemoval() {
    var interrupted = false;
    while (removing.isAlive()) {
      try {
        removing.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasRoom() {
    var lack = lackOfRoom();
    if (lack.isPresent()) {
      awaitRemoval();
      lack = lackOfRoom();
    }
    lack.ifPresent(
        why -> LOG.log(System.Logger.Level.WARNING, "No job is claimed: the disk of {0}", why));
    return lack.isEmpty();
  }

  /// An agent whose disk is full would fail one job after the other as fast as it can claim them. A
  /// disk without room for one more file may have any number of bytes left, so one is made.
  private Optional<String> lackOfRoom() {
    var free = config.data().toFile().getUsableSpace();
    if (free < MIN_FREE_BYTES) {
      return Optional.of(
          "%s has %d MiB left, and %d are needed"
              .formatted(config.data(), free >> 20, MIN_FREE_BYTES >> 20));
    }
    try {
      Files.delete(Files.createTempDirectory(config.spools(), "room"));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(config.spools() + " takes no file: " + JobRunner.sentence(e));
    }
  }

  private Optional<JobAssignment> claim() throws IOException, InterruptedException {
    claiming(true);
    try {
      return server.claim(request);
    } catch (InterruptedException e) {
      if (draining.getCount() > 0) {
        throw e;
      }
      return Optional.empty();
    } finally {
      claiming(false);
    }
  }

  private synchronized void claiming(boolean now) {
    claiming = now;
    if (!now) {
      var _ = Thread.interrupted();
    }
  }

  /// A claim whose answer got lost goes to another agent, so one that arrived is ours only once the
  /// server has heard from us again: no step runs before that. What a step needs is prepared
  /// meanwhile.
  private CompletableFuture<Boolean> confirmation(JobAssignment job) {
    var answer = new CompletableFuture<Boolean>();
    Thread.ofVirtual()
        .name("confirmation-" + job.job())
        .start(() -> {
          try {
            answer.complete(confirmed(job));
          } catch (InterruptedException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  private boolean confirmed(JobAssignment job) throws InterruptedException {
    var backoff = new Backoff(random);
    do {
      try {
        var _ = server.heartbeat(job.job(), new Heartbeat(job.fence()), CONFIRMATION);
        return true;
      } catch (FairwayException e) {
        if (e.code() == ErrorCode.STORAGE_UNAVAILABLE) {
          continue;
        }
        LOG.log(
            System.Logger.Level.INFO,
            "Job {0} is not ours to run: {1}",
            job.jobName(),
            JobRunner.sentence(e));
        return false;
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "The server is away", e);
      }
    } while (!draining.await(backoff.next().toMillis(), TimeUnit.MILLISECONDS));
    return false;
  }

  private void run(JobAssignment job) throws InterruptedException {
    var confirmation = confirmation(job);
    LOG.log(System.Logger.Level.INFO, "Job {0} of {1}", job.jobName(), job.project());
    var cancellation = new Cancellation();
    var spool = config.spools().resolve(job.lease());
    var host = ServerHost.open(job, server, cancellation, clock, random, spool, confirmation);
    var running = new Running(job, host, cancellation, spool, new ArrayList<>());
    var begun = System.nanoTime();
    JobResult result;
    try {
      removing.join();
      result = runner.run(job, host, cancellation, running.remains()::add);
      finishing.join();
    } catch (InterruptedException | RuntimeException e) {
      running.remove();
      running.close();
      throw e;
    }
    deliver(running, result);
    removing = Thread.ofVirtual().name("removing-" + job.job()).start(running::remove);
    if (System.nanoTime() - begun > BRIEF.toNanos()) {
      // It may have left very much, and another agent could have the next job meanwhile.
      removing.join();
    }
  }

  private synchronized void deliver(Running running, JobResult result) {
    finishing =
        Thread.ofVirtual()
            .name("finishing-" + running.job().job())
            .start(() -> {
              try (running) {
                running.deliver(result);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    if (stopped) {
      finishing.interrupt();
    }
  }

  /// A job that this slot has.
  ///
  /// @param remains remove what it has had on the machine, once it has ended
  private record Running(
      JobAssignment job,
      ServerHost host,
      Cancellation cancellation,
      Path spool,
      List<Runnable> remains)
      implements AutoCloseable {
    void deliver(JobResult result) throws InterruptedException {
      if (!cancellation.isAbandoned()) {
        host.complete(result);
      }
      LOG.log(
          System.Logger.Level.INFO,
          "Job {0}: {1} {2}",
          job.jobName(),
          result.outcome().word(),
          result.reason());
    }

    /// The next job has the whole disk, and no other has this one's user.
    void remove() {
      try {
        remains.forEach(Runnable::run);
      } catch (RuntimeException e) {
        warn("Not all that job " + job.job() + " had could be removed", e);
      }
    }

    @Override
    public void close() {
      try {
        host.close();
        JobFolder.deleteTree(spool);
      } catch (IOException e) {
        warn("Not all that the agent kept of job " + job.job() + " could be deleted", e);
      }
    }
  }

  private static void warn(String what, Exception e) {
    LOG.log(System.Logger.Level.WARNING, what + ": " + JobRunner.sentence(e));
  }
}
