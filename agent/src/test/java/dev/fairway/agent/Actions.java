package dev.fairway.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Real git repositories with actions in them, in a folder of mirrors.
final class Actions {
  final Path mirror;

  Actions(Path folder) throws IOException {
    mirror = Files.createDirectories(folder.resolve("mirror"));
  }

  /// Adds files to `owner/name` as one commit with this tag, and gives its SHA.
  String publish(String repository, String tag, String... pathsAndTexts)
      throws IOException, InterruptedException {
    var work = mirror.resolve(repository);
    if (!Files.exists(work)) {
      Files.createDirectories(work);
      git(work, "init", "-q", "-b", "main");
    }
    for (var at = 0; at < pathsAndTexts.length; at += 2) {
      var file = work.resolve(pathsAndTexts[at]);
      Files.createDirectories(file.getParent());
      Files.writeString(file, pathsAndTexts[at + 1]);
    }
    git(work, "add", "-A");
    git(work, "commit", "-q", "-m", "Publish " + tag);
    git(work, "tag", "-f", tag);
    return git(work, "rev-parse", "HEAD");
  }

  MirrorActions source(Path folder) {
    return new MirrorActions(
        List.of(mirror.toString()), folder.resolve("actions.lock"), folder.resolve("clones"));
  }

  static String git(Path folder, String... arguments) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of("git", "-C", folder.toString(), "-c", "user.name=T", "-c", "user.email=t@t"));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(command + ": " + said);
    }
    return said.strip();
  }
}
