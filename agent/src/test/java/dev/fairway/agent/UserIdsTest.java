package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class UserIdsTest {
  /// An id that this process only believes to have is given out by another agent of the machine,
  /// and then each of the two ends the other's processes.
  @Test
  void theIdOfAJobStaysLockedWhileOthersAreTaken() throws IOException {
    assumeTrue(UserIds.current() == 0, "only root gives jobs users of their own");
    try (var first = UserIds.acquire();
        var second = UserIds.acquire()) {
      assertThat(second.id()).isNotEqualTo(first.id());
      assertThat(isLocked(first.id())).isTrue();
      assertThat(isLocked(second.id())).isTrue();
    }
  }

  @Test
  void anIdThatIsGivenBackIsTakenAgain() throws IOException {
    assumeTrue(UserIds.current() == 0, "only root gives jobs users of their own");
    int id;
    try (var lease = UserIds.acquire()) {
      id = lease.id();
    }
    assertThat(isLocked(id)).isFalse();
    try (var lease = UserIds.acquire()) {
      assertThat(lease.id()).isLessThanOrEqualTo(id);
    }
  }

  private static boolean isLocked(int id) throws IOException {
    var file = Path.of("/run/fairway-uids", Integer.toString(id));
    var mark =
        " %d .*:%s ".formatted(ProcessHandle.current().pid(), Files.getAttribute(file, "unix:ino"));
    return Files.readAllLines(Path.of("/proc/locks")).stream()
        .anyMatch(line -> line.matches(".*POSIX.*" + mark + ".*"));
  }
}
