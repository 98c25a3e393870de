package dev.fairway.server.actions;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Zips of commits in a folder, each fetched once: `OWNER/NAME/SHA.zip`.
///
/// A file that stands there is complete: it is made elsewhere and renamed. Servers that share the
/// folder at worst make the same one twice.
final class ActionArchives {
  private static final Logger LOG = LoggerFactory.getLogger(ActionArchives.class);

  private final Path folder;
  private final Path building;
  private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /// @param folder its own
  ActionArchives(Path folder) {
    this.folder = folder;
    this.building = folder.resolve(".building");
    try {
      Files.createDirectories(building);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Where something may be made that has no place yet.
  Path building() {
    return building;
  }

  /// The zip of that commit, made by `maker` where it is not there.
  ///
  /// @param commit its ref is the commit
  Path zip(ActionReference commit, Consumer<Path> maker) {
    var zip = folder.resolve(commit.key()).resolve(commit.ref() + ".zip");
    if (used(zip)) {
      return zip;
    }
    var lock = locks.computeIfAbsent(zip.toString(), _ -> new ReentrantLock());
    lock.lock();
    try {
      if (!used(zip)) {
        make(zip, maker);
      }
      return zip;
    } finally {
      lock.unlock();
      locks.remove(zip.toString(), lock);
    }
  }

  private void make(Path zip, Consumer<Path> maker) {
    var fresh = building.resolve(UUID.randomUUID() + ".zip");
    try {
      maker.accept(fresh);
      Files.createDirectories(zip.getParent());
      Files.move(fresh, zip, StandardCopyOption.ATOMIC_MOVE);
      evict(zip);
    } catch (IOException e) {
      throw unusable(e);
    } finally {
      discard(fresh);
    }
  }

  private static boolean used(Path zip) {
    try {
      Files.setLastModifiedTime(zip, FileTime.from(Instant.now()));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private record Kept(Path file, long size, FileTime used) {}

  private void evict(Path keep) throws IOException {
    var all = new ArrayList<Kept>();
    try (var files = Files.walk(folder, 3)) {
      for (var file : files.filter(each -> each.toString().endsWith(".zip")).toList()) {
        if (!file.startsWith(building)) {
          all.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
        }
      }
    }
    var total = all.stream().mapToLong(Kept::size).sum();
    all.sort(Comparator.comparing(Kept::used));
    for (var kept : all) {
      if (total <= ActionLimits.MAX_KEPT_BYTES) {
        return;
      }
      if (!kept.file().equals(keep)) {
        Files.deleteIfExists(kept.file());
        total -= kept.size();
      }
    }
  }

  private static void discard(Path file) {
    try {
      DurableFiles.delete(file);
    } catch (IOException e) {
      LOG.warn("{} stays behind: {}", file, e.getMessage());
    }
  }

  private static FairwayException unusable(IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "The folder of actions cannot be used: " + e.getMessage(),
        "Check the owner and the free space of the data folder.",
        e);
  }
}
