package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Schemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Real requests and answers of a whole server, each held to the contract by [ApiClient], and what
/// they leave in the ledger.
final class ApiAnswersTest {
  private static final String WORKFLOW =
      """
      on:
        push:
        workflow_dispatch:
      jobs:
        test:
          runs-on: linux
          steps:
            - run: make test
      """;

  private static final String SERVICE =
      """
      service: till
      owner: team-till
      artifacts: [till]
      run:
        command: [java, Till]
      health: {path: /health}
      """;

  private static final String ENVIRONMENT =
      """
      kind: Environment
      name: production
      order: 1
      target: {kind: local}
      promotion: approved
      approvals: {count: 1}
      """;

  @TempDir Path folder;

  private RunningServer running;

  @BeforeEach
  void start() {
    running = RunningServer.start(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void theWholePathKeepsTheContractAndLeavesEvidenceThatFits() throws Exception {
    var ada = running.ada();
    people(ada);
    environment(ada);
    var commit = push(ada);
    given(ada);
    var mia = running.mia();
    runs(ada, mia, commit);
    delivers(ada, mia);
    evidence(ada);
    assertThat(ada.get("/api/v1/metrics?days=7&zone=Europe/Berlin").path("figures")).hasSize(5);

    assertThat(Schemas.requireLedgerToFit(running.database()))
        .contains(
            PredicateType.PUSH,
            PredicateType.RUN,
            PredicateType.JOB,
            PredicateType.APPROVAL,
            PredicateType.DEPLOYMENT,
            PredicateType.ENVIRONMENT,
            PredicateType.ROLE,
            PredicateType.SIGN_IN,
            PredicateType.TOKEN,
            PredicateType.PROJECT,
            PredicateType.SECRET,
            PredicateType.ACTION,
            PredicateType.QUARANTINE,
            PredicateType.POPULATION,
            PredicateType.ERASURE);
  }

  @Test
  void refusalsAreProblems() {
    var nobody = running.nobody();
    var ada = running.ada();

    assertThat(nobody.call("GET", "/api/v1/projects", 401, (String) null).path("code").asString())
        .isEqualTo("unauthenticated");
    var wrong = running.withToken("fwt_wrong");
    assertThat(wrong.call("GET", "/api/v1/whoami", 401, (String) null).path("next").asString())
        .isNotEmpty();
    assertThat(ada.call("POST", "/agent/v1/claim", 403, "{}").path("code").asString())
        .isEqualTo("forbidden");
    assertThat(ada.call("GET", "/api/v1/projects/none", 404, (String) null).path("code").asString())
        .isEqualTo("not_found");
    for (var path : List.of("/api/v1/projects", "/api/v1/deployments", "/api/v1/rollbacks")) {
      for (var body : List.of("", "null", "[]", "{\"surprise\": 1}", "{")) {
        assertThat(ada.post(path, 400, body).path("code").asString()).isEqualTo("invalid_input");
      }
    }
    assertThat(ada.post("/api/v1/deployments", 400, "{}").path("title").asString())
        .isEqualTo("The field releaseId is missing");
    assertThat(
            ada.call("GET", "/api/v1/evidence?limit=0", 400, (String) null)
                .path("title")
                .asString())
        .contains("limit");
  }

  private void people(ApiClient ada) {
    assertThat(ada.get("/api/v1/whoami").path("kind").asString()).isEqualTo("person");
    assertThat(running.nobody().get("/api/v1/whoami").path("kind").asString()).isEqualTo("nobody");
    var kim =
        ada.post(
            "/api/v1/users",
            201,
            """
            {"name": "kim", "fullName": "Kim K", "email": "kim@example.org", "roles": ["viewer"]}
            """);
    var path = "/api/v1/users/" + kim.path("user").path("id").asString();
    ada.call("PUT", path + "/roles", 200, "{\"roles\": [\"auditor\"]}");
    ada.post(path + "/deactivate", 200, null);
    ada.post(path + "/activate", 200, null);
    assertThat(ada.get("/api/v1/users").path("items")).hasSize(2);
    assertThat(ada.get("/api/v1/tokens").path("items")).hasSize(1);
    assertThat(ada.get(path + "/sessions").path("items")).isEmpty();
    ada.call("DELETE", path + "/sessions/" + Ids.next(), 404, (String) null);
    var session = ada.get("/api/v1/sessions").path("items").path(0).path("id").asString();
    ada.call("DELETE", "/api/v1/sessions/" + session, 204, (String) null);
    assertThat(ada.get("/api/v1/sessions").path("items")).isEmpty();
  }

  private String push(ApiClient ada) throws IOException {
    ada.post("/api/v1/projects", 201, "{\"name\": \"till\", \"description\": \"Takes money\"}");
    ada.post("/api/v1/projects", 409, "{\"name\": \"till\"}");
    var work = Files.createDirectories(folder.resolve("work"));
    write(work.resolve(".github/workflows/deliver.yml"), WORKFLOW);
    write(work.resolve(".fairway/service.yml"), SERVICE);
    git(work, "init", "--quiet", "--initial-branch=main");
    git(work, "add", "--all");
    git(work, "commit", "--quiet", "--message", "Open the till");
    var url = running.url().toString().replace("://", "://ada:" + running.token() + "@");
    git(work, "push", "--quiet", url + "/git/till.git", "main");
    git(work, "push", "--quiet", url + "/git/till.git", "HEAD:refs/tags/first");

    assertThat(ada.get("/api/v1/projects").path("items")).hasSize(1);
    var page = ada.get("/api/v1/projects/till/changes?limit=1");
    assertThat(page.path("items")).hasSize(1);
    var next = page.path("next").asString();
    assertThat(ada.get("/api/v1/projects/till/changes?cursor=" + next).path("items")).hasSize(1);
    return ada.get("/api/v1/projects/till/changes").path("items").path(1).path("commit").asString();
  }

  /// What jobs are given, and whose actions they may use.
  private void given(ApiClient ada) {
    for (var kind : List.of("secrets", "variables")) {
      var path = "/api/v1/" + kind;
      var value = "{\"value\": \"ding\"}";
      ada.call("PUT", path + "/bell", 204, value);
      ada.call("PUT", path + "/BELL?project=till", 204, value);
      ada.call("PUT", path + "/BELL?project=till&environment=production", 204, value);
      ada.call("PUT", path + "/BELL?environment=nowhere", 404, value);
      ada.call("PUT", path + "/1BELL", 400, value);
      ada.call("PUT", path + "/BELL", 400, "{}");
      running.nobody().call("PUT", path + "/BELL", 401, value);
      ada.call("DELETE", path + "/bell", 204, (String) null);
      ada.call("DELETE", path + "/bell", 404, (String) null);
      assertThat(ada.get(path).path("items")).isEmpty();
      assertThat(ada.get(path + "?project=till").path("items")).hasSize(1);
    }
    assertThat(ada.post("/api/v1/rotate-secret-key", 200, null).path("secrets").asInt())
        .isEqualTo(2);
    tokenDefaults(ada);
    var settings = ada.get("/api/v1/actions/settings");
    ada.call("PUT", "/api/v1/actions/settings", 200, settings.toString());
    ada.call("PUT", "/api/v1/actions/settings", 400, "{\"sources\": [], \"allowed\": [\"a b\"]}");
    assertThat(ada.get("/api/v1/actions/locks").path("items")).isEmpty();
    ada.post("/api/v1/actions/unlock", 404, "{\"reference\": \"actions/none@v1\"}");
  }

  private void runs(ApiClient ada, ApiClient mia, String commit) throws IOException {
    var issued = ada.post("/api/v1/agents", 201, "{\"name\": \"worker\"}");
    var spare = ada.post("/api/v1/agents", 201, "{\"name\": \"spare\"}");
    ada.call("DELETE", "/api/v1/agents/" + spare.path("id").asString(), 204, (String) null);
    var agent = running.withToken(issued.path("token").asString());
    work(agent);

    var path = "/api/v1/projects/till/runs/1";
    var run = ada.get(path);
    assertThat(run.path("run").path("commit").asString()).isEqualTo(commit);
    assertThat(run.path("run").path("state").asString()).isEqualTo("success");
    var log = path + "/jobs/" + run.path("jobs").path(0).path("id").asString() + "/log";
    assertThat(ada.get(log).path("lines")).hasSize(1);
    assertThat(ada.get(log + "/search?q=TESTS").path("lines")).hasSize(1);
    ada.get(log + "/text");
    ada.get(log + "/events");
    var artifact = ada.get(path + "/artifacts").path("items").path(0);
    ada.get(artifact.path("href").asString());

    tests(ada, mia, path);

    var workflow = "{\"workflow\": \".github/workflows/deliver.yml\"}";
    var second = ada.post("/api/v1/projects/till/runs", 201, workflow);
    var number = "/api/v1/projects/till/runs/" + second.path("number").asLong();
    ada.post(number + "/cancel", 200, null);
    ada.post(number + "/rerun", 200, "{\"failedOnly\": false}");
    var job = ada.get(number).path("jobs").path(0).path("id").asString();
    ada.post(number + "/jobs/" + job + "/rerun", 409, "{}");
    ada.post(number + "/jobs/" + job + "/cancel", 204, null);
    ada.post(number + "/jobs/" + job + "/rerun", 200, "{\"debug\": true}");
    ada.post(path + "/cancel", 409, null);
    assertThat(ada.get("/api/v1/runs").path("items").size()).isGreaterThanOrEqualTo(2);
    var newest = ada.get("/api/v1/projects/till/runs?limit=1");
    assertThat(
            ada.get("/api/v1/projects/till/runs?cursor=" + newest.path("next").asString())
                .path("items")
                .path(0)
                .path("number")
                .asLong())
        .isEqualTo(newest.path("items").path(0).path("number").asLong() - 1);
    ada.call("GET", "/api/v1/runs?cursor=yesterday", 400, (String) null);
  }

  /// What the job's reports said.
  private static void tests(ApiClient ada, ApiClient mia, String run) {
    var cases = ada.get(run + "/tests");
    assertThat(cases.path("coverage").path("lines").asDouble()).isEqualTo(75.0);
    assertThat(cases.path("cases").path(0).path("name").asString()).isEqualTo("refuses");
    var tests = "/api/v1/projects/till/tests";
    for (var show : List.of("failing", "flaky", "slowest", "quarantined", "named&q=REFUSE")) {
      ada.get(tests + "?show=" + show);
    }
    ada.call("GET", tests + "?show=all", 400, (String) null);
    var test = tests + "/" + ada.get(tests).path("items").path(0).path("id").asString();
    assertThat(ada.get(test).path("history")).hasSize(1);
    var reason = "{\"reason\": \"race\", \"days\": 3}";
    mia.post(test + "/quarantine", 201, reason);
    mia.post(test + "/quarantine", 409, reason);
    mia.post(test + "/quarantine/end", 200, null);
    mia.post(test + "/quarantine/end", 409, null);
    assertThat(ada.get("/api/v1/projects/till/coverage").path("items")).hasSize(1);
  }

  /// One job, as an agent does it.
  private static void work(ApiClient agent) throws IOException {
    var job =
        agent.post(
            "/agent/v1/claim",
            200,
            "{\"agent\": \"worker\", \"labels\": [\"linux\"], \"sandbox\": \"none\"}");
    var path = "/agent/v1/jobs/" + job.path("job").asString();
    var fence = job.path("fence").asLong();
    agent.post(path + "/heartbeat", 200, "{\"fence\": %d}".formatted(fence));
    agent.post(
        path + "/events",
        200,
        """
        {"fence": %d, "first": 0, "events": [
          {"type": "step_started", "at": "%s", "index": 0, "name": "Run make test", "logOffset": 0, "logLine": 1},
          {"type": "annotation", "at": "%s", "step": 0, "level": "notice", "message": "slow", "file": null, "line": 0, "column": 0},
          {"type": "step_finished", "at": "%s", "index": 0, "outcome": "success", "conclusion": "success"}
        ]}
        """
            .formatted(fence, Instant.now(), Instant.now(), Instant.now()));
    var log = utf8("2026-11-22T14:02:11.123Z 12 tests passed\n");
    agent.call("PUT", path + "/log?fence=" + fence + "&offset=0", 200, log);
    agent.call("PUT", path + "/log?fence=" + fence + "&offset=9999", 409, log);
    agent.call("PUT", path + "/artifacts/till?fence=" + fence, 200, zip());
    agent.get(path + "/artifacts");
    agent.get(path + "/artifacts/till");
    agent.post(
        path + "/complete",
        204,
        """
        {"fence": %d, "outcome": "success", "reason": "", "outputs": {}, "events": 3, "logSize": %d}
        """
            .formatted(fence, log.length));
  }

  private static void environment(ApiClient ada) {
    var path = "/api/v1/apply?file=production.yml";
    ada.call("PUT", path, 422, utf8("kind: Environment\nnmae: x\n"));
    ada.call("PUT", path, 200, utf8(ENVIRONMENT.replace("count: 1", "count: 2")));
    ada.call("PUT", path, 200, utf8(ENVIRONMENT));
    ada.call("PUT", path, 200, utf8(ENVIRONMENT));
  }

  private static void delivers(ApiClient ada, ApiClient mia) {
    var release = awaited(() -> ada.get("/api/v1/releases?project=till").path("items").path(0));
    assertThat(release.path("state").asString()).as("%s", release).isEqualTo("published");
    var id = release.path("id").asString();

    var first = "/api/v1/deployments/" + awaited(() -> waiting(ada, id)).path("id").asString();
    assertThat(ada.get("/api/v1/environments").path("items")).hasSize(1);
    assertThat(ada.get("/api/v1/waiting-jobs").path("items")).isEmpty();
    mia.post("/api/v1/waiting-jobs/" + id + "/approve", 404, "{}");
    mia.post("/api/v1/waiting-jobs/" + id + "/reject", 404, "{\"reason\": \"no\"}");
    ada.post(first + "/approve", 403, "{}");
    ada.post(first + "/cancel", 200, "{\"reason\": \"not today\"}");
    ada.post(first + "/cancel", 409, "{}");

    var promotion = "{\"releaseId\": \"%s\", \"environment\": \"production\"}".formatted(id);
    ada.post("/api/v1/deployments", 201, promotion);
    var second = "/api/v1/deployments/" + awaited(() -> waiting(ada, id)).path("id").asString();
    mia.post(second + "/reject", 400, "{}");
    mia.post(second + "/reject", 200, "{\"reason\": \"the till is open\"}");
    assertThat(mia.get(second).path("approvals")).hasSize(1);

    ada.post(
        "/api/v1/rollbacks",
        404,
        "{\"environment\": \"production\", \"service\": \"till\", \"reason\": \"slow\"}");
    assertThat(ada.get("/api/v1/deployments?environment=production").path("items")).hasSize(2);
  }

  private static JsonNode waiting(ApiClient ada, String release) {
    return ada.get("/api/v1/releases/" + release)
        .path("deployments")
        .valueStream()
        .filter(it -> it.path("state").asString().equals("waiting_approval"))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private static void evidence(ApiClient ada) {
    var all = ada.get("/api/v1/evidence?limit=1");
    var page = ada.get("/api/v1/evidence?type=run&limit=1");
    var entry = page.path("items").path(0);
    var index = entry.path("index").asLong();
    assertThat(ada.get("/api/v1/evidence/" + index).path("verified").asString())
        .isEqualTo("verified");
    ada.get("/api/v1/evidence/" + index + "/bundle");
    var older = ada.get("/api/v1/evidence?limit=1&cursor=" + all.path("next").asString());
    assertThat(older.path("items").path(0).path("index").asLong())
        .isEqualTo(all.path("items").path(0).path("index").asLong() - 1);
    var run =
        entry
            .path("about")
            .valueStream()
            .map(JsonNode::asString)
            .filter(it -> it.startsWith("run:"))
            .findFirst();
    ada.get("/api/v1/evidence/pack?about=" + run.orElseThrow());
    ada.get("/api/v1/evidence/pack?about=environment:production&since=2020-01-01T00:00:00Z");
    ada.call("GET", "/api/v1/evidence/pack?about=run:1&until=now", 400, (String) null);
    ada.call("GET", "/api/v1/evidence/999999", 404, (String) null);
    ada.post("/api/v1/evidence/" + index + "/erase", 400, "{}");
    var erased =
        ada.post("/api/v1/evidence/" + index + "/erase", 200, "{\"reason\": \"by mistake\"}");
    assertThat(erased.path("verified").asString()).isEqualTo("erased");
    assertThat(erased.path("entry").path("erasure").path("actor").asString()).isEqualTo("ada");
    ada.get("/api/v1/evidence/" + index + "/bundle");
    ada.get("/api/v1/evidence?type=run");
    ada.post("/api/v1/evidence/" + index + "/erase", 409, "{\"reason\": \"again\"}");
    ada.call("GET", "/api/v1/evidence?type=nonsense", 400, (String) null);
  }

  private static JsonNode awaited(Supplier<JsonNode> source) {
    var end = Instant.now().plus(Duration.ofSeconds(20));
    var found = source.get();
    while (found.isMissingNode() && Instant.now().isBefore(end)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      found = source.get();
    }
    return found;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zip() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("till.txt"));
      zip.write("ding".getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("results.tap"));
      zip.write(utf8("1..2\nok 1 - takes\nnot ok 2 - refuses\n"));
      zip.putNextEntry(new ZipEntry("coverage.info"));
      zip.write(utf8("SF:till.c\nLF:4\nLH:3\nend_of_record\n"));
    }
    return bytes.toByteArray();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void git(Path folder, String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of("git", "-c", "user.name=Ada L", "-c", "user.email=ada@example.org"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as(output).isZero();
  }

  private static void tokenDefaults(ApiClient ada) {
    var path = "/api/v1/token-default";
    assertThat(ada.get(path).toString()).isEqualTo("{\"level\":null,\"effective\":\"read\"}");
    ada.call("PUT", path, 200, "{\"level\": \"write\"}");
    ada.call("PUT", path, 400, "{\"level\": \"admin\"}");
    assertThat(ada.get(path + "?project=till").path("effective").asString()).isEqualTo("write");
    ada.call("PUT", path + "?project=till", 200, "{\"level\": \"read\"}");
    assertThat(ada.get(path + "?project=till").path("effective").asString()).isEqualTo("read");
    assertThat(ada.get(path).path("effective").asString()).isEqualTo("write");
    ada.call("PUT", path + "?project=till", 200, "{\"level\": null}");
    ada.call("PUT", path, 200, "{\"level\": null}");
    assertThat(ada.get("/api/v1/evidence?type=token-default").path("items")).hasSizeBetween(0, 4);
  }
}
