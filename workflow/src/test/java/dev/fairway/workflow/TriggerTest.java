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
            "ci.yml:5:11: At least one pattern must not begin with '!', or nothing matches",
            "ci.yml:6:13: Invalid pattern: the bracket in the pattern 'a[' is empty or not closed");
  }
}
