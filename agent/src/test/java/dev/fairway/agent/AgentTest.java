package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole agent against the other side of its protocol.
final class AgentTest {
  @TempDir Path folder;
  private ProtocolServer server;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    // A job without bubblewrap has a user of its own all the same, and has to reach its folders.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    server = new ProtocolServer();
    agent = Agent.start(config(), Clock.systemUTC(), new Random(1));
  }

  @AfterEach
  void end() throws Exception {
    agent.close();
    server.close();
  }

  private AgentConfig config() throws IOException {
    return config(List.of(URI.create(server.url())));
  }

  private AgentConfig config(List<URI> servers) throws IOException {
    var token = Files.writeString(folder.resolve("token"), ProtocolServer.TOKEN + "\n");
    return new AgentConfig(
        servers,
        token,
        folder.resolve("data"),
        "test-agent",
        List.of("linux"),
        1,
        List.of(),
        Optional.empty(),
        Duration.ofSeconds(20));
  }

  private JobCompletion awaitCompletion() {
    Jobs.await("the job is complete", () -> server.completion() != null);
    return Objects.requireNonNull(server.completion());
  }

  private void assertNothingIsMissing(JobCompletion completion) {
    assertThat((long) server.log.size()).isEqualTo(completion.logSize());
    assertThat((long) server.events.size()).isEqualTo(completion.events());
    assertThat(server.log().lines())
        .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z .*"));
    for (var event : server.events) {
      if (event instanceof JobEvent.StepStarted step && step.logOffset() < server.log.size()) {
        var before = server.log().substring(0, (int) step.logOffset());
        assertThat(before.lines().count() + 1).isEqualTo(step.logLine());
      }
    }
  }

  @Test
  void theNextJobRunsWhileTheResultOfTheLastOneCannotBeDelivered() throws Exception {
    server.takeNoResults(true);
    server.offer(Jobs.assignment("- run: true\n"));
    Jobs.await("there is a result", () -> server.calls().contains("complete"));
    var next = Jobs.assignment("- run: touch $HOME/here; sleep 600\n");
    server.offer(next);

    var here = folder.resolve("data/jobs").resolve(next.lease()).resolve("home/here");
    Jobs.await("the next job runs", () -> Files.exists(here));
    assertThat(server.completion()).isNull();
    server.takeNoResults(false);
    assertThat(awaitCompletion().outcome()).isEqualTo(Outcome.SUCCESS);
    server.loseLease();
    assertThat(agent.drain()).isTrue();
  }

  @Test
  void anAgentHasTheLabelsOfARunnerOfOnesOwnUnlessItIsToldOthers() throws Exception {
    String[] required = {"--server", "http://127.0.0.1:1", "--token-file", "t", "--data", "d"};
    assertThat(AgentMain.parse(required).labels()).startsWith("self-hosted", "linux").hasSize(3);

    var told = Arrays.copyOf(required, required.length + 2);
    told[required.length] = "--labels";
    told[required.length + 1] = "gpu, big";
    assertThat(AgentMain.parse(told).labels()).containsExactly("gpu", "big");
  }

  @Test
  void anAgentThatIsDrainedStillDeliversItsLastResult() throws Exception {
    server.takeNoResults(true);
    server.offer(Jobs.assignment("- run: true\n"));
    Jobs.await("there is a result", () -> server.calls().contains("complete"));
    var drained = new FutureTask<>(agent::drain);
    Thread.ofVirtual().start(drained);
    Jobs.await("it has tried again", () -> Collections.frequency(server.calls(), "complete") > 2);

    assertThat(drained.isDone()).isFalse();
    server.takeNoResults(false);

    assertThat(drained.get()).isTrue();
    assertThat(awaitCompletion().outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void whatTheServerMissedWhileItWasAwayIsDeliveredToTheByte() throws Exception {
    var job =
        Jobs.assignment(
            """
            - run: |
                for i in $(seq 1 300); do echo "line $i"; done
                until [ -e "$HOME/go" ]; do :; done
                for i in $(seq 301 3000); do echo "line $i"; done
                echo "::notice::nearly there"
            - id: version
              run: echo version=7 >> $GITHUB_OUTPUT
            """);
    server.offer(job);
    Jobs.await("the first lines have arrived", () -> server.log().contains("line 300\n"));

    server.goAway();
    var go = folder.resolve("data/jobs").resolve(job.lease()).resolve("home/go");
    Files.createFile(go);
    var spool = folder.resolve("data/spools").resolve(job.lease()).resolve("log");
    Jobs.await(
        "the job is over",
        () ->
            read(spool).contains("version=7")
                && !Files.exists(folder.resolve("data/jobs").resolve(job.lease())));
    assertThat(server.log()).doesNotContain("line 301\n");
    server.comeBack();

    var completion = awaitCompletion();
    assertThat(completion.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(completion.outputs()).containsEntry("version", "7");
    assertThat(
            server
                .log()
                .lines()
                .map(line -> line.substring(25))
                .filter(line -> line.matches("line \\d+")))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 3000).mapToObj(i -> "line " + i).toList());
    assertNothingIsMissing(completion);
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsLeftForTheNext() throws Exception {
    try (var other = new ProtocolServer()) {
      agent.close();
      server.goAway();
      agent =
          Agent.start(
              config(List.of(URI.create(server.url()), URI.create(other.url() + "/"))),
              Clock.systemUTC(),
              new Random(1));
      other.offer(Jobs.assignment("- run: echo here\n"));

      Jobs.await("the job is complete", () -> other.completion() != null);

      assertThat(Objects.requireNonNull(other.completion()).outcome()).isEqualTo(Outcome.SUCCESS);
      assertThat(other.log()).contains("here");
    }
  }

  @Test
  void lostAnswersRepeatNothing() {
    server.loseAnswers(3);
    server.offer(
        Jobs.assignment(
            """
            - run: |
                for i in $(seq 1 20); do echo "line $i"; sleep 0.05; echo "::warning::w$i"; done
            """));

    var completion = awaitCompletion();

    assertThat(completion.outcome()).isEqualTo(Outcome.SUCCESS);
    assertNothingIsMissing(completion);
    assertThat(
            server.events.stream()
                .filter(JobEvent.Annotation.class::isInstance)
                .map(event -> ((JobEvent.Annotation) event).message())
                .collect(Collectors.joining(" ")))
        .isEqualTo(
            IntStream.rangeClosed(1, 20).mapToObj(i -> "w" + i).collect(Collectors.joining(" ")));
  }

  @Test
  void aCancellationOnTheServerEndsTheJob() {
    server.offer(Jobs.assignment("- run: echo begun; sleep 600\n"));
    Jobs.await("the step runs", () -> server.log().contains("Z begun"));

    server.cancelJob();

    assertThat(awaitCompletion().outcome()).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void aJobWhoseLeaseIsLostIsAbandonedWithoutAWord() {
    var job = Jobs.assignment("- run: echo begun; sleep 600\n- run: echo more\n  if: always()\n");
    server.offer(job);
    Jobs.await("the step runs", () -> server.log().contains("Z begun"));

    server.loseLease();

    Jobs.await("the job's folder is gone", () -> !Files.exists(jobFolder(job)));
    assertThat(server.completion()).isNull();
    assertThat(server.log()).doesNotContain("more\n");
  }

  @Test
  void aJobThatWentToAnotherAgentMeanwhileRunsNoStep() {
    server.loseLease();
    server.offer(Jobs.assignment("- run: echo begun\n"));

    Jobs.await(
        "the agent asks for another job",
        () -> {
          var refused = server.calls().indexOf("heartbeat");
          return refused >= 0 && server.calls().lastIndexOf("claim") > refused;
        });
    assertThat(server.calls()).doesNotContain("events", "log", "complete");
  }

  @Test
  void artifactsGoThroughTheServer() {
    server.offer(
        Jobs.assignment(
            """
            - run: echo payload > file.txt
            - uses: actions/upload-artifact@v4
              with:
                name: thing 1
                path: file.txt
            - uses: actions/download-artifact@v4
              with:
                path: all
            - run: cat "all/thing 1/file.txt"
            """));

    assertThat(awaitCompletion().outcome()).as(server.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(server.artifacts).containsOnlyKeys("thing 1");
    assertThat(server.log()).contains("Z payload\n");
  }

  @Test
  void drainingWaitsForTheRunningJob() throws Exception {
    server.offer(Jobs.assignment("- run: echo begun; sleep 0.5; echo ended\n"));
    Jobs.await("the step runs", () -> server.log().contains("Z begun"));

    assertThat(agent.drain()).isTrue();

    assertThat(awaitCompletion().outcome()).isEqualTo(Outcome.SUCCESS);
    server.offer(Jobs.assignment("- run: echo never\n"));
    assertThat(server.log()).contains("Z ended\n").doesNotContain("never");
  }

  @Test
  void drainingAnIdleAgentDoesNotWaitForAJobToCome() throws Exception {
    var claims = server.calls().size();
    server.holdClaims(Duration.ofMinutes(5));
    Jobs.await("the agent asks for a job", () -> server.calls().size() > claims);

    assertThat(agent.drain()).as("no slot waits any more, long before the claim ends").isTrue();
  }

  @Test
  void twoAgentsDoNotShareADataFolder() {
    assertThatThrownBy(() -> Agent.start(config(), Clock.systemUTC(), new Random(2)))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("Another agent");
  }

  @Test
  void whatAKilledAgentLeftIsRemoved() throws Exception {
    agent.close();
    var old = Files.createDirectories(folder.resolve("data/jobs/old/work"));
    Files.writeString(old.resolve("file"), "left");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("---------"));

    agent = Agent.start(config(), Clock.systemUTC(), new Random(3));

    assertThat(folder.resolve("data/jobs")).isEmptyDirectory();
  }

  private Path jobFolder(JobAssignment job) {
    return folder.resolve("data/jobs").resolve(job.lease());
  }

  @Test
  void aResultThatTheServerRefusesEndsTheJobInsteadOfBeingSentForEver() {
    server.refuseOutputs();
    server.offer(Jobs.assignment("- id: version\n  run: echo version=7 >> $GITHUB_OUTPUT\n"));

    var completion = awaitCompletion();

    assertThat(completion.outcome()).isEqualTo(Outcome.ERROR);
    assertThat(completion.reason()).startsWith("The server refused the job's result: too_large");
    assertNothingIsMissing(completion);
  }

  @Test
  void eventsOfAnySizeFitIntoTheirRequests() {
    server.offer(
        Jobs.assignment(
            IntStream.range(0, 4)
                .mapToObj(i ->
                    "- run: head -c 900000 /dev/zero | tr '\\0' '\\001' >> $GITHUB_STEP_SUMMARY\n")
                .collect(Collectors.joining())));

    var completion = awaitCompletion();

    assertThat(completion.outcome()).as(server.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(server.events).filteredOn(JobEvent.Summary.class::isInstance).hasSize(4);
    assertNothingIsMissing(completion);
  }

  @Test
  void aJobWhoseServerDoesNotKnowTheAgentAnyMoreIsGivenUpWithItsLease() {
    var job = Jobs.assignment("- run: echo begun; sleep 600\n");
    server.offer(job);
    Jobs.await(
        "the step runs, and the lease is the server's",
        () ->
            server.log().contains("Z begun")
                && server.calls().stream().filter("heartbeat"::equals).count() > 1);

    server.revokeToken();

    Jobs.await("the job's folder is gone", () -> !Files.exists(jobFolder(job)));
  }
}
