package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedMemoryTest {
  @TempDir Path folder;

  @Test
  void jobsShareMemoryBetweenTheirOwnProcesses() throws Exception {
    var prison = new Prison(folder);

    var result = prison.job("- run: echo mine >/dev/shm/file && cat /dev/shm/file\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines).contains("mine");
  }
}
