package dev.fairway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;

/// Which server the CLI talks to and as whom: from the environment, or from `fairway login`.
record Credentials(URI url, String token) {
  private static final String URL = "FAIRWAY_URL";
  private static final String TOKEN = "FAIRWAY_TOKEN";

  static Credentials load(Map<String, String> environment) {
    var url = environment.get(URL);
    var token = environment.get(TOKEN);
    if (url != null && token != null) {
      return new Credentials(server(url), token);
    }
    var file = file(environment);
    if (!Files.exists(file)) {
      throw new FairwayException(
          ErrorCode.UNAUTHENTICATED,
          "No server is known",
          "Make a token on the server's account page, then: fairway login URL --token TOKEN");
    }
    try {
      return Json.MAPPER.readValue(Files.readString(file), Credentials.class);
    } catch (IOException | JacksonException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          file + " cannot be read: " + e.getMessage(),
          "Sign in again: fairway login URL --token TOKEN",
          e);
    }
  }

  /// Keeps them for later commands, readable by their owner only.
  void save(Map<String, String> environment) {
    var file = file(environment);
    try {
      Files.createDirectories(file.getParent());
      DurableFiles.replace(file, Output.json(this).getBytes(UTF_8));
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The credentials could not be written to " + file + ": " + e.getMessage(),
          "Check the folder, or set FAIRWAY_URL and FAIRWAY_TOKEN instead.",
          e);
    }
  }

  static URI server(String text) {
    try {
      var url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Refused below, like a URL of another kind.
    }
    throw new FairwayException(
        ErrorCode.INVALID_INPUT,
        "'" + text + "' is not the address of a server",
        "Write it as http://HOST:PORT or https://HOST.");
  }

  private static Path file(Map<String, String> environment) {
    var base = environment.get("XDG_CONFIG_HOME");
    return (base == null || base.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".config")
            : Path.of(base))
        .resolve("fairway/credentials.json");
  }

  @Override
  public String toString() {
    return "Credentials[" + url + "]";
  }
}
