package dev.fairway.agent;

import dev.fairway.api.Build;
import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An agent: claims jobs from a server and runs them, each in a slot of its own.
///
/// Its data folder is locked; what a killed agent has left there is removed at the start. A job
/// that was running then is lost, and the server learns it when the lease ends.
public final class Agent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("agent");

  /// With less room for its jobs' files an agent claims none.
  private static final long MIN_FREE_BYTES = 64L << 20;

  /// How long a server has to confirm a claim before the next one is asked.
  private static final Duration CONFIRMATION = Duration.ofSeconds(5);

  private final AgentConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final FileChannel lock;
  private final ServerClient server;
  private final Isolation isolation;
  private final @Nullable MavenCache mavenCache;
  private final JobRunner runner;
  private final List<Thread> slots = new ArrayList<>();
  private final CountDownLatch draining = new CountDownLatch(1);

  /// The slots that wait for a job.
  private final Set<Thread> claiming = new HashSet<>();

  private Agent(
      AgentConfig config,
      InstantSource clock,
      RandomGenerator random,
      FileChannel lock,
      ServerClient server,
      Isolation isolation,
      @Nullable MavenCache mavenCache) {
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.lock = lock;
    this.server = server;
    this.isolation = isolation;
    this.mavenCache = mavenCache;
    this.runner =
        new JobRunner(
            new RunnerSettings(
                config.name(),
                jobs(config),
                isolation,
                Optional.ofNullable(mavenCache).map(MavenCache::url),
                Map.of()),
            clock);
  }

  /// Starts claiming; returns at once.
  public static Agent start(AgentConfig config, InstantSource clock, RandomGenerator random)
      throws IOException, InterruptedException {
    var lock = prepare(config);
    var token = Files.readString(config.tokenFile()).strip();
    var hidden = new ArrayList<>(config.hidden());
    hidden.add(config.data());
    hidden.add(config.tokenFile());
    hidden.add(Path.of(System.getProperty("user.home")));
    var isolation = Isolation.probe(hidden).reaching(jobs(config));
    var repository = config.mavenRepository().filter(Files::isDirectory);
    var cache = repository.isPresent() ? MavenCache.start(repository.get()) : null;
    var agent =
        new Agent(
            config,
            clock,
            random,
            lock,
            new ServerClient(config.servers(), token),
            isolation,
            cache);
    LOG.log(
        System.Logger.Level.INFO,
        "Agent {0} with {1} slots: {2}",
        config.name(),
        config.slots(),
        agent.sandboxNote());
    for (var slot = 0; slot < config.slots(); slot++) {
      agent.slots.add(Thread.ofPlatform().name("slot-" + slot).start(agent::claimAndRun));
    }
    return agent;
  }

  /// Claims nothing more, and waits for the running jobs as long as the configuration says.
  ///
  /// @return whether all of them have ended
  public boolean drain() throws InterruptedException {
    draining.countDown();
    synchronized (claiming) {
      claiming.forEach(Thread::interrupt);
    }
    var until = clock.instant().plus(config.drain());
    for (var slot : slots) {
      slot.join(Duration.between(clock.instant(), until).plusMillis(1));
      if (slot.isAlive()) {
        return false;
      }
    }
    return true;
  }

  /// Ends the agent, jobs that still run included.
  @Override
  public void close() throws IOException {
    draining.countDown();
    slots.forEach(Thread::interrupt);
    server.close();
    if (mavenCache != null) {
      mavenCache.close();
    }
    lock.close();
  }

  /// Waits until the agent has been asked to end.
  public void awaitDraining() throws InterruptedException {
    draining.await();
  }

  private static Path jobs(AgentConfig config) {
    return config.data().resolve("jobs");
  }

  private static Path spools(AgentConfig config) {
    return config.data().resolve("spools");
  }

  private static FileChannel prepare(AgentConfig config) throws IOException {
    Files.createDirectories(config.data());
    Files.setPosixFilePermissions(config.data(), PosixFilePermissions.fromString("rwx--x--x"));
    var lock =
        FileChannel.open(
            config.data().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock.tryLock() == null) {
        throw new OverlappingFileLockException();
      }
    } catch (OverlappingFileLockException e) {
      lock.close();
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "Another agent uses the data folder " + config.data(),
          "Give this one a folder of its own.",
          e);
    }
    removeLeftovers(config);
    Files.createDirectories(jobs(config));
    Files.setPosixFilePermissions(jobs(config), PosixFilePermissions.fromString("rwx--x--x"));
    UnrelatedFolders.in(jobs(config));
    Files.createDirectories(spools(config));
    Files.setPosixFilePermissions(spools(config), PosixFilePermissions.fromString("rwx------"));
    return lock;
  }

  /// What a killed agent has left: processes, found by their control group or the variable of their
  /// job, containers, and folders. What cannot be removed keeps no agent from its work.
  private static void removeLeftovers(AgentConfig config) {
    try {
      var ids = Files.isDirectory(jobs(config)) ? names(jobs(config)) : List.<String>of();
      var groups = ids.isEmpty() ? ControlGroups.none() : ControlGroups.probe();
      for (var id : ids) {
        var left = groups.left(id);
        Leftovers.kill(id, UserIds.shared(), left);
        left.remove();
      }
      if (!ids.isEmpty()) {
        Containers.ofThisMachine().removeLeftovers(jobs(config), ids);
      }
    } catch (IOException e) {
      warn("Not all that a killed agent has left could be ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (var folder : List.of(jobs(config), spools(config))) {
      try {
        JobFolder.deleteTree(folder);
      } catch (IOException e) {
        warn(folder + " could not be emptied", e);
      }
    }
  }

  private static void warn(String what, IOException e) {
    LOG.log(System.Logger.Level.WARNING, what + ": " + JobRunner.sentence(e));
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(Path::getFileName).map(Path::toString).toList();
    }
  }

  private String sandboxNote() {
    var limits = JobAssignment.Limits.DEFAULT;
    return isolation.note(true, limits.memoryBytes(), limits.processes());
  }

  /// An agent whose disk is full would fail one job after the other as fast as it can claim them. A
  /// disk without room for one more file may have any number of bytes left, so one is made.
  private boolean hasRoom() throws IOException {
    var free = config.data().toFile().getUsableSpace();
    if (free < MIN_FREE_BYTES) {
      LOG.log(
          System.Logger.Level.WARNING,
          "No job is claimed: the disk of {0} has {1} MiB left, and {2} are needed",
          config.data(),
          free >> 20,
          MIN_FREE_BYTES >> 20);
      return false;
    }
    try {
      Files.delete(Files.createTempDirectory(spools(config), "room"));
      return true;
    } catch (IOException e) {
      warn("No job is claimed: " + spools(config) + " takes no file", e);
      return false;
    }
  }

  /// Asks for a job; [#drain] ends the waiting. A job that arrives at that very moment is run.
  private Optional<JobAssignment> claim(ClaimRequest request)
      throws IOException, InterruptedException {
    synchronized (claiming) {
      claiming.add(Thread.currentThread());
    }
    try {
      return server.claim(request);
    } finally {
      synchronized (claiming) {
        claiming.remove(Thread.currentThread());
        var _ = Thread.interrupted();
      }
    }
  }

  private void claimAndRun() {
    var backoff = new Backoff(random);
    var request =
        new ClaimRequest(
            config.name(),
            config.labels(),
            sandboxNote(),
            new ClaimRequest.Machine(
                Build.version(), config.slots(), Containers.ofThisMachine().installed()));
    try {
      while (draining.getCount() > 0) {
        try {
          if (!hasRoom()) {
            var _ = draining.await(Backoff.MOST.toMillis(), TimeUnit.MILLISECONDS);
            continue;
          }
          var job = claim(request);
          request = new ClaimRequest(request.agent(), request.labels(), request.sandbox());
          backoff.reset();
          if (job.isPresent()) {
            run(job.get());
          }
        } catch (IOException | RuntimeException e) {
          if (draining.getCount() == 0) {
            return;
          }
          LOG.log(
              System.Logger.Level.WARNING,
              "No job could be claimed or kept: {0}",
              JobRunner.sentence(e));
          var _ = draining.await(backoff.next().toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

  private void run(JobAssignment job) throws IOException, InterruptedException {
    var confirmation = confirmation(job);
    LOG.log(System.Logger.Level.INFO, "Job {0} of {1}", job.jobName(), job.project());
    var cancellation = new Cancellation();
    var spool = spools(config).resolve(job.lease());
    try (var host =
        ServerHost.open(job, server, cancellation, clock, random, spool, confirmation)) {
      var result = runner.run(job, host, cancellation);
      if (!cancellation.isAbandoned()) {
        host.complete(result);
      }
      LOG.log(
          System.Logger.Level.INFO,
          "Job {0}: {1} {2}",
          job.jobName(),
          result.outcome().word(),
          result.reason());
    } finally {
      JobFolder.deleteTree(spool);
    }
  }
}
