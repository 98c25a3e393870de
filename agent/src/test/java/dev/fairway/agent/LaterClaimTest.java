package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LaterClaimTest {
  @TempDir Path folder;

  /// The answer of a claim that arrives late finds the job given away, perhaps to this machine.
  @Test
  void aLaterClaimOfAJobLeavesAloneWhatAnEarlierOneHas() throws Exception {
    var prison = new Prison(folder);
    var source = new CheckoutSource.Folder(folder);
    var job =
        Jobs.assignment(
            """
            - run: |
                [ "$FAIRWAY_JOB" = "${FAIRWAY_JOB%8}" ] || exit 0
                echo mine >kept
                trap 'cat kept; exit 0' TERM
                echo ready
                while :; do sleep 0.1; done
            """);
    var earlier = new Jobs.Run(folder);
    var result =
        CompletableFuture.supplyAsync(() -> {
          try {
            return earlier.start(job, folder, prison.isolation, source);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Jobs.await("the earlier one runs", () -> earlier.log().endsWith("\nready"));

    var later = new Jobs.Run(folder);
    var second =
        later.start(Jobs.given(job, job.fence() + 1, null), folder, prison.isolation, source);
    earlier.cancellation.cancel();

    assertThat(second.outcome()).as(later.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(result.get().outcome()).as(earlier.log()).isEqualTo(Outcome.CANCELLED);
    assertThat(earlier.lines).contains("mine");
  }
}
