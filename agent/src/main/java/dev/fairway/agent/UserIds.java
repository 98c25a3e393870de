package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The user ids that jobs run under: each job has one that no other process on the machine has.
///
/// A locked file per id keeps two agents on one machine apart. The lock goes with the process,
/// which keeps the ids that it has for its next jobs. It also goes when the process closes any
/// other opening of the same file, so a file whose lock this process has is never opened again.
final class UserIds {
  static final int FIRST = 64_000;
  static final int COUNT = 1_000;

  static final UserIds OF_THE_MACHINE = new UserIds(Path.of("/run/fairway-uids"), FIRST);

  /// So many are locked at once, because to look through all processes takes as long as a job.
  private static final int AT_ONCE = 4;

  private final Path folder;
  private final int first;
  private final Map<Integer, FileChannel> locks = new HashMap<>();

  /// Those of them that no job has.
  private final TreeSet<Integer> free = new TreeSet<>();

  /// @param folder for the files
  /// @param first of [#COUNT] ids, which nobody else has who locks them there
  UserIds(Path folder, int first) {
    this.folder = folder;
    this.first = first;
  }

  /// @param from who gave it; nobody where this process may not change its user, and jobs run under
  ///   its own
  record Lease(int id, @Nullable UserIds from) implements AutoCloseable {
    boolean own() {
      return from != null;
    }

    /// Processes of that user do not die, so no other job gets its id before they have.
    void haunted() {
      if (from != null) {
        from.release(id);
      }
    }

    @Override
    public void close() {
      if (from != null) {
        from.giveBack(id);
      }
    }
  }

  /// The user that this process runs as.
  static int current() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  static Lease shared() throws IOException {
    return new Lease(current(), null);
  }

  /// An id of its own for a job.
  synchronized Lease acquire() throws IOException {
    for (var next = first; free.isEmpty() && next < first + COUNT; ) {
      next = lockFrom(next);
    }
    var id = free.pollFirst();
    if (id == null) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "All " + COUNT + " user ids for jobs from " + first + " are taken",
          "Run fewer jobs on this machine at once.");
    }
    return new Lease(id, this);
  }

  /// Locks some ids from `next` on and keeps those under which nothing runs: what a job of a killed
  /// agent has left, or whoever else has the id, could get at the next job that has it.
  ///
  /// @return the first one that was not looked at
  private int lockFrom(int next) throws IOException {
    Files.createDirectories(folder);
    var locked = new HashSet<Integer>();
    var id = next;
    for (; locked.size() < AT_ONCE && id < first + COUNT; id++) {
      if (!locks.containsKey(id) && lock(id)) {
        locked.add(id);
      }
    }
    Set<Integer> running;
    try {
      running = Leftovers.users();
    } catch (IOException e) {
      locked.forEach(this::release);
      throw e;
    }
    for (var one : locked) {
      if (running.contains(one)) {
        release(one);
      } else {
        free.add(one);
      }
    }
    return id;
  }

  private boolean lock(int id) throws IOException {
    var channel =
        FileChannel.open(
            folder.resolve(Integer.toString(id)),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      return false;
    }
    locks.put(id, channel);
    return true;
  }

  private synchronized void giveBack(int id) {
    if (locks.containsKey(id)) {
      free.add(id);
    }
  }

  private synchronized void release(int id) {
    try {
      var lock = locks.remove(id);
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE, "Cannot release the user id " + id, "", e);
    }
  }
}
