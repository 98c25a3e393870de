package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A workspace in whose place the job cannot put a link. A container engine that mounts it follows
/// links with the agent's rights, so while a container runs, the folders on the way belong to the
/// agent. Where jobs have the agent's own user there is nobody to hold them against; then a link is
/// refused if it is there before the container starts.
///
/// @param held the outer one first: whoever holds a folder decides what its entries are
record HeldWorkspace(JobFolder folder, List<Path> held) implements AutoCloseable {

  static HeldWorkspace of(JobFolder folder, Path workspace) throws IOException {
    var held = new HeldWorkspace(folder, new ArrayList<>());
    try {
      for (var path : way(folder, workspace)) {
        check(path);
        folder.takeBack(path);
        held.held().add(path);
      }
      check(workspace);
    } catch (IOException | RuntimeException e) {
      held.close();
      throw e;
    }
    return held;
  }

  private static List<Path> way(JobFolder folder, Path workspace) {
    var project = workspace.getParent();
    return project == null ? List.of() : List.of(folder.work(), project);
  }

  private static void check(Path path) {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "There is something else in the place of the workspace, and no container is given that",
          "A step before has moved or replaced " + path + "; leave it where it is.");
    }
  }

  @Override
  public void close() throws IOException {
    for (var path : held.reversed()) {
      folder.giveBack(path);
    }
  }
}
