package dev.fairway.agent;

import dev.fairway.api.ResolvedAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The code of actions that this machine has fetched, one zip per commit: a commit never changes,
/// so whoever has it needs nobody. The longest unused ones go when there are more than [#MAX_BYTES]
/// of them.
final class ActionCache {
  static final long MAX_BYTES = 2L << 30;

  /// A zip that was used so recently may be being unpacked.
  private static final Duration IN_USE = Duration.ofMinutes(10);

  private static final String SUFFIX = ".zip";

  private final Path folder;
  private final InstantSource clock;
  private final long maxBytes;

  /// @param folder no job can see it
  ActionCache(Path folder, InstantSource clock, long maxBytes) {
    this.folder = folder;
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  /// The zip of that commit, fetched now where it is not here yet.
  Path zip(ResolvedAction action, ActionSource source) throws IOException, InterruptedException {
    var zip = folder.resolve(action.repository()).resolve(action.sha() + SUFFIX);
    if (Files.isRegularFile(zip)) {
      Files.setLastModifiedTime(zip, FileTime.from(clock.instant()));
      return zip;
    }
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(folder.resolve(action.repository()));
    var partial = Files.createTempFile(folder, "fetch", ".part");
    Files.delete(partial);
    try {
      source.fetch(action, partial);
      Files.setLastModifiedTime(partial, FileTime.from(clock.instant()));
      Files.move(partial, zip, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    evict();
    return zip;
  }

  private record Kept(Path zip, long bytes, FileTime used) {}

  private synchronized void evict() throws IOException {
    var kept = new ArrayList<Kept>();
    for (var zip : zips()) {
      try {
        var attributes = Files.readAttributes(zip, BasicFileAttributes.class);
        kept.add(new Kept(zip, attributes.size(), attributes.lastModifiedTime()));
      } catch (NoSuchFileException _) {
        // Another agent on this folder was faster.
      }
    }
    kept.sort(Comparator.comparing(Kept::used));
    var bytes = kept.stream().mapToLong(Kept::bytes).sum();
    var inUse = FileTime.from(clock.instant().minus(IN_USE));
    for (var old : kept) {
      if (bytes <= maxBytes || old.used().compareTo(inUse) > 0) {
        return;
      }
      Files.deleteIfExists(old.zip());
      bytes -= old.bytes();
    }
  }

  private List<Path> zips() throws IOException {
    try (var files = Files.walk(folder, 3)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).toList();
    }
  }
}
