package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkingTreeTest {
  private static final int PATIENCE_SECONDS = 20;

  @TempDir Path folder;

  private void git(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
  }

  private static FutureTask<List<Path>> changes(WorkingTree tree) {
    var change = new FutureTask<>(tree::awaitChange);
    Thread.ofVirtual().start(change);
    return change;
  }

  @Test
  void hearsOfChangedNewAndDeletedFilesAndOfNoneThatGitIgnores() throws Exception {
    git("init", "-q");
    Files.writeString(folder.resolve(".gitignore"), "target\n");
    Files.writeString(folder.resolve("one"), "1");
    Files.createDirectory(folder.resolve("target"));
    try (var tree = WorkingTree.watch(folder)) {
      var first = changes(tree);
      Files.writeString(folder.resolve("target/ignored"), "x");
      Files.writeString(folder.resolve("one"), "22");
      assertThat(first.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly(Path.of("one"));

      var second = changes(tree);
      Files.createDirectory(folder.resolve("new"));
      Files.writeString(folder.resolve("new/file"), "x");
      assertThat(second.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .containsExactly(Path.of("new/file"));

      var third = changes(tree);
      Files.delete(folder.resolve("new/file"));
      assertThat(third.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .containsExactly(Path.of("new/file"));
    }
  }

  @Test
  void whoClosesItWaitsForNoChangeAnyMore() throws Exception {
    var tree = WorkingTree.watch(folder);
    var change = changes(tree);

    tree.close();

    assertThat(change.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEmpty();
  }
}
