package dev.fairway.agent;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Tells the file system that the folders in a folder have nothing to do with each other.
///
/// ext4 puts what belongs together side by side, and before it takes an inode there it looks at
/// each one that was given back in the last seconds. With a folder for each job that is most of
/// what the folder costs, so they are spread over the disk.
final class UnrelatedFolders {
  private UnrelatedFolders() {}

  /// Says so of what will be made in these, without waiting for it. Other file systems do not know
  /// the attribute, and need no hint.
  static void in(List<Path> folders) {
    var command = new ArrayList<>(List.of("chattr", "+T", "--"));
    folders.forEach(folder -> command.add(folder.toString()));
    var none = Path.of("/dev/null").toFile();
    try {
      new ProcessBuilder(command)
          .redirectInput(none)
          .redirectOutput(Redirect.DISCARD)
          .redirectError(Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "There is no chattr here", e);
    }
  }
}
