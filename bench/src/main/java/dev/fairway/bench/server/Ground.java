package dev.fairway.bench.server;

import dev.fairway.api.DurableFiles;
import dev.fairway.server.FairwayServer;
import dev.fairway.server.ServerOptions;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.identity.NewUser;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where a bench takes place: a data folder with a person, an agent's token and a project, made by
/// a server of this process that ends before anything is measured; and a working copy to push from.
final class Ground implements AutoCloseable {
  static final String PROJECT = "bench";

  private static final String PERSON = "ada";

  private final Path folder;
  private final Path work;
  private String token = "";
  private String agentToken = "";
  private Optional<URI> remote = Optional.empty();

  /// @param database none for the installation's own
  Ground(Optional<DatabaseUrl> database) throws IOException, InterruptedException {
    this.folder = Files.createTempDirectory(Path.of("/var/tmp"), "fairway-bench");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    this.work = Files.createDirectories(folder.resolve("work"));
    try (var server =
        FairwayServer.start(
            new ServerOptions(
                data(),
                "127.0.0.1",
                0,
                Ingress.STRAIGHT,
                database,
                data().resolve("proxy"),
                Optional.empty(),
                database.isPresent()))) {
      people(server);
      project(server.url());
    }
    git("init", "-q", "-b", "main");
  }

  Path data() {
    return folder.resolve("data");
  }

  Path folder() {
    return folder;
  }

  String token() {
    return token;
  }

  String agentToken() {
    return agentToken;
  }

  private void people(FairwayServer server) {
    var identity = server.identity();
    server
        .database()
        .run(tx -> {
          var roles = Set.of(Role.DEVELOPER, Role.ADMINISTRATOR);
          var user =
              identity.createUser(
                  tx,
                  new NewUser(PERSON, "Ada Fischer", "ada@example.com", roles),
                  "bench-" + System.nanoTime(),
                  "bench");
          var scopes = EnumSet.copyOf(Permission.of(roles));
          scopes.remove(Permission.ANYONE);
          var until = Instant.now().plus(Duration.ofDays(1));
          token = identity.createToken(tx, user.id(), "bench", scopes, until, "bench").secret();
          agentToken = identity.createAgent(tx, "simulated", "bench").secret();
        });
  }

  private void project(URI server) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var body = "{\"name\": \"%s\", \"description\": \"Measured\"}".formatted(PROJECT);
      var request =
          HttpRequest.newBuilder(server.resolve("/api/v1/projects"))
              .header("Content-Type", "application/json")
              .header("Authorization", "Bearer " + token)
              .POST(BodyPublishers.ofString(body));
      var answer = http.send(request.build(), BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new IllegalStateException("the project could not be made: " + answer.body());
      }
    }
  }

  /// Pushes go there from now on.
  void remote(URI server) {
    remote = Optional.of(server);
  }

  /// Commits the only workflow of the project.
  void workflow(String text) throws IOException, InterruptedException {
    var file = Files.createDirectories(work.resolve(".github/workflows")).resolve("bench.yml");
    Files.writeString(file, text);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", "Bench");
  }

  /// Pushes the commit to those branches; returns when git has.
  void push(List<String> branches) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(List.of("push", "-q", remote.orElseThrow() + "/git/" + PROJECT + ".git"));
    branches.forEach(branch -> command.add("+HEAD:refs/heads/" + branch));
    git(command.toArray(String[]::new));
  }

  void git(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var log = folder.resolve("git.log");
    var builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
    var credentials =
        Base64.getEncoder().encodeToString((PERSON + ":" + token).getBytes(StandardCharsets.UTF_8));
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_AUTHOR_NAME", "Ada",
                "GIT_AUTHOR_EMAIL", "ada@example.com",
                "GIT_COMMITTER_NAME", "Ada",
                "GIT_COMMITTER_EMAIL", "ada@example.com",
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_CONFIG_COUNT", "1",
                "GIT_CONFIG_KEY_0", "http.extraHeader",
                "GIT_CONFIG_VALUE_0", "Authorization: Basic " + credentials));
    if (builder.start().waitFor() != 0) {
      throw new IllegalStateException(
          "git " + arguments[0] + " failed: " + Files.readString(log).strip());
    }
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws IOException {
    DurableFiles.delete(folder);
  }
}
