package dev.fairway.agent;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/// Tells the file system that the folders in a folder have nothing to do with each other.
///
/// ext4 puts what belongs together side by side, and before it takes an inode there it looks at
/// each one that was given back in the last seconds. With a folder for each job that is most of
/// what the folder costs, so they are spread over the disk.
public final class UnrelatedFolders {
  private UnrelatedFolders() {}

  /// Says so of what will be made in `folder`, without waiting for it. Other file systems do not
  /// know the attribute, and need no hint.
  public static void in(Path folder) {
    var none = Path.of("/dev/null").toFile();
    try {
      new ProcessBuilder(List.of("chattr", "+T", "--", folder.toString()))
          .redirectInput(none)
          .redirectOutput(Redirect.DISCARD)
          .redirectError(Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "There is no chattr here", e);
    }
  }
}
