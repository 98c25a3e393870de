package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With ids of its own: jobs of other agents take theirs at any moment.
final class UserIdsTest {
  private static final int FIRST = UserIds.FIRST + UserIds.COUNT;

  @TempDir Path folder;

  private @Nullable UserIds ids;

  /// An id that this process only believes to have is given out by another agent of the machine,
  /// and then each of the two ends the other's processes.
  @Test
  void theIdOfAJobStaysLockedWhileOthersAreTaken() throws IOException {
    assumeTrue(UserIds.current() == 0, "only root gives jobs users of their own");
    try (var first = acquire();
        var second = acquire()) {
      assertThat(second.id()).isNotEqualTo(first.id());
      assertThat(isLocked(first.id())).isTrue();
      assertThat(isLocked(second.id())).isTrue();
    }
  }

  @Test
  void anIdThatIsGivenBackStaysLockedAndIsTakenAgain() throws IOException {
    assumeTrue(UserIds.current() == 0, "only root gives jobs users of their own");
    int id;
    try (var lease = acquire()) {
      id = lease.id();
    }
    assertThat(isLocked(id)).isTrue();
    try (var lease = acquire()) {
      assertThat(lease.id()).isEqualTo(id);
    }
  }

  @Test
  void anIdWhoseProcessesDoNotDieIsTakenByNobody() throws Exception {
    assumeTrue(UserIds.current() == 0, "only root gives jobs users of their own");
    int id;
    try (var lease = acquire()) {
      id = lease.id();
      lease.haunted();
    }
    assertThat(isLocked(id)).isFalse();
    try (var lease = acquire()) {
      assertThat(lease.id()).isNotEqualTo(id);
    }
  }

  /// A process of a job of a killed agent, or of a program that takes the same ids, could look into
  /// the job that gets its id.
  @Test
  void anIdUnderWhichSomethingStillRunsIsNotGivenToAJob() throws Exception {
    assumeTrue(UserIds.current() == 0, "only root gives jobs users of their own");
    // Whose program nobody may read does not show its user as the owner of its folder in /proc.
    var program = Files.copy(Path.of("/bin/sleep"), folder.resolve("sleep"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("--x--x--x"));
    var process =
        new ProcessBuilder(
                "setpriv", "--reuid=" + FIRST, "--clear-groups", program.toString(), "600")
            .start();
    try {
      Jobs.await("it runs", () -> runs(FIRST));

      try (var lease = acquire()) {
        assertThat(lease.id()).isNotEqualTo(FIRST);
        assertThat(isLocked(FIRST)).isFalse();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private UserIds.Lease acquire() throws IOException {
    if (ids == null) {
      ids = new UserIds(folder.resolve("locks"), FIRST);
    }
    return ids.acquire();
  }

  private static boolean runs(int id) {
    try {
      return Leftovers.users().contains(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isLocked(int id) throws IOException {
    var file = folder.resolve("locks").resolve(Integer.toString(id));
    var mark =
        " %d .*:%s ".formatted(ProcessHandle.current().pid(), Files.getAttribute(file, "unix:ino"));
    return Files.readAllLines(Path.of("/proc/locks")).stream()
        .anyMatch(line -> line.matches(".*POSIX.*" + mark + ".*"));
  }
}
