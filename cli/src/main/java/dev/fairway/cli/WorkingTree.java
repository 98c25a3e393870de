package dev.fairway.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A folder that is watched for changes of the files in it that git does not ignore; outside of a
/// repository, of all files.
///
/// A burst of changes, an editor's or a checkout's, is one change.
final class WorkingTree implements AutoCloseable {
  private static final Duration QUIET = Duration.ofMillis(200);
  private static final int MAX_FOLDERS = 20_000;

  private final Path folder;
  private final WatchService changes;
  private final Set<Path> watched = new HashSet<>();
  private Map<Path, String> known;

  private WorkingTree(Path folder, WatchService changes) throws IOException, InterruptedException {
    this.folder = folder;
    this.changes = changes;
    this.known = look();
  }

  static WorkingTree watch(Path folder) throws IOException, InterruptedException {
    return new WorkingTree(folder, folder.getFileSystem().newWatchService());
  }

  /// Waits until a file has another content, has come or has gone.
  ///
  /// @return those that did, relative; none if the tree was closed meanwhile
  List<Path> awaitChange() throws IOException, InterruptedException {
    try {
      while (true) {
        var key = changes.take();
        while (key != null) {
          key.pollEvents();
          if (!key.reset() && key.watchable() instanceof Path gone) {
            watched.remove(gone);
          }
          key = changes.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        }
        var now = look();
        var changed = changed(now);
        known = now;
        if (!changed.isEmpty()) {
          return changed;
        }
      }
    } catch (ClosedWatchServiceException e) {
      return List.of();
    }
  }

  private List<Path> changed(Map<Path, String> now) {
    var changed = new ArrayList<Path>();
    now.forEach((file, state) -> {
      if (!state.equals(known.get(file))) {
        changed.add(folder.relativize(file));
      }
    });
    known.keySet().stream()
        .filter(file -> !now.containsKey(file))
        .forEach(file -> changed.add(folder.relativize(file)));
    return changed;
  }

  /// Looks at every file, and watches the folders of all of them from now on.
  private Map<Path, String> look() throws IOException, InterruptedException {
    var files = new TreeMap<Path, String>();
    for (var file : LocalSource.files(folder).orElseGet(() -> all(folder))) {
      try {
        watchFoldersOf(file);
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        files.put(file, attributes.lastModifiedTime() + " " + attributes.size());
      } catch (NoSuchFileException _) {
        // Deleted, and git still has it in its index.
      }
    }
    watchOne(folder);
    return files;
  }

  private void watchFoldersOf(Path file) throws IOException {
    for (var parent = file.getParent();
        parent != null && parent.startsWith(folder) && !watched.contains(parent);
        parent = parent.getParent()) {
      watchOne(parent);
    }
  }

  private void watchOne(Path path) throws IOException {
    if (watched.size() < MAX_FOLDERS && watched.add(path)) {
      path.register(
          changes,
          StandardWatchEventKinds.ENTRY_CREATE,
          StandardWatchEventKinds.ENTRY_MODIFY,
          StandardWatchEventKinds.ENTRY_DELETE);
    }
  }

  private static List<Path> all(Path folder) {
    var files = new ArrayList<Path>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              files.add(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  @Override
  public void close() {
    try {
      changes.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
