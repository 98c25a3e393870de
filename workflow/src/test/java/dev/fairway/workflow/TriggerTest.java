package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TriggerTest {

  private static Workflow on(String on) {
    return Workflows.valid(
        "on:\n" + on.indent(2) + "jobs:\n  a: {runs-on: x, steps: [{run: y}]}\n");
  }

  private static Event push(String ref, String... paths) {
    return new Event.Push(ref, Optional.of(List.of(paths)));
  }

  @ParameterizedTest
  @CsvSource({
    "main, main, true",
    "main, mains, false",
    "feature/*, feature/a, true",
    "feature/*, feature/a/b, false",
    "feature/**, feature/a/b, true",
    "'**', any/thing, true",
    "'*', any/thing, false",
    "v1.?, v1, true",
    "v12?, v1, true",
    "v[12].[0-9]+, v2.14, true",
    "v[12].[0-9]+, v3.1, false",
    "'**/README.md', README.md, true",
    "'**/README.md', docs/a/README.md, true",
    "'**/README.md', xREADME.md, false",
    "docs/**/*.md, docs/a.md, true",
    "docs/**/*.md, docs/a/b.md, true",
    "'**.js', src/js/index.js, true",
    "'*.jsx?', page.js, true",
    "a\\*b, a*b, true",
    "a\\*b, axb, false",
  })
  void aPatternMatches(String pattern, String name, boolean expected) {
    assertThat(Glob.of(pattern).matches(name)).isEqualTo(expected);
  }

  @Test
  void theLastPatternThatMatchesDecides() {
    Workflow workflow =
        on("push:\n  branches: ['release/**', '!release/old/**', 'release/old/keep']");

    assertThat(workflow.triggeredBy(push("refs/heads/release/1"))).isTrue();
    assertThat(workflow.triggeredBy(push("refs/heads/release/old/1"))).isFalse();
    assertThat(workflow.triggeredBy(push("refs/heads/release/old/keep"))).isTrue();
    assertThat(workflow.triggeredBy(push("refs/heads/main"))).isFalse();
  }

  @Test
  void filtersForBranchesOnlyLeaveTagsOutAndTheReverse() {
    assertThat(on("push:").triggeredBy(push("refs/tags/v1"))).isTrue();
    assertThat(on("push:\n  branches: [main]").triggeredBy(push("refs/tags/v1"))).isFalse();
    assertThat(on("push:\n  tags: ['v*']").triggeredBy(push("refs/heads/main"))).isFalse();
    assertThat(on("push:\n  tags: ['v*']").triggeredBy(push("refs/tags/v1"))).isTrue();
    assertThat(on("push:\n  tags-ignore: ['v*']").triggeredBy(push("refs/tags/v1"))).isFalse();
  }

  @Test
  void pathsMustContainOneOfInterestUnlessTheyAreUnknown() {
    Workflow paths = on("push:\n  paths: ['src/**', '!src/docs/**']");
    Workflow ignoring = on("push:\n  paths-ignore: ['**.md']");

    assertThat(paths.triggeredBy(push("refs/heads/main", "a.txt", "src/x.java"))).isTrue();
    assertThat(paths.triggeredBy(push("refs/heads/main", "src/docs/x.md"))).isFalse();
    assertThat(paths.triggeredBy(new Event.Push("refs/heads/main", Optional.empty()))).isTrue();
    assertThat(ignoring.triggeredBy(push("refs/heads/main", "a.md", "docs/b.md"))).isFalse();
    assertThat(ignoring.triggeredBy(push("refs/heads/main", "a.md", "b.java"))).isTrue();
  }

  @Test
  void pullRequestsStartOnTheirUsualActivitiesAgainstTheBaseBranch() {
    Workflow workflow = on("pull_request:\n  branches: [main]");

    assertThat(workflow.triggeredBy(new Event.PullRequest("opened", "main", Optional.empty())))
        .isTrue();
    assertThat(workflow.triggeredBy(new Event.PullRequest("closed", "main", Optional.empty())))
        .isFalse();
    assertThat(workflow.triggeredBy(new Event.PullRequest("opened", "dev", Optional.empty())))
        .isFalse();
    assertThat(workflow.triggeredBy(push("refs/heads/main"))).isFalse();
  }

  @Test
  void refusesFiltersThatContradictThemselvesOrMatchNothing() {
    assertThat(
            Workflows.findings(
                """
                on:
                  push:
                    branches: [a]
                    branches-ignore: [b]
                    tags: ['!v1']
                    paths: ['a[']
                jobs:
                  a: {runs-on: x, steps: [{run: y}]}
                """))
        .containsExactly(
            "ci.yml:4:5: you may only define one of `branches` and `branches-ignore` for a single"
                + " event. To leave some out of `branches`, add patterns that begin with '!'",
            "ci.yml:5:11: warning: Every pattern begins with '!', so nothing matches",
            "ci.yml:6:13: Invalid pattern: the bracket in the pattern 'a[' is empty or not closed");
  }

  @Test
  void aFilterThatOnlyTakesAwayMatchesNothing() {
    Workflow workflow = on("push: {branches: ['**'], tags: ['!**']}");

    assertThat(workflow.triggeredBy(push("refs/heads/main"))).isTrue();
    assertThat(workflow.triggeredBy(push("refs/tags/v1"))).isFalse();
  }

  @Test
  void otherEventsOfFairwayStartWhatAsksForThem() {
    Workflow workflow =
        on(
            """
            workflow_run:
              workflows: [Build]
              types: completed
              branches: [main, 'release/**']
            repository_dispatch:
              types: [nightly]
            release:
            deployment:
            schedule:
              - cron: '0 3 * * *'
            workflow_call:
            """);

    assertThat(workflow.triggeredBy(new Event.WorkflowRun("Build", "completed", "release/1")))
        .isTrue();
    assertThat(workflow.triggeredBy(new Event.WorkflowRun("Build", "requested", "main"))).isFalse();
    assertThat(workflow.triggeredBy(new Event.WorkflowRun("Test", "completed", "main"))).isFalse();
    assertThat(workflow.triggeredBy(new Event.WorkflowRun("Build", "completed", "x"))).isFalse();
    assertThat(workflow.triggeredBy(new Event.RepositoryDispatch("nightly"))).isTrue();
    assertThat(workflow.triggeredBy(new Event.RepositoryDispatch("weekly"))).isFalse();
    assertThat(workflow.triggeredBy(new Event.Release("published"))).isTrue();
    assertThat(workflow.triggeredBy(new Event.Deployment())).isTrue();
    assertThat(workflow.triggeredBy(new Event.DeploymentStatus())).isFalse();
    assertThat(workflow.triggeredBy(new Event.Schedule("0 3 * * *"))).isTrue();
    assertThat(workflow.triggeredBy(new Event.Schedule("0 4 * * *"))).isFalse();
    assertThat(workflow.schedule()).containsExactly(Cron.of("0 3 * * *"));
    assertThat(workflow.triggeredBy(push("refs/heads/main"))).isFalse();
    assertThat(on("repository_dispatch:").triggeredBy(new Event.RepositoryDispatch("x"))).isTrue();
  }

  @Test
  void anEventThatFairwayNeverRaisesIsAWarningAndItsSettingsAreChecked() {
    assertThat(
            Workflows.findings(
                """
                on:
                  push:
                  issues:
                    types: [opened, exploded]
                  fork:
                    types: x
                  forks:
                jobs:
                  a: {runs-on: x, steps: [{run: y}]}
                """))
        .containsExactly(
            "ci.yml:3:3: warning: Fairway never raises 'issues': the workflow runs for its other"
                + " events only",
            "ci.yml:4:21: Unexpected value 'exploded'",
            "ci.yml:5:3: warning: Fairway never raises 'fork': the workflow runs for its other"
                + " events only",
            "ci.yml:6:5: Unexpected value 'types'",
            "ci.yml:7:3: Unexpected value 'forks'");
    assertThat(Workflows.findings("on: issues\njobs:\n  a: {runs-on: x, steps: [{run: y}]}\n"))
        .singleElement()
        .asString()
        .contains("so this workflow never runs");
  }

  @Test
  void aCallableWorkflowSaysWhatItTakesAndGives() {
    CallDefinition definition =
        on("""
        workflow_call:
          inputs:
            level: {type: string, default: "${{ vars.LEVEL }}"}
          secrets: {token: }
          outputs: {version: {description: It, value: 1.0}}
        """)
            .callable()
            .orElseThrow();

    assertThat(definition.inputs().keySet()).containsExactly("level");
    assertThat(definition.secrets().keySet()).containsExactly("token");
    assertThat(definition.outputs().keySet()).containsExactly("version");
    assertThat(
            Workflows.findings(
                """
                on:
                  workflow_call:
                    inputs:
                      a: {type: choice, required: sometimes}
                      b: {default: x}
                      c: {type: number, default: many}
                    outputs: {x: {}}
                jobs:
                  a: {runs-on: x, steps: [{run: y}]}
                """))
        .containsExactly(
            "ci.yml:4:17: Unexpected value 'choice'. Expected one of string, boolean, number",
            "ci.yml:4:35: Unexpected value 'sometimes'. Expected true or false",
            "ci.yml:5:10: Required property is missing: type",
            "ci.yml:6:34: The default 'many' is not a number of this input",
            "ci.yml:7:18: Required property is missing: value");
  }
}
