package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JobContainersTest {
  @TempDir Path folder;
  private Path workspace;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    workspace = Files.createDirectories(folder.resolve("repository"));
    run = new Jobs.Run(folder);
  }

  private static JobAssignment job(String body) {
    return Jobs.assignmentOf(
        "on: push\njobs:\n  work:\n    runs-on: linux\n" + body.indent(4),
        Map.of("TOKEN", "s3cr3t-value"),
        true,
        JobAssignment.Limits.DEFAULT);
  }

  private JobResult run(JobAssignment job, Containers containers) throws InterruptedException {
    return Podman.run(job, run, folder, workspace, containers);
  }

  private static void nothingIsLeft(Containers containers, JobAssignment job) throws Exception {
    var engine = containers.engine("The test");
    var filter =
        List.of("ps", "-aq", "--filter", "label=" + ContainerEngine.JOB_LABEL + "=" + job.lease());
    assertThat(engine.must("Containers", Duration.ofSeconds(20), filter)).isEmpty();
    assertThat(engine.must("Networks", Duration.ofSeconds(20), List.of("network", "ls", "-q")))
        .doesNotContain(job.lease());
  }

  @Test
  void theStepsOfAJobRunInItsContainer() throws Exception {
    var containers = Podman.containers(folder);
    Files.writeString(workspace.resolve("file"), "checked out\n");
    var job =
        job(
            """
            container:
              image: %s
              env: { FROM: 'the container' }
              options: --cpus 1 --hostname box
              volumes: [ 'data:/data' ]
            outputs:
              said: ${{ steps.say.outputs.said }}
            steps:
              - uses: actions/checkout@v4
              - id: say
                run: |
                  cat file; echo "$FROM on $(env | grep HOSTNAME)"
                  [ -d /usr/bin ] || echo 'not the machine'
                  echo "said=${{ job.container.id }}" >> "$GITHUB_OUTPUT"
                  echo kept > /data/x; echo KEPT=yes >> "$GITHUB_ENV"
              - run: echo "$KEPT $(cat /data/x)"
              - run: exit 4
              - run: echo still there
                if: failure()
            """
                .formatted(Podman.IMAGE));

    var result = run(job, containers);

    assertThat(run.lines)
        .as(run.log())
        .contains(
            "checked out",
            "the container on HOSTNAME=box",
            "not the machine",
            "yes kept",
            "still there");
    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("exit code 4");
    assertThat(result.outputs()).containsEntry("said", "fairway-" + job.lease());
    nothingIsLeft(containers, job);
  }

  /// What the machine has is not there, and a path into nothing would be found out much later.
  @Test
  void aToolOfTheMachineIsRefusedInTheContainer() throws Exception {
    var containers = Podman.containers(folder);
    var result =
        run(
            job(
                """
                container: %s
                steps:
                  - uses: actions/setup-java@v4
                    with: { java-version: '%d' }
                """
                    .formatted(Podman.IMAGE, Runtime.version().feature())),
            containers);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("The job runs in a container, where nothing of the machine's Java is");
  }

  @Test
  void stepsRunBesideEachOtherInTheContainer() throws Exception {
    var containers = Podman.containers(folder);
    var job =
        job(
            """
            container: %1$s
            steps:
              - id: server
                background: true
                run: |
                  trap 'echo bye; exit 0' TERM
                  mkdir www && echo served > www/index.html
                  httpd -f -p 8080 -h www & wait
              - run: until wget -q -O - http://127.0.0.1:8080/; do sleep 0.05; done
              - cancel: server
              - parallel:
                  - { name: one, uses: 'docker://%1$s', with: { args: "sh -c 'touch one; until [ -e two ]; do sleep 0.05; done; echo first'" } }
                  - { name: two, uses: 'docker://%1$s', with: { args: "sh -c 'touch two; until [ -e one ]; do sleep 0.05; done; echo second'" } }
              - run: touch after; ls one two after
            """
                .formatted(Podman.IMAGE));

    var result = run(job, containers);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("served", "[server] bye", "[one] first", "[two] second", "after");
    nothingIsLeft(containers, job);
  }

  @Test
  void servicesAreHealthyBeforeTheFirstStepAndReachedByName() throws Exception {
    var containers = Podman.containers(folder);
    var text =
        """
        services:
          web:
            image: %1$s
            env: { GREETING: hello }
            ports: [ '8080' ]
            options: --health-cmd "test -f /tmp/ready" --health-interval 1s --health-retries 30
            entrypoint: /bin/sh
            command: -c 'mkdir -p /tmp/www; echo $GREETING > /tmp/www/index.html; sleep 1; echo > /tmp/ready; exec httpd -f -p 8080 -h /tmp/www'
        """;
    var inside =
        job(
            (text + "container: %1$s\nsteps:\n  - run: wget -q -O - http://web:8080/\n")
                .formatted(Podman.IMAGE));

    var result = run(inside, containers);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("Waiting until the service web is healthy", "hello");
    nothingIsLeft(containers, inside);

    run = new Jobs.Run(folder);
    var outside =
        job(
            (text
                    + """
                    steps:
                      - run: |
                          exec 3<>/dev/tcp/127.0.0.1/${{ job.services.web.ports[8080] }}
                          printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3
                        shell: bash
                    """)
                .formatted(Podman.IMAGE));
    assertThat(run(outside, containers).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("hello");
    nothingIsLeft(containers, outside);
  }

  @Test
  void aServiceThatEndsFailsTheJobWithWhatItSaid() throws Exception {
    var containers = Podman.containers(folder);
    var job =
        job(
            """
            services:
              db:
                image: %s
                options: --health-cmd "false" --health-interval 1s
                entrypoint: /bin/sh
                command: -c "echo cannot begin; exit 3"
            steps:
              - run: echo begun
            """
                .formatted(Podman.IMAGE));

    var result = run(job, containers);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("The service `db` has ended before it was healthy");
    assertThat(run.lines).contains("cannot begin").doesNotContain("begun");
    nothingIsLeft(containers, job);
  }

  @Test
  void aCancelledStepInAContainerLosesItsProcesses() throws Exception {
    var containers = Podman.containers(folder);
    var job =
        job(
            """
            container: %s
            steps:
              - run: echo started; sleep 600
              - run: echo tidied up
                if: always()
            """
                .formatted(Podman.IMAGE));
    var result =
        CompletableFuture.supplyAsync(() -> {
          try {
            return run(job, containers);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Jobs.await("the step runs", () -> run.lines.contains("started"));

    run.cancellation.cancel();

    assertThat(result.get().outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(run.lines).contains("tidied up");
    nothingIsLeft(containers, job);
  }

  @Test
  void whatReachesBeyondTheJobIsRefused() {
    for (var options :
        List.of(
            "--privileged",
            "--cap-add SYS_ADMIN",
            "-v /:/host",
            "--volume=/:/host",
            "--mount type=bind,src=/,dst=/host",
            "--network host",
            "--pid=host",
            "--device /dev/sda",
            "--security-opt seccomp=unconfined",
            "--env-file /etc/shadow",
            "--userns host",
            "image-of-mine",
            "--pids-limit=-1",
            "--oom-score-adj -1000",
            "--memory 2g",
            "-m=1025m",
            "--memory-swap -1",
            "--memory-swap 2g",
            "--label dev.fairway.jobs=none",
            "-l dev.fairway.job",
            "--env HTTP_PROXY",
            "-e *",
            "--user")) {
      assertThatThrownBy(() -> ContainerOptions.checked(options, 1 << 30))
          .as(options)
          .isInstanceOf(FairwayException.class);
    }
    assertThat(ContainerOptions.checked("--memory 1g --memory-swap=1024M", 1 << 30)).hasSize(4);
    assertThatThrownBy(() -> ContainerOptions.image("--privileged"))
        .isInstanceOf(FairwayException.class);
    for (var volume : List.of("/etc:/etc", "../x:/x", "a:b", "data:/x:exec", "/x/../y:/z")) {
      assertThatThrownBy(() -> ContainerOptions.volume(volume, "job"))
          .as(volume)
          .isInstanceOf(FairwayException.class);
    }
    assertThat(ContainerOptions.volume("data:/x:ro", "job")).isEqualTo("job-data:/x:ro");
    assertThat(ContainerOptions.checked("--cpus=2 --health-cmd 'a b'", 1 << 30))
        .containsExactly("--cpus", "2", "--health-cmd", "a b");
    assertThat(ContainerOptions.port("8080:80/udp")).isEqualTo("127.0.0.1:8080:80/udp");
    assertThatThrownBy(() -> ContainerOptions.port("0.0.0.0:80:80"))
        .isInstanceOf(FairwayException.class);
  }

  @Test
  void everyContainerOfAJobIsBoundedLikeTheJob() throws Exception {
    var containers = Podman.containers(folder);
    var look =
        "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes"
            + " /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes /sys/fs/cgroup/pids.max"
            + " /sys/fs/cgroup/memory.max /proc/self/oom_score_adj 2>/dev/null || true";
    var job =
        Jobs.assignmentOf(
            """
            on: push
            jobs:
              work:
                runs-on: linux
                container: %1$s
                steps:
                  - run: %2$s
                  - run: echo and in a container of its own
                  - uses: docker://%1$s
                    with: { entrypoint: /bin/sh, args: "-c '%2$s'" }
            """
                .formatted(Podman.IMAGE, look),
            Map.of(),
            true,
            new JobAssignment.Limits(1 << 20, 1 << 20, 64 << 20, 77, 5));

    var result = run(job, containers);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    var turn = run.lines.indexOf("and in a container of its own");
    for (var part :
        List.of(run.lines.subList(0, turn), run.lines.subList(turn, run.lines.size()))) {
      assertThat(part).contains("77", Integer.toString(64 << 20), "1000");
      assertThat(part).noneMatch(line -> line.matches("9\\d{18}|max"));
    }
    nothingIsLeft(containers, job);
  }
}
