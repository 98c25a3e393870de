package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import dev.fairway.server.evidence.Schemas;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Workflows whose jobs call other workflows.
final class CallsTest {
  private static final String CI =
      """
      on: push
      jobs:
        build: {runs-on: linux, steps: [{run: make}]}
        deploy:
          needs: build
          strategy: {matrix: {to: [staging, production]}}
          uses: ./.github/workflows/deploy.yml
          with: {target: "${{ matrix.to }}"}
          secrets: {key: "${{ secrets.DEPLOY_KEY }}-${{ matrix.to }}"}
        tell:
          needs: deploy
          runs-on: linux
          steps: [{run: echo}]
      """;

  private static final String DEPLOY =
      """
      on:
        workflow_call:
          inputs: {target: {type: string, required: true}}
          secrets: {key: {required: true}}
          outputs: {url: {value: "${{ jobs.go.outputs.url }}"}}
      jobs:
        check: {runs-on: linux, steps: [{run: "true"}]}
        go:
          needs: check
          runs-on: linux
          permissions: {contents: read}
          outputs: {url: "${{ steps.x.outputs.url }}"}
          steps: [{id: x, run: "true"}]
      """;

  private final RunFixture fixture = new RunFixture();

  @AfterEach
  void close() {
    Schemas.requireLedgerToFit(fixture.database());
    fixture.close();
  }

  private Run push(String ci, String deploy) {
    var files = new LinkedHashMap<String, String>();
    files.put(".github/workflows/ci.yml", ci);
    files.put(".github/workflows/deploy.yml", deploy);
    return fixture.push(RunFixture.PROJECT, "payments", files).getFirst();
  }

  private List<String> states(Run run) {
    return fixture.jobs(run).stream().map(job -> job.name() + " " + job.stateWord()).toList();
  }

  @Test
  void theJobsOfACalledWorkflowRunInThePlaceOfItsCaller() {
    fixture.give("secret", "DEPLOY_KEY", "k1");
    var run = push(CI, DEPLOY);
    assertThat(states(run))
        .containsExactly(
            "build queued", "deploy / check waiting", "deploy / go waiting", "tell waiting");

    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.jobs(run)).extracting(JobRun::key).contains("deploy/go", "deploy#1/go");
    var check = fixture.begin();
    assertThat(check.workflowPath()).isEqualTo(".github/workflows/deploy.yml");
    assertThat(check.workflowText()).isEqualTo(DEPLOY);
    assertThat(check.jobKey()).isEqualTo("check");
    assertThat(check.jobName()).isEqualTo("deploy (staging) / check");
    assertThat(check.contexts().at("/inputs/target").asString()).isEqualTo("staging");
    assertThat(check.contexts().at("/secrets/key").asString()).isEqualTo("k1-staging");
    assertThat(check.contexts().at("/secrets/DEPLOY_KEY").isMissingNode()).isTrue();
    assertThat(check.contexts().at("/secrets/GITHUB_TOKEN").asString()).startsWith("fwj_");
    assertThat(check.contexts().at("/github/job").asString()).isEqualTo("check");

    var other = fixture.begin();
    assertThat(other.contexts().at("/inputs/target").asString()).isEqualTo("production");
    fixture.end(check, Outcome.SUCCESS);
    fixture.end(other, Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS, Map.of("url", "http://a"));
    fixture.end(fixture.begin(), Outcome.SUCCESS, Map.of("url", "http://b"));
    var tell = fixture.begin();
    assertThat(tell.contexts().at("/needs/deploy/outputs/url").asString()).isEqualTo("http://b");
    fixture.end(tell, Outcome.SUCCESS);

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(fixture.lastPredicate("run").at("/called/0/path").asString())
        .isEqualTo(".github/workflows/deploy.yml");
    assertThat(fixture.lastPredicate("run").at("/called/0/sha").asString())
        .isEqualTo(RunFixture.SHA);
  }

  @Test
  void aCallThatIsSkippedIsOneJobThatSaysWhy() {
    var run = push(CI, DEPLOY);
    fixture.end(fixture.begin(), Outcome.FAILURE);

    assertThat(states(run)).containsExactly("build failure", "deploy skipped", "tell skipped");

    fixture
        .database()
        .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.Failed(false), "mia"));
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.jobs(run))
        .extracting(job -> job.key() + " " + job.stateWord())
        .containsExactly(
            "build success",
            "deploy#1/check queued",
            "deploy/check queued",
            "deploy#1/go waiting",
            "deploy/go waiting",
            "tell waiting");
  }

  @Test
  void oneJobWithinACallRunsAgainWithThoseThatNeedIt() {
    var run = push(CI.replace("strategy: {matrix: {to: [staging, production]}}\n", "\n"), DEPLOY);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.FAILURE);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);

    fixture
        .database()
        .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.Failed(false), "mia"));

    assertThat(states(run))
        .containsExactly(
            "build success", "deploy / check success", "deploy / go queued", "tell waiting");
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);

    var build = fixture.job(run, "build");
    fixture
        .database()
        .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.One(build.id(), false), "mia"));
    assertThat(states(run))
        .as("what a call needs, its jobs need")
        .containsExactly(
            "build queued", "deploy / check waiting", "deploy / go waiting", "tell waiting");
  }

  @Test
  void aSecretOfACallThatHasNoValueFailsItsJobAndHoldsUpNoOther() {
    var run =
        push(
            CI.replace(
                "\"${{ secrets.DEPLOY_KEY }}-${{ matrix.to }}\"",
                "\"${{ fromJSON(secrets.DEPLOY_KEY).a }}\""),
            DEPLOY);
    fixture.give("secret", "DEPLOY_KEY", "no json");
    fixture.end(fixture.begin(), Outcome.SUCCESS);

    assertThat(fixture.claim()).isEmpty();
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(fixture.jobs(run))
        .extracting(JobRun::reason)
        .anyMatch(reason -> reason.startsWith("A secret that the job is given"));
  }

  @Test
  void aCalledWorkflowThatIsNotThereFailsTheRunAtItsLine() {
    var run = push(CI.replace("deploy.yml", "gone.yml"), DEPLOY);

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);
    var finding = fixture.database().read(tx -> DetailStore.annotations(tx, run.id())).getFirst();
    assertThat(finding.place()).isEqualTo(".github/workflows/ci.yml:7:11");
    assertThat(finding.message()).contains("gone.yml", "there is no such file");
  }

  @Test
  void cancellingARunEndsTheJobsOfItsCalls() {
    var run = push(CI, DEPLOY);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    var running = fixture.begin();

    fixture.database().run(tx -> fixture.actions.cancel(tx, run.id(), "mia"));
    fixture.end(running, Outcome.CANCELLED);

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.CANCELLED);
  }
}
