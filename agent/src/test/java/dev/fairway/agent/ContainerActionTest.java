package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ContainerActionTest {
  @TempDir Path folder;
  private Path workspace;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    workspace = Files.createDirectories(folder.resolve("repository"));
    run = new Jobs.Run(folder);
  }

  private JobResult run(String steps, Containers containers) throws InterruptedException {
    return run(Jobs.assignment(steps), containers);
  }

  private JobResult run(JobAssignment job, Containers containers) throws InterruptedException {
    return Podman.run(job, run, folder, workspace, containers);
  }

  @Test
  void anImageRunsWithItsArgumentsAndTheJobsFolders() throws Exception {
    var containers = Podman.containers(folder);

    var result =
        run(
            """
            - run: echo from-the-job > note
            - id: box
              uses: docker://%s
              with:
                entrypoint: /bin/sh
                args: -c "cat note; echo $COLOUR $SIZE in $PWD; echo answer=42 >> $GITHUB_OUTPUT; echo MADE=there >> $GITHUB_ENV; echo left > back"
              env: { SIZE: 'big one' }
            - run: echo "${{ steps.box.outputs.answer }} $MADE $(cat back)"
            - uses: docker://%s
              with: { entrypoint: /bin/sh, args: -c 'exit 5' }
            """
                .formatted(Podman.IMAGE, Podman.IMAGE),
            containers);

    assertThat(run.lines)
        .as(run.log())
        .contains("from-the-job", "blue big one in /github/workspace", "42 there left");
    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("exit code 5");
  }

  /// Their user is not the one whom the workspace belongs to, and git takes that for an attack.
  @Test
  void gitInAContainerIsToldToTrustTheWorkspaceUnlessTheJobSaysOtherwise() throws Exception {
    var containers = Podman.containers(folder);

    var result =
        run(
            """
            - uses: docker://%s
              with: { entrypoint: /bin/sh, args: -c 'env | grep GIT_CONFIG' }
            - uses: docker://%s
              with: { entrypoint: /bin/sh, args: -c 'env | grep GIT_CONFIG' }
              env: { GIT_CONFIG_COUNT: '0' }
            """
                .formatted(Podman.IMAGE, Podman.IMAGE),
            containers);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("GIT_CONFIG_COUNT=0")
        .containsOnlyOnce(
            "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*");
  }

  @Test
  void anActionIsBuiltFromItsDockerfileAndHasHooks() throws Exception {
    var containers = Podman.containers(folder);
    var action = Files.createDirectories(workspace.resolve("box"));
    Files.writeString(
        action.resolve("Dockerfile"),
        "FROM " + Podman.IMAGE + "\nCOPY *.sh /\nENTRYPOINT [\"/bin/sh\", \"/run.sh\"]\n");
    Files.writeString(
        action.resolve("run.sh"),
        "echo \"main $1 $INPUT_WHO $NAME\"\necho kept=yes >> $GITHUB_STATE\n");
    Files.writeString(
        action.resolve("post.sh"), "#!/bin/sh\necho \"post $STATE_kept $INPUT_WHO\"\n");
    assertThat(action.resolve("post.sh").toFile().setExecutable(true)).isTrue();
    Files.writeString(
        action.resolve("action.yml"),
        """
        inputs: { who: { default: nobody } }
        runs:
          using: docker
          image: Dockerfile
          args: ['for ${{ inputs.who }}']
          env: { NAME: '<${{ inputs.who }}>' }
          post-entrypoint: /post.sh
        """);

    var result =
        run(
            """
            - uses: actions/checkout@v4
            - uses: ./box
              with: { who: ada }
            """,
            containers);

    assertThat(run.lines).as(run.log()).contains("main for ada ada <ada>", "post yes ada");
    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"workspace", "project"})
  void aLinkInThePlaceOfTheWorkspaceIsNotMounted(String replaced) throws Exception {
    var containers = Podman.containers(folder);
    Files.createDirectories(folder.resolve("secret/payments"));
    Files.writeString(folder.resolve("secret/payments/file"), "secret-of-the-machine\n");
    var isolation = Isolation.probe(List.of());
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    var steps =
        replaced.equals("workspace")
            ? "cd .. && mv payments away && ln -s %s/secret/payments payments"
            : "cd ../.. && mv payments away && ln -s %s/secret payments";

    var result =
        Podman.run(
            Jobs.assignment(
                """
                - run: %s
                - uses: docker://%s
                  with: { entrypoint: /bin/sh, args: -c 'cat /github/workspace/file' }
                """
                    .formatted(steps.formatted(folder), Podman.IMAGE)),
            run,
            folder,
            workspace,
            containers,
            isolation);

    assertThat(run.log()).doesNotContain("secret-of-the-machine");
    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("in the place of the workspace");
  }

  @Test
  void whatRunsBesideAContainerCannotReplaceTheWorkspaceMeanwhile() throws Exception {
    var containers = Podman.containers(folder);
    var isolation = Isolation.probe(List.of());
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    assumeTrue(isolation.ownUser(), "the jobs of another user than root have his rights");

    Podman.run(
        Jobs.assignment(
            """
            - run: |
                (until [ -e ready ]; do :; done; mv ../payments ../away || echo held > "$RUNNER_TEMP/held"; touch "$RUNNER_TEMP/tried") &
            - uses: docker://%s
              with: { entrypoint: /bin/sh, args: "-c 'touch ready; until test -e /github/runner_temp/tried; do :; done'" }
            - run: |
                cat "$RUNNER_TEMP/held"
                touch ../mine && echo given back
            """
                .formatted(Podman.IMAGE)),
        run,
        folder,
        workspace,
        containers,
        isolation);

    assertThat(run.lines).as(run.log()).contains("held", "given back");
  }

  @Test
  void aCancelledContainerIsGone() throws Exception {
    var containers = Podman.containers(folder);
    var job =
        Jobs.assignment(
            "- uses: docker://%s\n  with: { entrypoint: /bin/sh, args: \"-c 'trap exit TERM; echo started; while :; do sleep 1; done'\" }\n"
                .formatted(Podman.IMAGE));
    var result =
        CompletableFuture.supplyAsync(() -> {
          try {
            return run(job, containers);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Jobs.await("the container runs", () -> run.lines.contains("started"));

    run.cancellation.cancel();

    assertThat(result.get().outcome()).isEqualTo(Outcome.CANCELLED);
    var left =
        containers
            .engine("The test")
            .must(
                "What is left",
                Duration.ofSeconds(20),
                List.of(
                    "ps",
                    "-aq",
                    "--filter",
                    "label=" + ContainerEngine.JOB_LABEL + "=" + job.lease()));
    assertThat(left).isEmpty();
  }

  @Test
  void withoutAnEngineNoStepRuns() throws Exception {
    var result =
        run(
            "- run: echo begun\n- uses: docker://alpine:3\n",
            new Containers(Map.of("PATH", folder.toString())));

    assertThat(result.outcome()).isEqualTo(Outcome.ERROR);
    assertThat(result.reason())
        .contains("`docker://alpine:3` needs podman or docker")
        .contains("podman is not installed; docker is not installed");
    assertThat(run.lines).doesNotContain("begun");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '#',
      value = {"a b,a|b", "a 'b c' d,a|b c|d", "\"a \\\" b\" '',a \" b|", "a\\ b,a b", "'$x',$x"})
  void wordsAreCutAsAShellCutsThem(String line, String words) {
    assertThat(String.join("|", Words.of(line))).isEqualTo(words);
  }
}
