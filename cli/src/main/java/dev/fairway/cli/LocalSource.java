package dev.fairway.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What git says about the folder that a workflow runs in; placeholders where it is no repository.
///
/// @param ref in full, such as `refs/heads/main`
/// @param repository git's own folder, if there is one; it may lie outside of this folder
record LocalSource(
    Path folder, String name, String sha, String ref, String actor, Optional<Path> repository) {
  private static final String NO_COMMIT = "0".repeat(40);
  private static final String BRANCHES = "refs/heads/";
  private static final String TAGS = "refs/tags/";
  private static final String DEFAULT_BRANCH = "main";

  static LocalSource of(Path folder) throws IOException, InterruptedException {
    var name = String.valueOf(folder.getFileName());
    var said =
        git(folder, "log", "-1", "--format=%H%n%an%n%D", "--decorate=full")
            .map(text -> text.split("\n", -1));
    var decorations = said.map(lines -> List.of(lines[2].split(", ", -1))).orElse(List.of());
    return new LocalSource(
        folder,
        name.matches("[A-Za-z0-9._-]+") ? name : "project",
        said.map(lines -> lines[0]).orElse(NO_COMMIT),
        after("HEAD -> ", decorations)
            .filter(ref -> ref.startsWith(BRANCHES))
            .or(() -> after("tag: ", decorations).filter(ref -> ref.startsWith(TAGS)))
            .orElse(BRANCHES + DEFAULT_BRANCH),
        said.map(lines -> lines[1]).orElse(System.getProperty("user.name")),
        repository(folder));
  }

  private static Optional<String> after(String sign, List<String> decorations) {
    return decorations.stream()
        .filter(one -> one.startsWith(sign))
        .map(one -> one.substring(sign.length()))
        .findFirst();
  }

  /// Asks git only where it is not obvious: each process costs as much as a step.
  private static Optional<Path> repository(Path folder) throws IOException, InterruptedException {
    var usual = folder.resolve(".git");
    return Files.isDirectory(usual)
        ? Optional.of(usual)
        : git(folder, "rev-parse", "--git-common-dir")
            .map(said -> folder.resolve(said.strip()).normalize());
  }

  String branch() {
    return ref.startsWith(BRANCHES) ? ref.substring(BRANCHES.length()) : ref;
  }

  /// Where a change would be proposed to.
  String defaultBranch() {
    return DEFAULT_BRANCH;
  }

  /// The files of the repository as far as they are not ignored, from its root, changed and new
  /// ones included; empty where git does not say.
  static Optional<List<Path>> files(Path folder) throws IOException, InterruptedException {
    return git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        .map(text -> {
          var files = new ArrayList<Path>();
          for (var file : text.split("\0", -1)) {
            if (!file.isEmpty()) {
              files.add(folder.resolve(file));
            }
          }
          return files;
        });
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
