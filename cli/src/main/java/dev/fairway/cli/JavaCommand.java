package dev.fairway.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line by which this process was started, to start others of ours the same way: the
/// same JDK, class path and AOT cache.
final class JavaCommand {
  private static final Path SELF = Path.of("/proc/self/cmdline");
  private static final String CACHE = "-XX:AOTCache=";

  private JavaCommand() {}

  /// `java` with its options for that main class.
  ///
  /// @param heapMegabytes bounds the heap, whatever this process has
  /// @param options more of them; where this process has the same, its own count
  /// @param cache the name of the AOT cache, if there is one beside that of this process
  static List<String> of(
      Class<?> main,
      int heapMegabytes,
      List<String> options,
      String cache,
      List<String> arguments) {
    var command = new ArrayList<String>();
    for (var word : words()) {
      if (word.equals(Main.class.getName())) {
        break;
      }
      if (!word.startsWith("-Xmx") && !word.startsWith("-Xms")) {
        command.add(word.startsWith(CACHE) ? CACHE + beside(word, cache) : word);
      }
    }
    command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(1, List.of("-Xms16m", "-Xmx" + heapMegabytes + "m"));
    command.addAll(1, options);
    command.add(main.getName());
    command.addAll(arguments);
    return command;
  }

  private static Path beside(String option, String cache) {
    var own = Path.of(option.substring(CACHE.length()));
    var other = own.resolveSibling(cache + ".aot");
    return Files.exists(other) ? other : own;
  }

  private static List<String> words() {
    try {
      return List.of(Files.readString(SELF).split("\0"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
