package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The user ids that jobs run under: each job has one that no other process on the machine has.
///
/// A locked file per id keeps two agents on one machine apart; the lock goes with the process. It
/// also goes when the process closes any other opening of the same file, so a file whose lock this
/// process has is never opened again.
final class UserIds {
  static final int FIRST = 64_000;
  static final int COUNT = 1_000;

  private static final Path LOCKS = Path.of("/run/fairway-uids");

  /// The ids that jobs of this process have.
  private static final Set<Integer> OURS = new HashSet<>();

  /// Ids under which nothing runs that this process has not started.
  private static final Set<Integer> QUIET = new HashSet<>();

  private UserIds() {}

  /// @param own false where this process may not change its user, and jobs run under its own
  record Lease(int id, boolean own, @Nullable FileChannel channel) implements AutoCloseable {
    @Override
    public void close() {
      if (channel == null) {
        return;
      }
      synchronized (OURS) {
        try {
          channel.close();
          OURS.remove(id);
        } catch (IOException e) {
          throw new FairwayException(
              ErrorCode.STORAGE_UNAVAILABLE, "Cannot release the user id " + id, "", e);
        }
      }
    }
  }

  /// The user that this process runs as.
  static int current() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  static Lease shared() throws IOException {
    return new Lease(current(), false, null);
  }

  /// An id of its own for a job where this process is root, otherwise its own id.
  static Lease acquire() throws IOException {
    return current() == 0 ? acquire(LOCKS, FIRST) : shared();
  }

  /// One of [#COUNT] ids from `first`, which nobody else has who locks them in that folder.
  static Lease acquire(Path locks, int first) throws IOException {
    Files.createDirectories(locks);
    synchronized (OURS) {
      for (var id = first; id < first + COUNT; id++) {
        if (OURS.contains(id) || !quiet(id)) {
          continue;
        }
        var channel =
            FileChannel.open(
                locks.resolve(Integer.toString(id)),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        if (channel.tryLock() != null) {
          OURS.add(id);
          QUIET.add(id);
          return new Lease(id, true, channel);
        }
        channel.close();
      }
    }
    throw new FairwayException(
        ErrorCode.CONFLICT,
        "All " + COUNT + " user ids for jobs from " + first + " are taken",
        "Run fewer jobs on this machine at once.");
  }

  /// What a job of a killed agent has left, or whoever else has the id, could get at the next job
  /// that has it.
  private static boolean quiet(int id) throws IOException {
    return QUIET.contains(id) || Leftovers.of(id).isEmpty();
  }

  /// Processes of that user do not die, so no other job gets its id before they have.
  static void haunted(int id) {
    synchronized (OURS) {
      QUIET.remove(id);
    }
  }
}
