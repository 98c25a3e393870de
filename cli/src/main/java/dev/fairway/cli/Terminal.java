package dev.fairway.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// The terminal that this process writes to.
final class Terminal {
  private static final Path TERMINAL = Path.of("/dev/tty");
  private static final Size USUAL = new Size(24, 80);
  private static final int ANSWER_SECONDS = 2;

  private Terminal() {}

  /// In characters.
  record Size(int rows, int columns) {}

  /// Whether standard output is a terminal on which lines can be drawn again.
  static boolean present() {
    var kind = System.getenv().getOrDefault("TERM", "").toLowerCase(Locale.ROOT);
    if (kind.isEmpty() || kind.equals("dumb")) {
      return false;
    }
    try {
      var out = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return out.startsWith("/dev/pts/")
          || out.startsWith("/dev/tty")
          || out.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /// Its size now; the usual one where it does not say.
  static Size size() {
    try {
      var process =
          new ProcessBuilder("stty", "size")
              .redirectInput(TERMINAL.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      var numbers = said.strip().split(" ", -1);
      if (process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)
          && numbers.length == 2
          && said.strip().matches("\\d{1,4} \\d{1,4}")) {
        var size = new Size(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
        return size.rows() > 1 && size.columns() > 1 ? size : USUAL;
      }
    } catch (IOException e) {
      System.getLogger("run").log(System.Logger.Level.DEBUG, "The terminal has no size", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return USUAL;
  }
}
