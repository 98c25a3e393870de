package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Tells a person what happens, stage by stage, with how long each took.
final class Narration {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int NAME_WIDTH = 26;

  private final PrintWriter out;
  private final long begun = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);

  Narration(PrintWriter out) {
    this.out = out;
  }

  /// Runs a stage and prints its name, what it found and its duration. A failure names the stage.
  String stage(String name, Callable<String> work) {
    out.printf("  %-" + NAME_WIDTH + "s ", name);
    out.flush();
    var start = System.nanoTime();
    try {
      var found = work.call();
      out.printf("%-62s %7s%n", found, seconds(System.nanoTime() - start));
      out.flush();
      return found;
    } catch (Exception e) {
      out.println("FAILED after " + seconds(System.nanoTime() - start));
      out.flush();
      if (e instanceof FairwayException refusal) {
        throw refusal;
      }
      throw new FairwayException(ErrorCode.INTERNAL, name + " failed: " + e, "", e);
    }
  }

  /// Runs a stage that makes something, of which `found` is told.
  <T> T stage(String name, String found, Callable<T> work) {
    var made = new ArrayList<T>();
    stage(
        name,
        () -> {
          made.add(work.call());
          return found;
        });
    return made.getFirst();
  }

  /// Asks again and again until there is an answer; gives up after the limit.
  <T> T await(String what, Duration limit, Supplier<Optional<T>> question) {
    var deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      var answer = question.get();
      if (answer.isPresent()) {
        return answer.get();
      }
      pause();
    }
    throw new FairwayException(
        ErrorCode.INTERNAL,
        what + " did not happen within " + limit.toSeconds() + " s",
        "The web pages and the log show how far it came.");
  }

  /// The whole time so far.
  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  private void pause() {
    try {
      ended.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(ErrorCode.INTERNAL, "Interrupted", "", e);
    }
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}
