package dev.fairway.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// What git says about the folder that a workflow runs in; placeholders where it is no repository.
///
/// @param ref in full, such as `refs/heads/main`
record LocalSource(String name, String sha, String ref, String actor) {
  private static final String NO_COMMIT = "0".repeat(40);
  private static final String BRANCHES = "refs/heads/";

  static LocalSource of(Path folder) throws IOException, InterruptedException {
    var name = String.valueOf(folder.getFileName());
    var said = git(folder, "log", "-1", "--format=%H%n%an").map(text -> text.split("\n", -1));
    return new LocalSource(
        name.matches("[A-Za-z0-9._-]+") ? name : "project",
        said.map(lines -> lines[0]).orElse(NO_COMMIT),
        git(folder, "symbolic-ref", "-q", "HEAD").map(String::strip).orElse(BRANCHES + "main"),
        said.map(lines -> lines[1]).orElse(System.getProperty("user.name")));
  }

  String branch() {
    return ref.startsWith(BRANCHES) ? ref.substring(BRANCHES.length()) : ref;
  }

  private static Optional<String> git(Path folder, String... arguments)
      throws IOException, InterruptedException {
    var command = new String[arguments.length + 1];
    command[0] = "git";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return Optional.empty(); // No git: then it is no repository either.
    }
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? Optional.of(said) : Optional.empty();
  }
}
