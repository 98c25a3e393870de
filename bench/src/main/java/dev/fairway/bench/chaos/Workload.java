package dev.fairway.bench.chaos;

import dev.fairway.server.FairwayServer;
import dev.fairway.server.ServerOptions;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.identity.NewUser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// A project whose every branch starts a run of ten jobs: five that may be retried, five that may
/// not. Each job prints numbered lines and their checksum, in its own time.
final class Workload {
  static final String PROJECT = "counter";
  static final int JOBS_OF_A_RUN = 10;
  static final int LINES = 200;

  private static final String PERSON = "ada";
  private static final Duration ANSWER = Duration.ofSeconds(20);

  /// A push to a server that is cut off from its database is given up, and goes to the other one.
  private static final String PUSH_SECONDS = "8";

  private static final String WORKFLOW =
      """
      name: count
      on: push
      jobs:
        once:
          runs-on: linux
          strategy: {fail-fast: false, matrix: {n: [1, 2, 3, 4, 5]}}
          steps:
            - run: &count |
                REPORT
                report start
                for i in $(seq 1 LINES); do echo "line $i"; [ $((i % 25)) != 0 ] || sleep 0.1; done
                echo "sum $(seq -f 'line %g' 1 LINES | sha256sum | cut -c1-64)"
                report end
        safe:
          runs-on: linux
          strategy: {fail-fast: false, matrix: {n: [1, 2, 3, 4, 5]}}
          env: {FAIRWAY_RETRY: safe}
          steps:
            - uses: actions/checkout@v4
            - run: *count
      """;

  private final Cluster cluster;
  private final Path work;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
  private final Map<String, String> agentTokens = new LinkedHashMap<>();
  private String token = "";
  private int pushed;

  /// Makes the person, the agents' tokens and the project, by a server of this process that ends
  /// before anything goes wrong.
  Workload(Cluster cluster, Path work, Collector collector) throws IOException {
    this.cluster = cluster;
    this.work = Files.createDirectories(work);
    try (var server =
        FairwayServer.start(
            new ServerOptions(
                cluster.data(),
                Network.HERE,
                0,
                Ingress.STRAIGHT,
                Optional.of(DatabaseUrl.parse(cluster.databaseUrl())),
                cluster.data().resolve("proxy"),
                Optional.empty(),
                true))) {
      people(server);
      var body = "{\"name\": \"%s\", \"description\": \"Counts\"}".formatted(PROJECT);
      var made =
          send(
              HttpRequest.newBuilder(server.url().resolve("/api/v1/projects"))
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body)));
      if (made.isEmpty()) {
        throw new IllegalStateException("the project could not be made");
      }
    }
    var file = Files.createDirectories(work.resolve(".github/workflows")).resolve("count.yml");
    Files.writeString(
        file,
        WORKFLOW.replace("LINES", Integer.toString(LINES)).replace("REPORT", collector.shell()));
    git("init", "-q", "-b", "trunk");
    git("add", "-A");
    git("commit", "-q", "-m", "Count");
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
                  "chaos-" + System.nanoTime(),
                  "chaos");
          var scopes = EnumSet.copyOf(Permission.of(roles));
          scopes.remove(Permission.ANYONE);
          var until = Instant.now().plus(Duration.ofDays(1));
          token = identity.createToken(tx, user.id(), "chaos", scopes, until, "chaos").secret();
          for (var agent : cluster.names().agents()) {
            agentTokens.put(agent, identity.createAgent(tx, agent, "chaos").secret());
          }
        });
  }

  String agentToken(String agent) {
    return agentTokens.getOrDefault(agent, "");
  }

  /// How many runs have been asked for.
  int runs() {
    return pushed;
  }

  /// Starts so many runs, each by a branch of its own; false where no server took the push, and
  /// nothing or all of it may have happened. To be repeated until it is true.
  boolean push(int runs, String server) {
    var command = new ArrayList<>(List.of("push", "-q", cluster.url(server) + "/git/counter.git"));
    IntStream.range(pushed, pushed + runs)
        .forEach(number -> command.add("trunk:refs/heads/branch-" + number));
    var taken = tryGit(command.toArray(String[]::new));
    if (taken) {
      pushed += runs;
    }
    return taken;
  }

  /// The log of a job, as that server gives it out; empty where it does not.
  Optional<String> log(String server, long run, String job) {
    var path = "/api/v1/projects/%s/runs/%d/jobs/%s/log/text".formatted(PROJECT, run, job);
    return send(HttpRequest.newBuilder(cluster.url(server).resolve(path)).GET());
  }

  /// Whether the server answers, its database included.
  boolean isReady(String server) {
    return send(HttpRequest.newBuilder(cluster.url(server).resolve("/readyz")).GET()).isPresent();
  }

  private Optional<String> send(HttpRequest.Builder request) {
    try {
      var response =
          http.send(
              request.timeout(ANSWER).header("Authorization", "Bearer " + token).build(),
              BodyHandlers.ofString());
      return Optional.of(response.body()).filter(_ -> response.statusCode() < 300);
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void git(String... arguments) {
    if (!tryGit(arguments)) {
      throw new IllegalStateException("git " + String.join(" ", arguments) + " failed");
    }
  }

  private boolean tryGit(String... arguments) {
    var command = new ArrayList<>(List.of("timeout", PUSH_SECONDS, "git"));
    command.addAll(List.of(arguments));
    try {
      var builder =
          new ProcessBuilder(command)
              .directory(work.toFile())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(work.resolveSibling("git.log").toFile()));
      var credentials =
          Base64.getEncoder()
              .encodeToString((PERSON + ":" + token).getBytes(StandardCharsets.UTF_8));
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
      return builder.start().waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
