package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The commands that ask a server, against the real one.
final class RemoteCommandsTest extends SystemTest {
  @BeforeEach
  void signIn() {
    ok("login", up.url().toString(), "--token", ada.token());
  }

  @Test
  void aDeliveryCanBeFollowedWithTheCommandsAlone() {
    var sample = SampleProject.withService(up, ada, "barge").page("afloat");
    sample.push("Set afloat");
    Eventually.holds("the run is there", () -> runs("barge").contains("Set afloat"));
    assertThat(ok("runs", "logs", "-f", "barge", "1")).contains("Uploaded artifact site");
    var release = sample.release(1);
    sample.deployment(release, "staging", "succeeded");
    var waiting = sample.deployment(release, "production", "waiting_approval");
    var id = waiting.path("id").asString();

    assertThat(ok("projects", "list")).containsPattern("(?m)^barge ");
    assertThat(ok("runs", "list", "barge")).contains("success").contains("Set afloat");
    assertThat(ok("runs", "show", "barge", "1")).contains("package");
    assertThat(ok("releases", "list")).contains("barge").contains("published");
    assertThat(ok("releases", "show", "barge@1.1.0"))
        .contains("staging")
        .contains("waiting_approval");
    assertThat(ok("environments", "list")).containsPattern("staging +barge");
    assertThat(ok("deployments", "list")).contains(id);
    assertThat(ok("metrics", "--service", "barge")).contains("Deployment frequency");

    var own = MainTest.execute("deployments", "approve", id, "--reason", "Mine is fine");
    assertThat(own.exit()).as(own.toString()).isEqualTo(ExitCode.BAD_INPUT);

    approve(mia, waiting);
    sample.deployment(release, "production", "succeeded");
    assertThat(ok("deployments", "show", id)).contains("succeeded");
    var pack = up.workFolder("barge").resolve("evidence.zip").toString();
    assertThat(ok("evidence", "pack", "barge@1.1.0", "-o", pack)).contains("Wrote " + pack);
  }

  @Test
  void everyListIsJsonForPrograms() {
    for (var command :
        new String[][] {
          {"projects", "list", "--json"},
          {"runs", "list", "--json"},
          {"releases", "list", "--json"},
          {"environments", "list", "--json"},
          {"deployments", "list", "--json"}
        }) {
      assertThat(Json.MAPPER.readTree(ok(command)).path("items").isArray())
          .as(String.join(" ", command))
          .isTrue();
    }
  }

  @Test
  void followingALogSurvivesTheDeathOfTheServer() throws Exception {
    try (var gate = new Gate()) {
      SampleProject.create(up, ada, "follower")
          .write(
              ".github/workflows/count.yml",
              """
              on: push
              jobs:
                count:
                  runs-on: linux
                  steps:
                    - run: |
                        seq -f 'line %g' 1 300
                        GATE
                        seq -f 'line %g' 301 600
              """
                  .replace("GATE", gate.waiting("counter")))
          .push("Count");
      var waiting = gate.await("counter");
      String[] command = {"runs", "logs", "-f", "--job", "count", "follower", "1"};
      var out = new StringWriter();
      var exit =
          CompletableFuture.supplyAsync(
              () -> Main.commandLine(command).setOut(new PrintWriter(out)).execute(command));
      Eventually.holds("the first half is printed", () -> out.toString().contains("line 300"));

      up.kill();
      up.startAgain();
      waiting.letGo();

      assertThat(exit.get()).as(out.toString()).isEqualTo(ExitCode.SUCCESS);
      assertThat(out.toString().lines().filter(line -> line.startsWith("line ")))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 600).mapToObj(number -> "line " + number).toList());
    }
  }

  @Test
  void followingARunThatFailsFails() throws IOException {
    SampleProject.create(up, ada, "wreck")
        .write(
            ".github/workflows/sink.yml",
            """
            on: push
            jobs:
              sink:
                runs-on: linux
                steps:
                  - run: |
                      echo going down
                      exit 7
              never:
                needs: sink
                runs-on: linux
                steps:
                  - run: echo unreachable
            """)
        .push("Sink");

    Eventually.holds("the run is there", () -> runs("wreck").contains("wreck"));
    var result = MainTest.execute("runs", "logs", "-f", "wreck", "1");

    assertThat(result.exit()).as(result.toString()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(result.out()).contains("going down").doesNotContain("unreachable");
  }

  private static String runs(String project) {
    return ok("runs", "list", project);
  }

  private static String ok(String... command) {
    var result = MainTest.execute(command);
    assertThat(result.exit()).as(String.join(" ", command) + ": " + result).isZero();
    return result.out();
  }
}
