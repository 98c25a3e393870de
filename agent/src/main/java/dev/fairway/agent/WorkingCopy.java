package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A copy of a working folder that every user of the machine may read, for jobs that run under a
/// user of their own: root's files are mostly closed to them.
public final class WorkingCopy {
  private static final int MAX_SAID_CHARS = 500;

  private WorkingCopy() {}

  /// Copies what any checkout may take: with all submodules that are there.
  ///
  /// @param to is made; a folder above it may close the copy to others
  public static void make(Path from, Path to) throws IOException, InterruptedException {
    var said = Files.createTempFile("fairway-copy-", ".txt");
    try {
      var script =
          FolderCopy.take(from, to, Submodules.RECURSIVE)
              + "chmod -R a+rX "
              + LaunchScript.quote(to.toString());
      var process =
          new ProcessBuilder("sh", "-c", script)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(said.toFile())
              .start();
      if (process.waitFor() != 0) {
        var why = Files.readString(said).strip();
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE,
            "The folder " + from + " cannot be copied: " + shortened(why),
            "");
      }
    } finally {
      Files.delete(said);
    }
  }

  private static String shortened(String text) {
    return text.length() > MAX_SAID_CHARS ? text.substring(0, MAX_SAID_CHARS) + "…" : text;
  }
}
