package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/// The real git in a folder, as a person who has a token.
final class Git {
  private final Path folder;
  private final String name;
  private final String token;

  Git(Path folder, String name, String token) {
    this.folder = folder;
    this.name = name;
    this.token = token;
  }

  /// Runs git and returns what it printed. The token is handed over in the environment, where other
  /// users of the machine do not see it.
  String run(String... arguments) {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      Files.createDirectories(folder);
      var builder =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
      var person = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
      var credentials =
          Base64.getEncoder().encodeToString((name + ":" + token).getBytes(StandardCharsets.UTF_8));
      builder.environment().put("GIT_AUTHOR_NAME", person);
      builder.environment().put("GIT_AUTHOR_EMAIL", name + "@example.com");
      builder.environment().put("GIT_COMMITTER_NAME", person);
      builder.environment().put("GIT_COMMITTER_EMAIL", name + "@example.com");
      builder.environment().put("GIT_CONFIG_COUNT", "1");
      builder.environment().put("GIT_CONFIG_KEY_0", "http.extraHeader");
      builder.environment().put("GIT_CONFIG_VALUE_0", "Authorization: Basic " + credentials);
      builder.environment().put("GIT_TERMINAL_PROMPT", "0");
      // Whoever signs their own commits, or has hooks for them, is not asked about these.
      builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
      var process = builder.start();
      process.getOutputStream().close();
      var printed =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new FairwayException(
            ErrorCode.INTERNAL, String.join(" ", command) + " failed: " + printed, "");
      }
      return printed;
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED, "git cannot be run: " + e.getMessage(), "Install git.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(ErrorCode.INTERNAL, "Interrupted", "", e);
    }
  }
}
