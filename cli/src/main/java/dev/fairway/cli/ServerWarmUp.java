package dev.fairway.cli;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.FairwayServer;
import dev.fairway.server.http.Role;
import dev.fairway.server.identity.NewUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/// A server's first hour in a few seconds: pushes, and the jobs that they make, taken and ended by
/// the calls of an agent that starts nothing.
final class ServerWarmUp {
  private static final String PERSON = "ada";
  private static final String PROJECT = "warm";
  private static final String LABEL = "warm";

  /// As an agent on two processors has.
  private static final int SLOTS = 2;

  private static final int PUSHES = 10;
  private static final int JOBS_OF_A_PUSH = 30;

  private static final String WORKFLOW =
      """
      on: push
      env: {LEVEL: low}
      jobs:
        many:
          runs-on: %s
          strategy: {matrix: {n: %s}}
          steps:
            - run: 'echo ${{ env.LEVEL }} ${{ matrix.n }}'
        last:
          needs: many
          runs-on: %s
          steps:
            - run: 'true'
      """
          .formatted(LABEL, IntStream.range(1, JOBS_OF_A_PUSH).boxed().toList(), LABEL);

  private final FairwayServer server;
  private final Git git;
  private final Path work;
  private final Credentials person;
  private final Credentials agent;

  ServerWarmUp(FairwayServer server, Path folder) {
    this.server = server;
    this.work = folder.resolve("work");
    var roles = Set.of(Role.DEVELOPER, Role.ADMINISTRATOR);
    var ada = new NewUser(PERSON, "Ada Fischer", "ada@example.com", roles);
    this.person =
        new Credentials(
            server.url(), People.add(server, ada, UUID.randomUUID().toString(), PERSON));
    this.agent =
        new Credentials(
            server.url(),
            server
                .database()
                .transaction(tx -> server.identity().createAgent(tx, LABEL, PERSON))
                .secret());
    this.git = new Git(work, PERSON, person.token());
  }

  void run() throws IOException {
    try (var api = new ApiClient(person)) {
      api.post("/api/v1/projects", Map.of("name", PROJECT, "description", ""));
      git.run("init", "-q", "-b", "main");
      Files.writeString(
          Files.createDirectories(work.resolve(".github/workflows")).resolve("warm.yml"), WORKFLOW);
      git.run("add", "-A");
      for (var push = 0; push < PUSHES; push++) {
        git.run("commit", "-q", "--allow-empty", "-m", "Warm up");
        git.run("push", "-q", server.url() + "/git/" + PROJECT + ".git", "HEAD:main");
        var slots =
            IntStream.range(0, SLOTS)
                .mapToObj(_ -> CompletableFuture.runAsync(this::work))
                .toList();
        slots.forEach(CompletableFuture::join);
        api.get("/api/v1/runs");
      }
    }
  }

  /// Its share of the jobs of a push.
  private void work() {
    try (var api = new ApiClient(agent)) {
      for (var n = 0; n < JOBS_OF_A_PUSH / SLOTS; n++) {
        var claim = new ClaimRequest(LABEL, List.of(LABEL), "none");
        var answer = api.post("/agent/v1/claim", claim);
        end(api, Json.MAPPER.treeToValue(answer, JobAssignment.class));
      }
    }
  }

  private static void end(ApiClient api, JobAssignment job) {
    var path = "/agent/v1/jobs/" + job.job();
    api.post(path + "/heartbeat", new Heartbeat(job.fence()));
    var at = Instant.now();
    var log = (at + " Job " + job.jobName() + "\n").repeat(10).getBytes(StandardCharsets.UTF_8);
    var events =
        List.<JobEvent>of(
            new JobEvent.StepStarted(at, 0, "Set up job", 0, 1),
            new JobEvent.SandboxNote(at, "none"),
            new JobEvent.StepFinished(at, 0, Outcome.SUCCESS, Outcome.SUCCESS),
            new JobEvent.StepStarted(at, 1, "Run true", 0, 1),
            new JobEvent.StepFinished(at, 1, Outcome.SUCCESS, Outcome.SUCCESS));
    var tail = new JobCompletion.Tail(0, events, 0, log);
    var end =
        new JobCompletion(job.fence(), Outcome.SUCCESS, "", Map.of(), events.size(), log.length);
    api.post(path + "/complete", end.withTail(tail));
  }
}
