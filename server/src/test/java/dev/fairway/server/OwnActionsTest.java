package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What `$/` in a workflow begins from, through the whole server.
final class OwnActionsTest {
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        test:
          runs-on: linux
          steps: [{uses: $/actions/greet}]
      """;

  @TempDir Path folder;
  private RunningServer running;
  private ApiClient ada;
  private ApiClient agent;
  private String token;

  @BeforeEach
  void start() {
    running = RunningServer.start(folder);
    ada = running.ada();
    ada.post("/api/v1/projects", 201, "{\"name\": \"till\"}");
    token = ada.post("/api/v1/agents", 201, "{\"name\": \"worker\"}").path("token").asString();
    agent = running.withToken(token);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  /// Whoever may run a workflow may use what stands beside it, wherever else actions come from.
  @Test
  void theProjectAtTheRunsCommitIsThereWhateverIsAllowed() throws Exception {
    ada.call("PUT", "/api/v1/actions/settings", 200, "{\"sources\": [], \"allowed\": []}");
    var commit = push();
    var job = claim();

    assertThat(job.path("contexts").path("job"))
        .as("the `job` context")
        .hasToString(
            """
            {"workflow_repository":"till","workflow_file_path":".github/workflows/ci.yml",\
            "workflow_ref":"till/.github/workflows/ci.yml@refs/heads/main","workflow_sha":"%s"}\
            """
                .formatted(commit));
    var answer = agent.post(path(job) + "/actions", 200, asking(job, "projects/till@" + commit));
    assertThat(answer.path("actions").path(0).path("sha").asString()).isEqualTo(commit);
    assertThat(names(path(job) + "/actions/projects/till/" + commit + "?fence=1"))
        .contains("actions/greet/action.yml", ".github/workflows/ci.yml");
  }

  @Test
  void anotherCommitOrProjectIsNotThere() throws Exception {
    ada.call("PUT", "/api/v1/actions/settings", 200, "{\"sources\": [], \"allowed\": []}");
    var commit = push();
    var job = claim();

    for (var other : List.of("projects/till@" + "1".repeat(40), "projects/safe@" + commit)) {
      agent.post(path(job) + "/actions", 403, asking(job, other));
    }
    agent.call(
        "GET", path(job) + "/actions/projects/till/" + commit + "?fence=1", 404, (String) null);
  }

  private JsonNode claim() {
    var job =
        agent.post(
            "/agent/v1/claim",
            200,
            "{\"agent\": \"worker\", \"labels\": [\"linux\"], \"sandbox\": \"none\"}");
    agent.post(path(job) + "/heartbeat", 200, "{\"fence\": 1}");
    return job;
  }

  private static String path(JsonNode job) {
    return "/agent/v1/jobs/" + job.path("job").asString();
  }

  private static String asking(JsonNode job, String reference) {
    return "{\"fence\": %d, \"references\": [\"%s\"]}"
        .formatted(job.path("fence").asLong(), reference);
  }

  private List<String> names(String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(running.url().resolve(path))
              .header("Authorization", "Bearer " + token);
      var answer = http.send(request.build(), BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).isEqualTo(200);
      var names = new ArrayList<String>();
      try (var zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
        for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          names.add(entry.getName());
        }
      }
      return names;
    }
  }

  /// @return the commit
  private String push() throws Exception {
    var work = folder.resolve("work");
    write(work.resolve(".github/workflows/ci.yml"), WORKFLOW);
    write(work.resolve("actions/greet/action.yml"), "runs: {using: composite, steps: []}\n");
    git(work, "init", "-q", "-b", "main");
    git(work, "add", "-A");
    git(work, "commit", "-qm", "Begin");
    var url = running.url().toString().replace("://", "://ada:" + running.token() + "@");
    git(work, "push", "-q", url + "/git/till.git", "main");
    return git(work, "rev-parse", "HEAD");
  }

  private static void write(Path file, String text) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String git(Path folder, String... arguments) throws Exception {
    var command =
        new ArrayList<>(
            List.of("git", "-c", "user.name=Ada L", "-c", "user.email=ada@example.org"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }
}
