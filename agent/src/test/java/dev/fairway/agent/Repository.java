package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A git repository with a working tree, for tests.
record Repository(Path folder) {
  /// An empty one, which a server may give out as Fairway's does.
  static Repository at(Path folder) throws Exception {
    Files.createDirectories(folder);
    var made = new Repository(folder);
    made.git("init", "-q", "-b", "main");
    made.git("config", "user.email", "ada@example.org");
    made.git("config", "user.name", "Ada");
    made.git("config", "uploadpack.allowAnySHA1InWant", "true");
    made.git("config", "uploadpack.allowFilter", "true");
    return made;
  }

  Repository write(String file, String text) throws IOException {
    var path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text + "\n");
    return this;
  }

  /// Commits everything.
  ///
  /// @return the commit
  String commit(String message) throws Exception {
    git("add", "-A");
    git("commit", "-qm", message);
    return git("rev-parse", "HEAD").strip();
  }

  String git(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
