package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// Runs a launch script until it ends or is stopped. Who is stopped gets a SIGTERM to its whole
/// process group, and a SIGKILL after [#KILL_GRACE].
final class StepProcess {
  static final Duration KILL_GRACE = Duration.ofSeconds(10);

  private static final int DEATH_SECONDS = 30;
  private static final AtomicLong NUMBERS = new AtomicLong();

  private StepProcess() {}

  static Action.Result run(Processes processes, JobFolder folder, String launch, Stop stop)
      throws IOException, InterruptedException {
    // Whoever has no time left is not begun: a process that has hardly started may miss the signal.
    if (stop.reason().isDone()) {
      return new Action.Result.Stopped(stop.reason().resultNow());
    }
    var id = NUMBERS.incrementAndGet();
    var name = id + ".launch";
    folder.writeControl(name, launch);
    try {
      var execution = processes.start(id);
      awaitAny(execution.code(), stop.reason());
      if (execution.code().isCompletedExceptionally()) {
        execution.kill();
      }
      if (execution.code().isDone()) {
        return new Action.Result.Exited(code(execution.code()));
      }
      var reason = stop.reason().resultNow();
      end(execution, reason, stop);
      return new Action.Result.Stopped(reason);
    } finally {
      Files.deleteIfExists(folder.control().resolve(name));
    }
  }

  private static void end(Sandbox.Execution execution, Stop.Reason reason, Stop stop)
      throws InterruptedException {
    if (reason != Stop.Reason.ABANDONED) {
      execution.terminate();
      ended(CompletableFuture.anyOf(execution.code(), stop.atOnce()), KILL_GRACE.toSeconds());
    }
    // Also where the step itself has ended: what it started may have ignored the request.
    execution.kill();
    ended(execution.code(), DEATH_SECONDS);
  }

  private static void ended(CompletableFuture<?> end, long seconds) throws InterruptedException {
    try {
      end.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "A stopped step did not end", e);
    }
  }

  private static void awaitAny(CompletableFuture<?> one, CompletableFuture<?> other)
      throws InterruptedException {
    try {
      CompletableFuture.anyOf(one, other).get();
    } catch (ExecutionException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "A step's process failed", e);
    }
  }

  private static int code(CompletableFuture<Integer> code) throws IOException {
    return switch (code.state()) {
      case SUCCESS -> code.resultNow();
      case FAILED -> {
        if (code.exceptionNow() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new IOException("The step's process failed", code.exceptionNow());
      }
      case RUNNING, CANCELLED -> throw new IOException("The step's process was lost");
    };
  }
}
