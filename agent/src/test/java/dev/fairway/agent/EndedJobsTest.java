package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent runs for weeks: what it knew of a job goes with the job, whatever clocks still ran.
final class EndedJobsTest {
  @TempDir Path folder;

  @Test
  void nothingHoldsAJobWhoseTimeWasNotUp() throws Exception {
    assertForgotten(ended("- run: true", false, Outcome.SUCCESS));
  }

  @Test
  void nothingHoldsACancelledJobThatHadTimeLeftToCleanUp() throws Exception {
    assertForgotten(
        ended(
            """
            - run: true
              if: always()
            """,
            true,
            Outcome.CANCELLED));
  }

  @Test
  void nothingHoldsAStepWhoseTimeWasNotUp() {
    assertForgotten(endedStep());
  }

  /// All who wait for the end of a job hang on its cancellation.
  private WeakReference<Cancellation> ended(String steps, boolean cancelled, Outcome outcome)
      throws Exception {
    var run = new Jobs.Run(folder);
    if (cancelled) {
      run.cancellation.cancel();
    }
    var result =
        run.start(
            Jobs.assignment(steps), folder, Isolation.none(), new CheckoutSource.Folder(folder));
    assertThat(result.outcome()).as(run.log()).isEqualTo(outcome);
    return new WeakReference<>(run.cancellation);
  }

  private static WeakReference<Stop> endedStep() {
    try (var stop = new Stop()) {
      stop.after(Duration.ofHours(5), Stop.Reason.STEP_TIMED_OUT);
      return new WeakReference<>(stop);
    }
  }

  private static void assertForgotten(WeakReference<?> reference) {
    Jobs.await(
        "nothing holds it",
        () -> {
          System.gc();
          return reference.refersTo(null);
        });
  }
}
