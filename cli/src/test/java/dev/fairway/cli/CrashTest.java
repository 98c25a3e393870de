package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// kill -9, in the middle of work. The system is the one of the other tests: it must be as good as
/// new afterwards.
final class CrashTest extends SystemTest {
  private static String job(String retry, String... lines) {
    return """
    on: push
    jobs:
      count:
        runs-on: linux
        env:
          FAIRWAY_RETRY: %s
        steps:
          - run: |
    """
            .formatted(retry)
        + String.join("\n", Arrays.stream(lines).map(line -> " ".repeat(10) + line).toList())
        + "\n";
  }

  @Test
  void aJobAndTheServicesGoOnWhileTheServerIsDead() throws IOException {
    var service = SampleProject.withService(up, ada, "lighthouse").page("lit");
    service.push("Light it");
    service.endedRun(1);
    service.deployment(service.release(1), "staging", "succeeded");
    var agent = up.companion("agent");
    var proxy = up.companion("proxy");

    try (var gate = new Gate();
        var customers = new Customers(() -> service.shown("staging"), "lit")) {
      var project = SampleProject.create(up, ada, "counter");
      project.write(
          ".github/workflows/count.yml",
          job(
              "never",
              "seq -f 'line %g' 1 500",
              gate.waiting("first"),
              "seq -f 'line %g' 501 1000",
              gate.waiting("second"),
              "seq -f 'line %g' 1001 1500"));
      project.push("Count");
      var first = gate.await("first");
      customers.awaitMore(5);

      up.kill();
      first.letGo();
      var second = gate.await("second");
      customers.awaitMore(20);
      up.startAgain();
      second.letGo();

      var run = project.endedRun(1);
      assertThat(run.path("run").path("outcome").asString())
          .as(run.toString())
          .isEqualTo("success");
      var log = project.log(1, run.path("jobs").path(0));
      assertThat(log.lines().map(CrashTest::withoutTime).filter(line -> line.startsWith("line ")))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 1500).mapToObj(number -> "line " + number).toList());
      customers.awaitMore(20);
      assertThat(customers.refused()).isEmpty();
    }
    assertThat(up.companion("agent")).isEqualTo(agent);
    assertThat(up.companion("proxy")).isEqualTo(proxy);
    service.page("brighter").push("Light it more");
    service.endedRun(2);
    service.deployment(service.release(2), "staging", "succeeded");
    assertThat(service.shown("staging")).isEqualTo("brighter");
  }

  private static String withoutTime(String line) {
    return line.substring(line.indexOf(' ') + 1);
  }

  @Test
  void aJobWhoseAgentDiesIsAnErrorAndIsRetriedOnceWhereThatIsSafe() throws IOException {
    try (var safeGate = new Gate();
        var otherGate = new Gate()) {
      var safe = SampleProject.create(up, ada, "safe");
      safe.write(".github/workflows/count.yml", job("safe", safeGate.waiting("safe"), "echo done"));
      safe.push("Wait");
      var other = SampleProject.create(up, ada, "other");
      other.write(".github/workflows/count.yml", job("never", otherGate.waiting("other")));
      other.push("Wait");
      var firstTry = safeGate.await("safe");
      var onlyTry = otherGate.await("other");
      var agentName = runningJob(other).path("agent").asString();
      assertThat(agentName).isNotEmpty();

      UpProcess.killProcess(up.companion("agent"));
      firstTry.awaitDeath();
      onlyTry.awaitDeath();
      safeGate.await("safe").letGo();

      var lost = other.endedRun(1);
      assertThat(lost.path("jobs").path(0).path("outcome").asString()).isEqualTo("error");
      assertThat(lost.path("jobs").path(0).path("reason").asString())
          .contains("agent " + agentName + " gone");
      var retried = safe.endedRun(1);
      assertThat(retried.path("run").path("outcome").asString())
          .as(retried.toString())
          .isEqualTo("success");
      assertThat(retried.path("jobs").path(0).path("attempt").asInt()).isEqualTo(2);
    }
  }

  private static JsonNode runningJob(SampleProject project) {
    return Eventually.get(
        "A running job",
        () ->
            project
                .run(1)
                .map(run -> run.path("jobs").path(0))
                .filter(job -> job.path("state").asString().equals("running")));
  }

  @Test
  void withoutItsDatabaseTheServerSaysSoAndRecoversByItselfWithNothingLost()
      throws InterruptedException {
    var project = SampleProject.create(up, ada, "archive");
    project.write("README.md", "kept");
    var commit = project.push("Keep it");

    var over = new AtomicBoolean();
    var outage =
        Thread.ofVirtual()
            .start(() ->
                Eventually.holds(
                    "The end of the outage",
                    () -> {
                      // Whenever it is back: the refusal is about the time between.
                      up.postgresql().ifPresent(UpProcess::killProcess);
                      return over.get();
                    }));
    var refusal =
        Eventually.get(
            "An answer without a database",
            () -> Optional.of(asked(project.path())).filter(answer -> answer.statusCode() != 200));
    over.set(true);
    outage.join();

    assertThat(refusal.statusCode()).as(refusal.body()).isEqualTo(503);
    assertThat(refusal.headers().firstValue("Retry-After")).isPresent();
    assertThat(refusal.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/problem+json");
    assertThat(Json.MAPPER.readTree(refusal.body()).path("code").asString())
        .isEqualTo("database_unavailable");

    Eventually.holds("The database's return", () -> asked(project.path()).statusCode() == 200);
    assertThat(ada.api().get(project.path() + "/changes").toString()).contains(commit);
    project.write("README.md", "and more");
    var next = project.push("Keep more");
    Eventually.holds(
        "The next push",
        () -> ada.api().get(project.path() + "/changes").toString().contains(next));
  }

  private static HttpResponse<String> asked(String path) {
    return Member.send(
        HttpRequest.newBuilder(up.url().resolve(path))
            .header("Authorization", "Bearer " + ada.token()));
  }
}
