package dev.fairway.server.delivery.target;

import dev.fairway.api.FairwayException;
import dev.fairway.server.delivery.target.HealthMonitor.Health;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches one instance on a thread of its own: starts its process, asks how it is, notices its
/// end, starts it again, and stops it when told.
final class Supervisor {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

  private final Launcher launcher;
  private final Processes processes;
  private final HealthProbe probe;
  private final InstantSource clock;
  private final Consumer<InstanceRecord> keep;
  private final InstanceListener listener;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private InstanceRecord record;
  private InstanceState state;
  private HealthMonitor monitor;
  private String complaint = "";
  private boolean released;
  private final Thread thread;

  /// @param record with its process if it is running already
  /// @param keep writes the record to disk
  Supervisor(
      InstanceRecord record,
      Launcher launcher,
      Processes processes,
      HealthProbe probe,
      InstantSource clock,
      Consumer<InstanceRecord> keep,
      InstanceListener listener) {
    this.record = record;
    this.launcher = launcher;
    this.processes = processes;
    this.probe = probe;
    this.clock = clock;
    this.keep = keep;
    this.listener = listener;
    this.state = record.failure().isEmpty() ? InstanceState.STARTING : InstanceState.FAILED;
    // An adopted process gets its start time anew: the server was away, not the service.
    this.monitor = new HealthMonitor(record.order().health(), clock.instant());
    this.thread = Thread.ofVirtual().name("instance-" + record.order().id()).unstarted(this::run);
  }

  void begin() {
    thread.start();
  }

  Instance instance() {
    lock.lock();
    try {
      return new Instance(
          record.order(),
          state,
          record.port(),
          record.process(),
          record.startedAt(),
          record.restarts(),
          launcher.confinement(),
          record.failure().isEmpty() ? complaint : record.failure());
    } finally {
      lock.unlock();
    }
  }

  StartOrder order() {
    return record().order();
  }

  /// Whether it is being stopped, or has been.
  boolean isStopping() {
    return !record().wanted();
  }

  InstanceRecord record() {
    lock.lock();
    try {
      return record;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until it is known whether it may have traffic, or the time is over.
  HealthVerdict awaitVerdict(Duration wait) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var nanos = wait.toNanos();
      while (nanos > 0 && state != InstanceState.HEALTHY && !state.isTerminal()) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
    var instance = instance();
    return switch (instance.state()) {
      case HEALTHY -> new HealthVerdict.Healthy(instance);
      case FAILED, STOPPED -> new HealthVerdict.Failed(instance, instance.reason());
      case STARTING, UNHEALTHY, BACKING_OFF -> new HealthVerdict.Pending(instance);
    };
  }

  /// Stops the process and all that belongs to it, and returns when nothing of it runs.
  void stop(Duration grace) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (record.wanted()) {
        update(record.unwanted());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    // Its process ends first, so that a health check under way ends at once.
    terminate(grace);
    thread.join();
    terminate(Duration.ZERO);
    become(InstanceState.STOPPED);
  }

  /// Ends the watch and leaves the process running: the server goes, the service stays.
  void release() {
    lock.lock();
    try {
      released = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void awaitRelease() throws InterruptedException {
    thread.join();
  }

  private void run() {
    try {
      while (goesOn()) {
        if (record().process().filter(processes::isAlive).isEmpty()) {
          restart();
          continue;
        }
        var answer = probe.complaint(record().port(), order().health());
        if (!goesOn()) {
          return;
        }
        observe(answer);
        launcher.capLog(order().id());
        pause(order().health().interval());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      // Nobody else watches it: what is not foreseen must show as its failure, never as a process
      // that is forever about to be healthy.
      LOG.error("The watch over instance {} ended", order().id(), e);
      fail("it cannot be kept running: " + e.getMessage());
    }
  }

  private boolean goesOn() {
    lock.lock();
    try {
      return record.wanted() && !released && !state.isTerminal();
    } finally {
      lock.unlock();
    }
  }

  /// Starts the process: for the first time, or again after it ended.
  private void restart() throws InterruptedException, IOException {
    var before = record();
    if (before.process().isPresent()) {
      terminate(Duration.ZERO);
      if (!before.everHealthy()) {
        fail("its process ended before it was healthy");
        return;
      }
      // However often: what was healthy once may only miss something that comes back.
      var restarts = before.restarts() + 1;
      update(before.withRestarts(restarts).withProcess(Optional.empty(), clock.instant()));
      become(InstanceState.BACKING_OFF);
      tell(InstanceEvent.Kind.EXITED, "Its process ended; it starts again soon.");
      pause(backOff(restarts));
      if (!goesOn()) {
        return;
      }
    }
    start();
    if (before.process().isPresent()) {
      tell(InstanceEvent.Kind.RESTARTED, "Its process was started again.");
    }
  }

  static Duration backOff(int restarts) {
    var factor = 1L << Math.min(restarts - 1, 20);
    var wait = TargetLimits.FIRST_BACK_OFF.multipliedBy(factor);
    return wait.compareTo(TargetLimits.MAX_BACK_OFF) < 0 ? wait : TargetLimits.MAX_BACK_OFF;
  }

  private void start() throws IOException {
    lock.lock();
    try {
      // A stop that came first wins; one that comes later finds the process in the record.
      if (!record.wanted() || released) {
        return;
      }
      var process = launched();
      update(record.withProcess(Optional.of(process), clock.instant()));
      monitor = new HealthMonitor(record.order().health(), clock.instant());
      state = InstanceState.STARTING;
      changed.signalAll();
      watchForExit(process);
    } finally {
      lock.unlock();
    }
  }

  /// A machine out of processes or memory counts as one more end of an instance that was healthy.
  private ProcessIdentity launched() throws IOException {
    try {
      return launcher.start(record.order(), record.port());
    } catch (IOException e) {
      if (!record.everHealthy()) {
        throw e;
      }
      LOG.warn("Instance {} cannot be started now", record.order().id(), e);
      return ProcessIdentity.NONE;
    }
  }

  /// Wakes the watch when the process ends, so that nobody waits for the next health check.
  void watchForExit(ProcessIdentity process) {
    var handle = ProcessHandle.of(process.pid());
    if (handle.isPresent()) {
      var _ = handle.get().onExit().thenRun(this::wake);
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void observe(String answer) throws InterruptedException {
    var before = instance().state();
    Health health;
    lock.lockInterruptibly();
    try {
      complaint = answer;
      var now = clock.instant();
      health = monitor.observe(now, answer.isEmpty());
      if (health == Health.HEALTHY && !record.everHealthy()) {
        update(record.onceHealthy());
      }
      var stable = now.isAfter(record.startedAt().plus(TargetLimits.STABLE));
      if (health == Health.HEALTHY && record.restarts() > 0 && stable) {
        update(record.withRestarts(0));
      }
    } finally {
      lock.unlock();
    }
    switch (health) {
      case STARTING -> {}
      case HEALTHY -> {
        become(InstanceState.HEALTHY);
        if (before != InstanceState.HEALTHY) {
          tell(InstanceEvent.Kind.HEALTHY, "It is healthy.");
        }
      }
      case UNHEALTHY -> {
        become(InstanceState.UNHEALTHY);
        if (before != InstanceState.UNHEALTHY) {
          tell(InstanceEvent.Kind.UNHEALTHY, "It is unhealthy: " + answer);
        }
      }
      case LATE -> {
        terminate(TargetLimits.STOP_GRACE);
        if (!record().everHealthy()) {
          var allowed = order().health().start();
          fail("it was not healthy within " + allowed.toMillis() + " ms: " + answer);
        }
      }
    }
  }

  private void fail(String why) {
    var tail = launcher.logTail(order().id());
    lock.lock();
    try {
      update(record.failed(tail.isEmpty() ? why : why + "\nThe end of its log:\n" + tail));
      state = InstanceState.FAILED;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    tell(InstanceEvent.Kind.FAILED, "It failed: " + why + ".");
  }

  /// Ends whatever belongs to the instance; SIGKILL for what is still there after the grace.
  private void terminate(Duration grace) throws InterruptedException {
    var leader = record().process();
    var mark = Launcher.mark(order().id());
    processes.end(() -> processes.members(leader, mark), grace);
  }

  private void pause(Duration time) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var nanos = time.toNanos();
      while (nanos > 0 && record.wanted() && !released) {
        var process = record.process();
        if (process.isPresent() && !processes.isAlive(process.get())) {
          return;
        }
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private void become(InstanceState next) {
    lock.lock();
    try {
      state = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// A disk that takes no more must not end a watch: the process is found again by its mark.
  private void update(InstanceRecord next) {
    record = next;
    try {
      keep.accept(next);
    } catch (FairwayException e) {
      LOG.warn("Instance {} goes on unrecorded: {}", next.order().id(), e.getMessage());
    }
  }

  /// A listener that fails, with its database away for instance, must not end a watch either.
  private void tell(InstanceEvent.Kind kind, String detail) {
    var event = new InstanceEvent(kind, instance(), detail);
    try {
      listener.on(event);
    } catch (RuntimeException e) {
      LOG.warn("Nobody took notice of {} of instance {}", kind, order().id(), e);
    }
  }
}
