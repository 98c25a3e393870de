package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The real git command, as a person uses it, in a folder of its own.
record GitClient(Path folder) {
  /// What git said, on both of its outputs, and how it ended.
  record Result(int exit, String output) {
    boolean succeeded() {
      return exit == 0;
    }
  }

  static GitClient in(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new GitClient(folder);
  }

  /// A new repository with branch `main`.
  static GitClient init(Path folder) {
    var git = in(folder);
    git.run("init", "--quiet", "--initial-branch=main");
    return git;
  }

  Result attempt(String... arguments) {
    // Test data is random or tiny; squeezing it only costs time.
    var command = new ArrayList<>(List.of("git", "-c", "core.compression=0"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_AUTHOR_NAME", "Ada Author",
                "GIT_AUTHOR_EMAIL", "ada@example.com",
                "GIT_COMMITTER_NAME", "Carl Committer",
                "GIT_COMMITTER_EMAIL", "carl@example.com"));
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Result(process.waitFor(), output.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// For commands that have to succeed.
  String run(String... arguments) {
    var result = attempt(arguments);
    if (!result.succeeded()) {
      throw new AssertionError("git " + String.join(" ", arguments) + ": " + result.output());
    }
    return result.output();
  }

  /// Commits that file with that text, and returns the sha.
  String commit(String file, String text) {
    return commit(file, text.getBytes(UTF_8));
  }

  String commit(String file, byte[] bytes) {
    try {
      var path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.write(path, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run("add", "--all");
    run("commit", "--quiet", "--message", "Change " + file + "\n\nBecause.");
    return run("rev-parse", "HEAD");
  }
}
