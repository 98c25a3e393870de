package dev.fairway.agent;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

/// Where `actions/checkout` takes the repository from.
public sealed interface CheckoutSource {
  /// A repository over HTTP; `password` is the job's token, or another one that it was given.
  record Remote(String url, String user, String password) implements CheckoutSource {
    /// The name under which a server takes whatever token it knows.
    private static final String ANYBODY = "x-access-token";

    /// Another project of the same server.
    Remote project(String name) {
      return new Remote(repositories() + name + ".git", user, password);
    }

    Remote withToken(String token) {
      return new Remote(url, ANYBODY, token);
    }

    /// How the password looks on the wire, which the masker has to know too.
    String basic() {
      return Base64.getEncoder()
          .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /// The variables by which a git process, and those that it starts, shows the password to the
    /// repositories of this server and to nobody else.
    Map<String, String> credentials() {
      return Map.of(
          "GIT_CONFIG_COUNT", "1",
          "GIT_CONFIG_KEY_0", "http." + repositories() + ".extraHeader",
          "GIT_CONFIG_VALUE_0", "Authorization: Basic " + basic());
    }

    /// The part of the address that all repositories of the server begin with.
    String repositories() {
      return url.substring(0, url.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
      return url;
    }
  }

  /// A working folder on this machine, with its changes that are not committed.
  record Folder(Path path) implements CheckoutSource {}

  /// A folder that is taken as it is, such as a [WorkingCopy].
  record Prepared(Path path) implements CheckoutSource {}
}
