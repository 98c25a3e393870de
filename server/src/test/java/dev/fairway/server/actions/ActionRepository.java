package dev.fairway.server.actions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A repository with an action, as its author works on it.
final class ActionRepository {
  private final Path folder;

  private ActionRepository(Path folder) {
    this.folder = folder;
  }

  static ActionRepository create(Path folder) throws Exception {
    Files.createDirectories(folder);
    var repository = new ActionRepository(folder);
    repository.git("init", "--quiet", "--initial-branch=main");
    return repository;
  }

  /// Commits `action.yml` with that text, and a script that may be executed.
  String commit(String text) throws Exception {
    Files.writeString(folder.resolve("action.yml"), text);
    var script = folder.resolve("main.sh");
    Files.writeString(script, "#!/bin/sh\necho " + text + "\n");
    script.toFile().setExecutable(true);
    git("add", ".");
    git("-c", "user.name=Eve", "-c", "user.email=eve@example.org", "commit", "-qm", text);
    return git("rev-parse", "HEAD");
  }

  String git(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(command + ": " + output);
    }
    return output;
  }
}
