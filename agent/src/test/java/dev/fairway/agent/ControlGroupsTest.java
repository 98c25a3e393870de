package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ResourceUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Both layouts as plain folders, because no machine has both; [SandboxTest] uses the machine's
/// own.
final class ControlGroupsTest {
  @TempDir Path mount;

  private static Path group(Path folder, String controllers) throws IOException {
    Files.createDirectories(folder);
    Files.createFile(folder.resolve("cgroup.subtree_control"));
    Files.writeString(folder.resolve("cgroup.controllers"), controllers + "\n");
    return folder;
  }

  @Test
  void versionTwoTakesBothLimitsInOneGroup() throws IOException {
    group(mount, "cpuset cpu io memory pids");
    group(mount.resolve("fairway"), "cpu memory pids");

    var groups = ControlGroups.probe(mount, Path.of(""));
    var job = groups.create("job-1", 1 << 20, 40);

    assertThat(groups.missing()).isEmpty();
    assertThat(mount.resolve("fairway/cgroup.subtree_control")).hasContent("+memory +pids +cpu");
    var group = mount.resolve("fairway/job-1");
    assertThat(job.entrances()).containsExactly(group.resolve("cgroup.procs"));
    assertThat(group.resolve("memory.max")).hasContent("1048576");
    assertThat(group.resolve("pids.max")).hasContent("40");
    Files.writeString(
        group.resolve("memory.events"), "low 0\nmax 7\noom 2\noom_kill 2\noom_group_kill 1\n");
    assertThat(job.memoryKills()).isEqualTo(2);
    assertThat(job.use()).isEqualTo(ResourceUse.UNKNOWN);
    Files.writeString(group.resolve("memory.peak"), "4096\n");
    Files.writeString(group.resolve("cpu.stat"), "usage_usec 61500\nuser_usec 60000\n");
    assertThat(job.use()).isEqualTo(new ResourceUse(4_096L, 61L));
  }

  @Test
  void aLimitThatIsNotPassedOnIsMissing() throws IOException {
    group(mount, "cpu pids");
    group(mount.resolve("fairway"), "pids");

    var groups = ControlGroups.probe(mount, Path.of(""));
    groups.create("job-1", 1 << 20, 40);

    assertThat(groups.missing()).containsExactly("memory");
    assertThat(mount.resolve("fairway/job-1/pids.max")).hasContent("40");
    assertThat(mount.resolve("fairway/job-1/memory.max")).doesNotExist();
  }

  @Test
  void versionOneTakesEachLimitWhereItsControllerIsMounted() throws IOException {
    var memory = Files.createDirectories(mount.resolve("memory/fairway"));
    Files.createFile(memory.resolve("memory.limit_in_bytes"));

    var groups = ControlGroups.probe(mount, Path.of(""));
    var job = groups.create("job-1", 1 << 20, 40);

    assertThat(groups.missing()).containsExactly("processes");
    assertThat(memory.resolve("job-1/memory.limit_in_bytes")).hasContent("1048576");
    Files.writeString(
        memory.resolve("job-1/memory.oom_control"),
        "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");
    assertThat(job.memoryKills()).isEqualTo(5);
    Files.writeString(memory.resolve("job-1/memory.max_usage_in_bytes"), "8192\n");
    Files.writeString(mount.resolve("cpuacct/fairway/job-1/cpuacct.usage"), "2500000000\n");
    assertThat(job.use()).isEqualTo(new ResourceUse(8_192L, 2_500L));
  }

  @Test
  void whatCannotBeBoundedIsNamed() {
    assertThat(ControlGroups.probe(Path.of("/proc"), Path.of("")).missing())
        .isEqualTo(List.of("memory", "processes"));
  }
}
