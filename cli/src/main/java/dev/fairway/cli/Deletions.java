package dev.fairway.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Deletes what jobs leave behind, some at a time: folders do not pile up, nobody waits for their
/// deletion, and a process that does nothing else is faster at it than a JVM that has just started.
///
/// Many jobs of a moment have written little, and each such process takes the time of a good part
/// of a job: there is no more than one a second.
final class Deletions {
  private static final int AT_ONCE = 8;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /// A job may have locked a folder of its own.
  ///
  /// The shell ends at once, because a JVM that ends waits for each of its children, up to a third
  /// of a second.
  private static final String DELETE =
      "{ rm -rf -- \"$@\" || { chmod -R u+rwX -- \"$@\"; rm -rf -- \"$@\"; }; } &";

  private final List<Path> waiting = new ArrayList<>();
  private long last = System.nanoTime();

  synchronized void add(Path folder) {
    waiting.add(folder);
    if (waiting.size() >= AT_ONCE && System.nanoTime() - last >= PAUSE.toNanos()) {
      last = System.nanoTime();
      try {
        delete(waiting);
        waiting.clear();
      } catch (IOException e) {
        // They are below the folder of the run, which is deleted at its end.
        System.getLogger("run").log(System.Logger.Level.DEBUG, "Cannot delete yet", e);
      }
    }
  }

  /// Has them deleted by a process that is not waited for and outlives this one.
  static void delete(List<Path> folders) throws IOException {
    deletion(folders).start();
  }

  static ProcessBuilder deletion(List<Path> folders) {
    var command = new ArrayList<>(List.of("setsid", "sh", "-c", DELETE, "delete"));
    folders.forEach(folder -> command.add(folder.toString()));
    return new ProcessBuilder(command)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
  }
}
