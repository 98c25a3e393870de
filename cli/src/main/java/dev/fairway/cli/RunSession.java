package dev.fairway.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The local runs of one command, one after the other, and what the user's terminal says meanwhile.
///
/// Ctrl-C asks the run to end: running steps get their time to, and those still run that want to
/// (`if: always()`). Ctrl-C once more ends all at once; so does a SIGTERM, which is not waited for
/// long.
final class RunSession implements AutoCloseable {
  private static final int LAST_SECONDS = 10;

  private final Thread hook = Thread.ofPlatform().name("end").unstarted(this::end);
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable LocalRun current;
  private @Nullable RunView view;
  private @Nullable Runnable onInterrupt;
  private boolean interrupted;

  RunSession() {
    Runtime.getRuntime().addShutdownHook(hook);
    Signals.handle("INT", this::interrupt);
  }

  LocalRun.Result carryOut(LocalRun run, RunView seen) throws InterruptedException {
    synchronized (this) {
      current = run;
      view = seen;
      if (interrupted) {
        run.abandon();
      }
    }
    try {
      return run.carryOut();
    } finally {
      synchronized (this) {
        current = null;
        view = null;
      }
    }
  }

  /// Whether the user does not want any more.
  synchronized boolean interrupted() {
    return interrupted;
  }

  /// Ends the run that goes, because there is a newer one.
  synchronized void restart() {
    if (current != null) {
      current.abandon();
    }
  }

  /// What is to happen too when the user interrupts.
  synchronized void onInterrupt(Runnable action) {
    onInterrupt = action;
  }

  void onResize(Runnable action) {
    Signals.handle("WINCH", action);
  }

  synchronized void interrupt() {
    if (onInterrupt != null) {
      onInterrupt.run();
    }
    if (current == null) {
      // Nothing runs that could end by itself; the exit runs the hook.
      Thread.ofPlatform().start(() -> System.exit(ExitCode.WORK_FAILED));
    } else if (interrupted) {
      current.abandon();
    } else {
      current.cancel();
      if (view != null) {
        view.note("Cancelling; Ctrl-C again ends everything at once.");
      }
    }
    interrupted = true;
  }

  /// The machine is going down.
  private void end() {
    synchronized (this) {
      interrupted = true;
      if (current != null) {
        current.abandon();
      }
    }
    try {
      var _ = closed.await(LAST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      System.getLogger("run").log(System.Logger.Level.DEBUG, "The hook is at work", e);
    }
  }
}
