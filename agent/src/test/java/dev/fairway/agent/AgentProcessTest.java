package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent as the process that it is, and what becomes of its jobs when it ends.
final class AgentProcessTest {
  @TempDir Path folder;
  private ProtocolServer server;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Files.writeString(folder.resolve("token"), ProtocolServer.TOKEN);
    server = new ProtocolServer();
  }

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
    server.close();
  }

  private Process agent() throws IOException {
    return agent(Map.of());
  }

  private Process agent(Map<String, String> variables) throws IOException {
    var builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AgentMain.class.getName(),
                "--server",
                server.url(),
                "--token-file",
                folder.resolve("token").toString(),
                "--data",
                folder.resolve("data").toString(),
                "--name",
                "one",
                "--maven-repository",
                "none")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("agent.log").toFile());
    builder.environment().putAll(variables);
    var process = builder.start();
    started.add(process);
    return process;
  }

  @Test
  void aKilledAgentTakesItsJobsWithItAndTheNextOneTidiesUp() throws Exception {
    var agent = agent();
    var length = "7" + System.nanoTime() % 100_000_000;
    server.offer(
        Jobs.assignment(
            "- run: echo begun; (setsid sleep %1$s &); sleep %1$s\n".formatted(length)));
    Jobs.await("the step runs", () -> server.log().contains("Z begun"));
    Jobs.await("both sleep", () -> sleeping(length) == 2);

    agent.destroyForcibly().waitFor();

    Jobs.await("nothing of the job runs", () -> sleeping(length) == 0);
    assertThat(folder.resolve("data/jobs")).isNotEmptyDirectory();
    agent();
    server.offer(Jobs.assignment("- run: echo second job\n"));
    Jobs.await("the next job is complete", () -> server.completion() != null);
    assertThat(Objects.requireNonNull(server.completion()).outcome()).isEqualTo(Outcome.SUCCESS);
    Jobs.await("nothing is left of either", () -> isEmpty(folder.resolve("data/jobs")));
  }

  private static boolean isEmpty(Path folder) {
    try (var files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theNextAgentRemovesTheContainersOfAKilledOne() throws Exception {
    var engine = Podman.containers(folder).engine("The test");
    var deaf = "entrypoint: /bin/sh, command: \"-c 'trap : TERM; while true; do sleep 1; done'\"";
    var job =
        Jobs.assignmentOf(
            """
            on: push
            jobs:
              work:
                runs-on: linux
                container: { image: %1$s, volumes: [ 'data:/data' ] }
                services:
                  one: { image: %1$s, %2$s, volumes: [ 'more:/data', '/nameless' ] }
                  two: { image: %1$s, %2$s }
                  three: { image: %1$s, %2$s }
                steps:
                  - run: echo kept > /data/x; echo begun; sleep 600
            """
                .formatted(Podman.IMAGE, deaf),
            Map.of(),
            true,
            JobAssignment.Limits.DEFAULT);
    var agent = agent(engine.environment());
    server.offer(job);
    Jobs.await("the step runs", () -> server.log().contains("Z begun"));
    assertThat(of(job, engine, "ps", "-aq")).hasSize(4);
    var volumes = said(engine, "volume", "ls", "-q");
    assertThat(volumes).anyMatch(name -> name.contains(job.lease()));
    // The seventieth lease of the job is not its seventh.
    var later = JobContainers.prefix(job.lease() + "0") + "-data";
    said(engine, "volume", "create", later);

    agent.destroyForcibly().waitFor();
    agent(engine.environment());
    Jobs.await(
        "it has tidied up", () -> Files.notExists(folder.resolve("data/jobs/" + job.lease())));
    server.forgetJob();
    server.offer(Jobs.assignment("- run: echo second job\n"));
    Jobs.await("the next job is complete", () -> server.completion() != null);

    assertThat(of(job, engine, "ps", "-aq")).isEmpty();
    assertThat(said(engine, "network", "ls", "--format", "{{.Name}}"))
        .noneMatch(name -> name.contains(job.lease()));
    assertThat(said(engine, "volume", "ls", "-q"))
        .contains(later)
        .noneMatch(name -> name.contains(job.lease() + "-"));
    said(engine, "volume", "rm", later);
    assertThat(ControlGroups.probe().left(job.lease()).groups()).isEmpty();
  }

  private static List<String> of(JobAssignment job, ContainerEngine engine, String... command)
      throws Exception {
    var all = new ArrayList<>(List.of(command));
    all.addAll(List.of("--filter", "label=" + ContainerEngine.JOB_LABEL + "=" + job.lease()));
    return said(engine, all.toArray(String[]::new));
  }

  private static List<String> said(ContainerEngine engine, String... command) throws Exception {
    return engine.must("The test", Duration.ofSeconds(60), List.of(command)).lines().toList();
  }

  @Test
  void anAgentThatIsAskedToEndFinishesItsJob() throws Exception {
    var agent = agent();
    server.offer(Jobs.assignment("- run: echo begun; sleep 1; echo ended\n"));
    Jobs.await("the step runs", () -> server.log().contains("Z begun"));

    agent.destroy();
    agent.waitFor();

    assertThat(server.log()).contains("Z ended\n");
    assertThat(Objects.requireNonNull(server.completion()).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  private static long sleeping(String length) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").endsWith("sleep " + length))
        .count();
  }
}
