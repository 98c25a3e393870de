package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
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
  void aSecretReachesItsJobAndNobodyElse() {
    var sample = SampleProject.create(up, ada, "vaulted");
    type("open-sésame 4711\n", "secrets", "set", "door", "--project", "vaulted");
    type("eu", "variables", "set", "REGION", "--project", "vaulted");
    sample
        .write(
            ".github/workflows/open.yml",
            """
            on: push
            jobs:
              open:
                runs-on: linux
                steps:
                  - env: {DOOR: "${{ secrets.DOOR }}", REGION: "${{ vars.REGION }}"}
                    run: |
                      test "$DOOR" = 'open-sésame 4711'
                      echo "in $REGION: $DOOR"
                      echo "$DOOR" | base64
            """)
        .push("Open the door");
    Eventually.holds("the run is there", () -> runs("vaulted").contains("Open the door"));

    var log = ok("runs", "logs", "-f", "vaulted", "1");

    assertThat(log).contains("in eu: ***").doesNotContain("4711").doesNotContain("c2FtZSA0NzEx");
    assertThat(ok("secrets", "list", "--project", "vaulted")).contains("DOOR").contains("ada");
    assertThat(ok("secrets", "list", "--project", "vaulted", "--json")).doesNotContain("4711");
    assertThat(ok("variables", "list", "--project", "vaulted")).contains("REGION").contains("eu");
    assertThat(ok("secrets", "remove", "DOOR", "--project", "vaulted")).contains("Removed");
    assertThat(ok("token-default", "write", "--project", "vaulted")).contains("vaulted: write.");
    assertThat(ok("token-default", "--project", "vaulted")).contains("vaulted: write.");
    assertThat(ok("token-default", "inherit", "--project", "vaulted"))
        .contains("vaulted: read, as nothing is decided there.");
    assertThat(MainTest.execute("token-default", "most", "--project", "vaulted").err())
        .contains("'most' is no level for tokens");
    assertThat(MainTest.execute("secrets", "remove", "DOOR", "--project", "vaulted").exit())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  private static void type(String input, String... command) {
    var before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      ok(command);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void anAdministratorSaysWhoseActionsMayBeUsed() {
    assertThat(MainTest.execute("actions", "allow", "acme/*").exit())
        .as("a developer does not")
        .isEqualTo(ExitCode.BAD_INPUT);
    ok("login", up.url().toString(), "--token", rosa.token());
    assertThat(ok("actions", "settings")).contains("https://github.com/{repository}.git");
    assertThat(ok("actions", "allow", "acme/*")).contains("actions/*, github/*, acme/*");
    assertThat(ok("actions", "sources", "acme/*=project:{name}", "*=/srv/{repository}"))
        .contains("project:{name}");
    assertThat(ok("actions", "allow", "acme/*", "--remove")).doesNotContain("github/*, acme/*");
    assertThat(ok("actions", "list")).contains("REPOSITORY");
    assertThat(MainTest.execute("actions", "unlock", "acme/none@v1").exit())
        .isEqualTo(ExitCode.BAD_INPUT);
    ok("actions", "sources", "projects/*=project:{name}", "*=https://github.com/{repository}.git");
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
  void whoFollowsARunIsNotHeldUpByAJobThatWaits() throws Exception {
    SampleProject.create(up, ada, "queued")
        .write(
            ".github/workflows/queue.yml",
            """
            on: push
            jobs:
              waits: {runs-on: [linux, crane], steps: [{run: 'true'}]}
              works: {runs-on: linux, steps: [{run: echo afloat}]}
            """)
        .push("Wait for a crane");
    Eventually.holds("the run is there", () -> runs("queued").contains("Wait for a crane"));
    String[] command = {"runs", "logs", "-f", "queued", "1"};
    var out = new StringWriter();
    var exit =
        CompletableFuture.supplyAsync(
            () -> Main.commandLine(command).setOut(new PrintWriter(out)).execute(command));

    Eventually.holds(
        "the other job's log", () -> out.toString().lines().anyMatch("afloat"::equals));
    assertThat(exit).isNotDone();
    ok("runs", "cancel", "queued", "1");
    assertThat(exit.get()).as(out.toString()).isEqualTo(ExitCode.WORK_FAILED);
  }

  @Test
  void testsAreLookedAtAndOneJobRunsAgainWithDebugLogging() throws IOException {
    SampleProject.create(up, ada, "prober")
        .write(
            ".github/workflows/test.yml",
            """
            on: push
            jobs:
              probe:
                runs-on: linux
                steps:
                  - run: |
                      mkdir out
                      printf 'at 10\\rat 50\\rat 100\\n'
                      printf '1..2\\nok 1 - adds\\nnot ok 2 - subtracts\\n' > out/results
                      printf 'SF:a\\nLF:4\\nLH:3\\nend_of_record\\n' > out/figures
                  - uses: actions/upload-artifact@v4
                    with: {name: reports, path: out}
                  - run: test -z "$RUNNER_DEBUG"
            """)
        .push("Probe");
    Eventually.holds("the run is there", () -> runs("prober").contains("Probe"));

    assertThat(ok("runs", "logs", "-f", "prober", "1"))
        .contains("at 100")
        .doesNotContain("\rat 50");
    var verdict = MainTest.execute("tests", "run", "prober", "1");
    assertThat(verdict.exit()).as(verdict.toString()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(verdict.out()).contains("subtracts").doesNotContain("adds");
    assertThat(ok("tests", "list", "prober")).contains("subtracts").doesNotContain("adds");
    assertThat(ok("tests", "list", "prober", "--slowest")).contains("adds");
    assertThat(ok("tests", "list", "prober", "--named", "ADD")).contains("adds");
    assertThat(ok("tests", "show", "prober", "subtr")).contains("failed").contains("probe");
    assertThat(MainTest.execute("tests", "show", "prober", "s").err()).contains("2 tests");
    assertThat(ok("tests", "coverage", "prober")).contains("75");

    assertThat(ok("runs", "rerun", "prober", "1", "--job", "probe", "--debug"))
        .contains("probe of run 1");
    var again = MainTest.execute("runs", "logs", "-f", "prober", "1");
    assertThat(again.exit()).as(again.toString()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(MainTest.execute("runs", "rerun", "prober", "1", "--job", "none").err())
        .contains("It has: probe.");
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
