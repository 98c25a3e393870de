package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fairway.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The clients that the official actions use, unchanged, against a whole server.
final class OfficialClientsTest {
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        test:
          runs-on: linux
          steps: [{run: make test}]
      """;

  /// Installed once for all tests, and kept as long as the build's folder is.
  private static final Path CLIENTS = Path.of("target", "official-clients");

  @TempDir Path folder;

  private RunningServer running;
  private ApiClient ada;
  private ApiClient agent;

  @BeforeEach
  void start() throws Exception {
    assumeThat(installed()).as("node and npm, with a registry, are here").isTrue();
    running = RunningServer.start(folder);
    ada = running.ada();
    ada.post("/api/v1/projects", 201, "{\"name\": \"till\"}");
    var issued = ada.post("/api/v1/agents", 201, "{\"name\": \"worker\"}");
    agent = running.withToken(issued.path("token").asString());
  }

  @AfterEach
  void stop() {
    if (running != null) {
      running.close();
    }
  }

  @Test
  void artifactsOfTheOfficialClientAreTheSameThatEverybodySees() throws Exception {
    var job = push("main");

    var result = run(job, "artifacts.js", Map.of());

    assertThat(result.path("found").asLong()).isEqualTo(result.path("id").asLong()).isPositive();
    assertThat(result.path("listed").toString()).isEqualTo("[\"report\",\"second\"]");
    assertThat(result.path("left").toString()).isEqualTo("[\"report\"]");
    assertThat(result.path("text").asString()).isEqualTo("all is well");
    assertThat(result.path("same").asBoolean()).isTrue();
    assertThat(result.path("refusal").asString()).isNotEmpty();
    var artifact = ada.get("/api/v1/projects/till/runs/1/artifacts").path("items").path(0);
    assertThat(artifact.path("name").asString()).isEqualTo("report");
    assertThat(artifact.path("digest").asString()).isEqualTo(result.path("digest").asString());
    assertThat(artifact.path("entries").asInt()).isEqualTo(2);
    assertThat(
            Duration.between(
                    Instant.parse(artifact.path("createdAt").asString()),
                    Instant.parse(artifact.path("expiresAt").asString()))
                .toHours())
        .isBetween(2 * 24 + 22L, 3 * 24L);
    assertThat(ada.get("/api/v1/evidence?type=provenance").path("items"))
        .as("what was deleted was uploaded all the same")
        .hasSizeBetween(0, 2);
  }

  @Test
  void cachesOfTheOfficialClientAreReadAtTheirRefAndWhereTheirRefIsTheDefaultBranch()
      throws Exception {
    var main = push("main");
    var other = push("other");
    var third = push("third");

    var saved = run(main, "caches.js", Map.of("KEY_PREFIX", "linux-"));

    assertThat(saved.path("none").asBoolean()).isTrue();
    assertThat(saved.path("saved").asInt()).isPositive();
    assertThat(saved.path("again").asInt()).as("a key is taken once").isEqualTo(-1);
    assertThat(saved.path("exact").asString()).isEqualTo("linux-one");
    assertThat(saved.path("begun").asString()).isEqualTo("linux-one");
    assertThat(saved.path("text").asString()).isEqualTo("kept for later");
    assertThat(saved.path("after").asString()).isEqualTo("kept for later");

    var first = Map.of("KEY_PREFIX", "linux-", "GITHUB_SERVER_URL", running.url().toString());
    var ofBranch = run(other, "caches.js", first);
    assertThat(ofBranch.path("none").asBoolean()).as("linux-none begins with no key").isTrue();
    assertThat(ofBranch.path("saved").asInt()).as("its own, in the older protocol").isPositive();
    assertThat(ofBranch.path("exact").asString()).isEqualTo("linux-one");
    assertThat(ofBranch.path("text").asString()).isEqualTo("kept for later");
    assertThat(scopes()).containsExactlyInAnyOrder("refs/heads/main", "refs/heads/other");

    running.database().run(tx -> tx.execute("DELETE FROM cache_entry WHERE scope LIKE '%main'"));
    var apart = run(third, "caches.js", Map.of("KEY_PREFIX", "linux-o"));
    assertThat(apart.path("none").asBoolean()).as("not what a third branch keeps").isTrue();
  }

  private List<String> scopes() {
    return running
        .database()
        .read(tx ->
            tx.createQuery("SELECT scope FROM cache_entry WHERE digest IS NOT NULL")
                .mapTo(String.class)
                .list());
  }

  /// Pushes a branch, and claims its job.
  private JsonNode push(String branch) throws Exception {
    var work = Files.createDirectories(folder.resolve("work/.github/workflows"));
    Files.writeString(work.resolve("ci.yml"), WORKFLOW);
    var root = folder.resolve("work");
    if (!Files.exists(root.resolve(".git"))) {
      command(root, Map.of(), "git", "init", "--quiet", "--initial-branch=main");
      command(root, Map.of(), "git", "add", "--all");
      command(
          root,
          Map.of(),
          "git",
          "-c",
          "user.name=Ada",
          "-c",
          "user.email=ada@example.org",
          "commit",
          "--quiet",
          "--message=Begin");
    }
    var url = running.url().toString().replace("://", "://ada:" + running.token() + "@");
    command(root, Map.of(), "git", "push", "--quiet", url + "/git/till.git", "main:" + branch);
    var job =
        agent.post(
            "/agent/v1/claim",
            200,
            "{\"agent\": \"worker\", \"labels\": [\"linux\"], \"sandbox\": \"none\"}");
    agent.post("/agent/v1/jobs/" + job.path("job").asString() + "/heartbeat", 200, fence(job));
    return job;
  }

  private static String fence(JsonNode job) {
    return "{\"fence\": %d}".formatted(job.path("fence").asLong());
  }

  /// Runs a script as a step of that job would.
  private JsonNode run(JsonNode job, String script, Map<String, String> more) throws Exception {
    agent.post("/agent/v1/jobs/" + job.path("job").asString() + "/heartbeat", 200, fence(job));
    var services = job.path("services");
    var workspace = Files.createDirectories(folder.resolve("job-" + job.path("job").asString()));
    var environment = new HashMap<String, String>();
    environment.put("GITHUB_WORKSPACE", workspace.toString());
    environment.put("RUNNER_TEMP", Files.createDirectories(workspace.resolve("temp")).toString());
    environment.put("GITHUB_SERVER_URL", services.path("serverUrl").asString());
    environment.put("ACTIONS_RUNTIME_URL", services.path("runtimeUrl").asString());
    environment.put("ACTIONS_RESULTS_URL", services.path("resultsUrl").asString());
    environment.put("ACTIONS_CACHE_URL", services.path("cacheUrl").asString());
    environment.put("ACTIONS_RUNTIME_TOKEN", services.path("runtimeToken").asString());
    environment.put("ACTIONS_CACHE_SERVICE_V2", "true");
    environment.putAll(more);
    var output = command(CLIENTS, environment, "node", script);
    return output
        .lines()
        .filter(line -> line.startsWith("RESULT "))
        .map(line -> Json.MAPPER.readTree(line.substring("RESULT ".length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(output));
  }

  private static boolean installed() throws IOException, InterruptedException {
    Files.createDirectories(CLIENTS);
    for (var file : List.of("package.json", "artifacts.js", "caches.js")) {
      try (var in = OfficialClientsTest.class.getResourceAsStream("/official-clients/" + file)) {
        Files.write(CLIENTS.resolve(file), Objects.requireNonNull(in).readAllBytes());
      }
    }
    if (Files.exists(CLIENTS.resolve("node_modules/@actions/cache/package.json"))) {
      return true;
    }
    try {
      command(CLIENTS, Map.of(), "npm", "install", "--silent", "--no-audit", "--no-fund");
      return true;
    } catch (IOException | AssertionError e) {
      return false;
    }
  }

  private static String command(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
