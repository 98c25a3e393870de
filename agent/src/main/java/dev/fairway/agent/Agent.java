package dev.fairway.agent;

import dev.fairway.api.Build;
import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An agent: claims jobs from a server and runs them, each in a slot of its own.
///
/// Its data folder is locked; what a killed agent has left there is removed at the start. A job
/// that was running then is lost, and the server learns it when the lease ends.
public final class Agent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("agent");

  /// Jobs that are ended take less, if the machine does its part.
  private static final Duration END = Duration.ofSeconds(10);

  private final AgentConfig config;
  private final InstantSource clock;
  private final FileChannel lock;
  private final ServerClient server;
  private final JobRunner runner;
  private final @Nullable MavenCache mavenCache;
  private final List<Slot> slots = new ArrayList<>();
  private final CountDownLatch draining = new CountDownLatch(1);

  private Agent(
      AgentConfig config,
      InstantSource clock,
      FileChannel lock,
      ServerClient server,
      JobRunner runner,
      @Nullable MavenCache mavenCache) {
    this.config = config;
    this.clock = clock;
    this.lock = lock;
    this.server = server;
    this.runner = runner;
    this.mavenCache = mavenCache;
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
    var isolation = Isolation.probe(hidden).reaching(config.jobs());
    var repository = config.mavenRepository().filter(Files::isDirectory);
    var cache = repository.isPresent() ? MavenCache.start(repository.get()) : null;
    var server = new ServerClient(config.servers(), token);
    var runner =
        new JobRunner(
            new RunnerSettings(
                config.name(),
                config.jobs(),
                isolation,
                Optional.ofNullable(cache).map(MavenCache::url),
                Map.of()),
            clock);
    var agent = new Agent(config, clock, lock, server, runner, cache);
    var introduction = introduction(config, isolation);
    LOG.log(
        System.Logger.Level.INFO,
        "Agent {0} with {1} slots: {2}",
        config.name(),
        config.slots(),
        introduction.sandbox());
    for (var number = 0; number < config.slots(); number++) {
      agent.slots.add(
          new Slot(
              "slot-" + number,
              config,
              introduction,
              clock,
              random,
              server,
              runner,
              agent.draining));
    }
    agent.slots.forEach(Slot::start);
    return agent;
  }

  private static ClaimRequest introduction(AgentConfig config, Isolation isolation) {
    var limits = JobAssignment.Limits.DEFAULT;
    return new ClaimRequest(
        config.name(),
        config.labels(),
        isolation.note(true, limits.memoryBytes(), limits.processes()),
        new ClaimRequest.Machine(
            Build.version(), config.slots(), Containers.ofThisMachine().installed()));
  }

  /// Claims nothing more, and waits for the running jobs as long as the configuration says.
  ///
  /// @return whether all of them have ended
  public boolean drain() throws InterruptedException {
    draining.countDown();
    slots.forEach(Slot::stopClaiming);
    var until = clock.instant().plus(config.drain());
    for (var slot : slots) {
      if (!slot.join(Duration.between(clock.instant(), until).plusMillis(1))) {
        return false;
      }
    }
    return true;
  }

  /// Ends the agent, jobs that still run included. The data folder is another agent's to use when
  /// nothing of this one is busy in it any more.
  @Override
  public void close() throws IOException {
    draining.countDown();
    slots.forEach(Slot::stop);
    server.close();
    try {
      for (var slot : slots) {
        var _ = slot.join(END);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    runner.close();
    if (mavenCache != null) {
      mavenCache.close();
    }
    lock.close();
  }

  /// Waits until the agent has been asked to end.
  public void awaitDraining() throws InterruptedException {
    draining.await();
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
    JobRunner.makeFolders(config.jobs());
    Files.setPosixFilePermissions(config.jobs(), PosixFilePermissions.fromString("rwx--x--x"));
    Files.createDirectories(config.spools());
    Files.setPosixFilePermissions(config.spools(), PosixFilePermissions.fromString("rwx------"));
    return lock;
  }

  /// What a killed agent has left: processes, found by their control group or the variable of their
  /// job, containers, and folders. What cannot be removed keeps no agent from its work.
  private static void removeLeftovers(AgentConfig config) {
    try {
      var ids = Files.isDirectory(config.jobs()) ? names(config.jobs()) : List.<String>of();
      var groups = ids.isEmpty() ? ControlGroups.none() : ControlGroups.probe();
      for (var id : ids) {
        var left = groups.left(id);
        Leftovers.kill(id, UserIds.shared(), left);
        left.remove();
      }
      if (!ids.isEmpty()) {
        Containers.ofThisMachine().removeLeftovers(config.jobs(), ids);
      }
    } catch (IOException e) {
      warn("Not all that a killed agent has left could be ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (var folder : List.of(config.jobs(), config.spools(), ForkServer.beside(config.jobs()))) {
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
}
