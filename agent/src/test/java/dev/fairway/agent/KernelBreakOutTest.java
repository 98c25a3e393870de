package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways out through the kernel: more rights, other mounts, devices, control groups, settings.
final class KernelBreakOutTest {
  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  @Test
  void aJobHasNoRightsAndGainsNone() throws Exception {
    prison.holds(
        "grep -E '^Cap' /proc/self/status | grep -v CapBnd | grep -v 0000000000000000 | sed"
            + " 's/^/got in: /'",
        "grep -q 'NoNewPrivs:.1' /proc/self/status || echo got in: rights may grow",
        "[ $(id -u) != 0 ] || echo got in: root",
        "cp $(command -v id) mine && chmod 4755 mine && [ \"$(./mine -u)\" = 0 ] && echo got in:"
            + " setuid",
        "for p in $(find /bin /usr/bin /sbin /usr/sbin -xdev -perm -4000 2>/dev/null); do",
        "  [ -u $p ] && case $p in",
        "    */mount) $p -t tmpfs none $HOME 2>/dev/null && echo got in by $p ;;",
        "    */su) echo | $p -c 'echo got in by su' 2>/dev/null ;;",
        "    */sudo) $p -n echo got in by sudo 2>/dev/null ;;",
        "  esac",
        "done",
        "setpriv --reuid=0 true 2>/dev/null && echo got in: another user",
        "chroot / true 2>/dev/null && echo got in: chroot",
        "echo tried everything");
  }

  @Test
  void newNamespacesUncoverNothing() throws Exception {
    prison.holds(
        "mount -t tmpfs none $HOME 2>/dev/null && echo got in: mounted",
        "umount %s/server 2>/dev/null && echo got in: uncovered".formatted(folder),
        "unshare -Urm sh -c 'umount %1$s/server; umount -l %1$s/jobs; umount -l /run; umount /proc;"
                .formatted(folder)
            + " mount -t proc proc /proc; mount --bind / /mnt; cat %1$s/server/key.pem /mnt/%1$s/server/key.pem"
                .formatted(folder)
            + " %1$s/agent.token' 2>/dev/null".formatted(folder),
        "unshare -Urm sh -c 'mount -o remount,rw / && touch /etc/fairway && echo got in: written'"
            + " 2>/dev/null",
        "unshare -Ur sh -c 'nsenter -t 1 -m -- cat %s/server/key.pem' 2>/dev/null"
            .formatted(folder),
        "unshare -UrC sh -c 'echo 0 > /sys/fs/cgroup/cgroup.procs && echo got in: cgroup'"
            + " 2>/dev/null",
        "echo tried everything");
    assertThat(Path.of("/etc/fairway")).doesNotExist();
  }

  @Test
  void devicesAndSettingsOfTheMachineAreOutOfReach() throws Exception {
    prison.holds(
        "for d in 'b 8 0' 'b 254 0' 'c 1 1' 'c 5 1'; do",
        "  mknod \"$HOME/d\" $d 2>/dev/null && head -c 1 \"$HOME/d\" >/dev/null 2>&1 && echo got"
            + " in: $d",
        "done",
        "ls /dev | grep -E '^(sd|vd|nvme|mem|kmem|kmsg|loop|dm-|kvm|fuse)' | sed 's/^/got in: /'",
        "for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe"
            + " /proc/sys/vm/panic_on_oom /sys/power/state /sys/kernel/uevent_helper; do",
        "  [ -w $f ] && echo got in: $f",
        "done",
        "find /sys -writable -type f 2>/dev/null | head -3 | while read f; do"
            + " (: >> \"$f\") 2>/dev/null && echo got in: $f; done",
        "dmesg 2>/dev/null | head -c 1 | grep -q . && echo told: the kernel log",
        "echo tried everything");
  }

  @Test
  void aJobStaysInItsControlGroup() throws Exception {
    prison.holds(
        "for g in $(find /sys/fs/cgroup -name cgroup.procs 2>/dev/null); do",
        "  echo $$ 2>/dev/null > $g && echo got in: $g",
        "done 2>/dev/null",
        "for g in $(find /sys/fs/cgroup -name memory.limit_in_bytes -o -name memory.max -o -name"
            + " pids.max -o -name release_agent 2>/dev/null); do",
        "  echo max 2>/dev/null > $g && echo got in: $g",
        "done 2>/dev/null",
        "mkdir /sys/fs/cgroup/mine /sys/fs/cgroup/memory/mine 2>/dev/null && echo got in: a group",
        "echo tried everything");
    try (var groups = Files.walk(Path.of("/sys/fs/cgroup"), 2)) {
      assertThat(groups).noneMatch(group -> group.endsWith("mine"));
    }
  }
}
