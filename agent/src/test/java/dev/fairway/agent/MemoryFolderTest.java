package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryFolderTest {
  @TempDir Path folder;

  @Test
  void smallFilesOfAJobLieInMemoryAndGoWithIt() throws Exception {
    var job =
        Jobs.assignment(
            """
            - run: |
                echo said=this >>"$GITHUB_OUTPUT"
                echo "$GITHUB_OUTPUT"
            """);
    var memory = MemoryFolder.of(job.job().toString());
    assumeTrue(memory.isPresent(), "this machine keeps no files in memory");

    var run = new Jobs.Run(folder);
    var result =
        run.start(job, folder, Isolation.probe(List.of(folder)), new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).anyMatch(line -> line.startsWith(memory.get() + "/commands/"));
    assertThat(memory.get()).doesNotExist();
  }

  @Test
  void jobsShareMemoryBetweenTheirOwnProcesses() throws Exception {
    var prison = new Prison(folder);

    var result =
        prison.job("- run: echo mine >/dev/shm/file && cat /dev/shm/file && ls -A /dev/shm\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines).contains("mine");
  }
}
