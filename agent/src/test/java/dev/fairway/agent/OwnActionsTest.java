package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Actions that `$/` names: of the repository in which the file stands that uses them, at its
/// commit, without a checkout.
final class OwnActionsTest {
  private static final String INNER = say("inner");

  private static final String OUTER =
      """
      runs:
        using: composite
        steps:
          - uses: $/actions/inner
          - uses: acme/tool@v1
      """;

  @TempDir Path folder;
  private Path workspace;
  private Actions actions;
  private Jobs.Run run;

  @BeforeEach
  void open() throws Exception {
    workspace = Files.createDirectories(folder.resolve("repository"));
    actions = new Actions(folder);
    run = new Jobs.Run(folder);
    actions.publish(
        "acme/tool",
        "v1",
        "action.yml",
        "runs: {using: composite, steps: [{uses: $/lib/part}]}\n",
        "lib/part/action.yml",
        say("part of acme/tool"));
  }

  private static String say(String what) {
    return "runs: {using: composite, steps: [{run: 'echo from %s in ${{ github.action_repository }}', shell: sh}]}\n"
        .formatted(what);
  }

  private void local(String path, String text) throws IOException {
    var file = workspace.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private JobResult start(JobAssignment job, CheckoutSource source) throws Exception {
    return run.start(job, folder, Isolation.none(), source, actions.source(folder));
  }

  private static JobAssignment from(String steps, String repository, String sha) {
    var job = Jobs.assignment(steps);
    ((ObjectNode) job.contexts())
        .putObject("job")
        .put("workflow_repository", repository)
        .put("workflow_sha", sha);
    ((ObjectNode) job.contexts().path("github")).put("repository", "payments");
    return job;
  }

  @Test
  void aFolderHasThemAsTheyAreNow() throws Exception {
    local("actions/inner/action.yml", INNER);
    local("actions/outer/action.yml", OUTER);
    var steps = "- uses: $/actions/outer\n- run: ls -A; echo ${{ job.workflow_repository }}\n";

    var result = start(from(steps, "payments", Jobs.SHA), new CheckoutSource.Folder(workspace));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("from inner in", "from part of acme/tool in acme/tool", "payments");
    assertThat(result.actions()).extracting("repository").containsExactly("acme/tool");
  }

  @Test
  void aServerHasThemAtTheCommitOfTheWorkflow() throws Exception {
    var sha =
        actions.publish(
            "projects/payments",
            "old",
            "actions/inner/action.yml",
            INNER,
            "actions/outer/action.yml",
            OUTER);
    actions.publish("projects/payments", "new", "actions/inner/action.yml", say("tomorrow"));
    var steps =
        """
        - uses: $/actions/outer
        - run: |
            mkdir here
            echo 'runs: {using: composite, steps: [{uses: $/actions/inner}]}' > here/action.yml
        - name: Of the workspace
          uses: ./here
        """;

    var result =
        start(from(steps, "payments", sha), new CheckoutSource.Remote("http://[::1]:1/", "", ""));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .filteredOn(line -> line.startsWith("from"))
        .containsExactly(
            "from inner in projects/payments",
            "from part of acme/tool in acme/tool",
            "from inner in projects/payments");
    assertThat(result.actions())
        .anySatisfy(action -> {
          assertThat(action.repository()).isEqualTo("projects/payments");
          assertThat(action.sha()).isEqualTo(sha);
        });
  }

  /// Also on one's own machine, where the run's own repository is a folder.
  @Test
  void aCalledWorkflowOfAnotherRepositoryHasThemOfThatRepository() throws Exception {
    local("lib/part/action.yml", say("the wrong one"));
    var job = from("- uses: $/lib/part\n", "acme/tool", "");
    ((ObjectNode) job.contexts().path("job"))
        .put("workflow_ref", "acme/tool/.github/workflows/ci.yml@v1")
        .remove("workflow_sha");

    var result = start(job, new CheckoutSource.Folder(workspace));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("from part of acme/tool in acme/tool");
  }

  @Test
  void whatIsNotThereFailsTheJobBeforeItsFirstStep() throws Exception {
    var result =
        start(
            from("- run: echo begun\n- uses: $/none\n", "payments", Jobs.SHA),
            new CheckoutSource.Folder(workspace));

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("There is no action.yml, action.yaml or Dockerfile in `$/none`");
    assertThat(run.lines).doesNotContain("begun");
  }

  @Test
  void aServerThatDoesNotSayWhereTheWorkflowStandsIsTooOld() throws Exception {
    var job = Jobs.assignment("- uses: $/none\n");

    var result = start(job, new CheckoutSource.Remote("http://[::1]:1/", "", ""));

    assertThat(result.outcome()).isNotEqualTo(Outcome.SUCCESS);
    assertThat(result.reason()).contains("the server does not say which that is");
  }

  @Test
  void theirHooksForTheJobsBeginRunFirst() throws Exception {
    local("js/action.yml", "runs: {using: node20, main: main.js, pre: pre.js}\n");
    local("js/pre.js", "console.log('prepared')");
    local("js/main.js", "console.log('worked')");

    var result =
        start(
            from("- run: echo first\n- uses: $/js\n", "payments", Jobs.SHA),
            new CheckoutSource.Folder(workspace));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).containsSubsequence("prepared", "first", "worked");
    assertThat(run.events())
        .filteredOn(JobEvent.StepStarted.class::isInstance)
        .extracting(event -> ((JobEvent.StepStarted) event).name())
        .contains("Pre Run $/js");
  }
}
