package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/// What people and machines do wrong gets a clear answer, and costs nothing that was there.
final class BadInputTest extends SystemTest {
  @Test
  void aDataFolderHasOneServerAndKeepsItWhateverOthersAsk() throws InterruptedException {
    var second = up.second();

    assertThat(second.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(second.output())
        .contains("The data folder " + up.data() + " is in use by another server")
        .contains("--data");
    var down = MainTest.execute("down", "--data", up.data().toString());
    assertThat(down.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(down.err()).contains("in use by another server");
    assertThat(ada.api().get("/api/v1/whoami").path("name").asString()).isEqualTo("ada");
  }

  @Test
  void aPortInUseIsNamedAndNothingStaysBehind() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var server = UpProcess.of(taken.getLocalPort(), UpProcess.freePort())) {
      assertThat(server.exit()).as(server.output()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(server.output())
          .contains("Port " + taken.getLocalPort() + " of 127.0.0.1 is in use");
      assertThat(server.leftovers()).isEmpty();
    }
  }

  @Test
  void aPortOfTheProxyInUseIsNamedAndNothingStaysBehind() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var server = UpProcess.of(UpProcess.freePort(), taken.getLocalPort())) {
      assertThat(server.exit()).as(server.output()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(server.output())
          .contains("The proxy did not start")
          .contains(Integer.toString(taken.getLocalPort()));
      Eventually.holds("The end of all processes", () -> server.leftovers().isEmpty());
    }
  }

  @Test
  void anInvalidWorkflowIsAFailedRunThatPointsAtLineAndColumn() {
    var project = SampleProject.create(up, ada, "typo");
    project.write(
        ".github/workflows/check.yml",
        """
        on: push
        jobs:
          check:
            runs-on: linux
            stepps:
              - run: make
        """);
    project.push("Mistype");

    var run = project.endedRun(1);

    assertThat(run.path("run").path("outcome").asString()).isEqualTo("failure");
    var annotation =
        run.path("annotations")
            .valueStream()
            .filter(each -> each.path("message").asString().contains("'stepps'"))
            .findFirst()
            .orElseThrow();
    assertThat(annotation.path("file").asString()).isEqualTo(".github/workflows/check.yml");
    assertThat(annotation.path("line").asInt()).isEqualTo(5);
    assertThat(annotation.path("column").asInt()).isEqualTo(5);
  }

  @Test
  void nobodyPushes() {
    var project = SampleProject.create(up, ada, "guarded").write("README.md", "mine");
    project.commit("Write");

    assertThatThrownBy(() -> project.push(project.as("nobody", "fw_guessed")))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("could not read Username");
    assertThatThrownBy(() -> project.push(project.as("mia", mia.token())))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("403");

    assertThat(ada.api().get(project.path() + "/changes").path("items")).isEmpty();
  }

  @Test
  void aReleaseThatNeverGetsHealthyLeavesTheOldOneServing() {
    var project = SampleProject.withService(up, ada, "sturdy").page("well");
    project.push("Be well");
    project.endedRun(1);
    project.deployment(project.release(1), "staging", "succeeded");
    try (var customers = new Customers(() -> project.shown("staging"), "well")) {
      project
          .write(
              ".fairway/service.yml",
              """
              service: sturdy
              owner: team-harbour
              artifacts: [site]
              run:
                command: [sleep, "600"]
              health:
                path: /index.html
                interval: 100ms
                start: 2s
              """)
          .page("never seen")
          .push("Be lazy");
      project.endedRun(2);

      var failed = project.deployment(project.release(2), "staging", "failed");

      assertThat(failed.path("reason").asString()).contains("healthy");
      customers.awaitMore(10);
      assertThat(customers.refused()).isEmpty();
    }
  }
}
