package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is found while a workflow is read, beyond its grammar.
class LanguageChecksTest {
  private static final String JOBS = "jobs: {a: {runs-on: x, steps: [{run: y}]}}\n";

  private static List<String> events(String on) {
    return findings("on: " + on + "\n" + JOBS).stream()
        .filter(line -> !line.contains("Fairway never raises"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "branches | a b      | no name of a branch or tag has ' ' in it",
        "branches | 'v1^'    | no name of a branch or tag has '^' in it",
        "tags     | a..b     | no name of a branch or tag has '..' in it",
        "branches | /main    | no name of a branch or tag begins or ends with '/', or ends with"
            + " '.'",
        "branches | main/    | no name of a branch or tag begins or ends with '/', or ends with"
            + " '.'",
        "branches | v\\d+    | '\\d' is no escape: names have no backslash",
        "paths    | ' a'     | a blank at its begin or end is part of the pattern",
        "paths    | ./a      | paths are written from the root of the repository, without '.' and"
            + " '..'",
        "paths    | ../a/**  | paths are written from the root of the repository, without '.' and"
            + " '..'",
      })
  void warnsOfPatternsThatMatchNothing(String filter, String pattern, String why) {
    assertThat(events("{push: {" + filter + ": [" + pattern + ", '**']}}"))
        .singleElement()
        .asString()
        .startsWith("ci.yml:1:")
        .endsWith("': " + why)
        .contains("warning: Nothing matches the pattern '");
  }

  @ParameterizedTest
  @CsvSource({
    "branches, main",
    "branches, releases/**",
    "branches, 'v\\*'",
    "tags, v1.*",
    "tags, 'v[0-9]+.x'",
    "paths, '**.md'",
    "paths, docs/.hidden/*",
    "paths, 'a b/**'",
    "branches, '!a/b'"
  })
  void isSilentAboutPatternsThatMay(String filter, String pattern) {
    assertThat(events("{push: {" + filter + ": ['**', '" + pattern + "']}}")).isEmpty();
  }

  @Test
  void refusesPatternsThatCannotBeRead() {
    assertThat(events("{push: {branches: ['a', '[9-0]', '!']}, merge_group: {branches: ['a[']}}"))
        .containsExactly(
            "ci.yml:1:29: Invalid pattern: the range '9-0' ends before it begins",
            "ci.yml:1:38: Invalid pattern: nothing follows the '!'",
            "ci.yml:1:70: Invalid pattern: the bracket in the pattern 'a[' is empty or not closed");
  }

  @Test
  void anEventThatIsNeverRaisedIsReadAsStrictly() {
    assertThat(events("{pull_request_target: {paths: [a], paths-ignore: [b]}}"))
        .singleElement()
        .asString()
        .startsWith("ci.yml:1:40: you may only define one of `paths` and `paths-ignore`");
  }

  @Test
  void warnsOfListsWithNothingInThem() {
    assertThat(events("{push: {branches: []}, release: {types: []}, schedule: []}"))
        .containsExactly(
            "ci.yml:1:23: warning: An empty list changes nothing: take it away",
            "ci.yml:1:45: warning: An empty list changes nothing: take it away",
            "ci.yml:1:50: warning: This schedule has no `cron`, so it never starts the workflow");
  }

  @Test
  void countsTheMinutesFromOneHourToTheNext() {
    assertThat(events("{schedule: [{cron: '0,58 * * * *'}]}"))
        .singleElement()
        .asString()
        .startsWith("ci.yml:1:24: warning: This is due more often than every 5 minutes");
    assertThat(events("{schedule: [{cron: '0,58 3 * * *'}, {cron: '2,58 3,5 * * *'}]}")).isEmpty();
  }

  @Test
  void onlyAChoiceOffersOptionsAndEachOnce() {
    assertThat(
            events(
                "{workflow_dispatch: {inputs: {a: {options: [x]}, b: {type: choice, options: [x, x,"
                    + " '']}}}}"))
        .containsExactly(
            "ci.yml:1:39: Input type is not 'choice', but 'options' is defined",
            "ci.yml:1:81: warning: The option 'x' is offered twice");
  }

  @Test
  void aJobThatWouldWaitForItsOwnRunIsRefused() {
    String text =
        "on: push\nconcurrency: %s\njobs: {a: {concurrency: {group: %s}, runs-on: x, steps: []}}";

    assertThat(findings(text.formatted("deploy", "Deploy")))
        .containsExactly(
            "ci.yml:3:33: Concurrency group 'Deploy' is also that of the whole workflow, so the job"
                + " would wait for its own run");
    assertThat(findings(text.formatted("deploy", "deploy-a"))).isEmpty();
    assertThat(findings(text.formatted("${{ github.ref }}", "\"${{ github.ref }}\""))).isEmpty();
  }

  @Test
  void saysWhereACallBelongsAndHowAPathIsWritten() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: x
                    steps:
                      - uses: acme/app/.github/workflows/ci.yml@v1
                      - uses: $/../greet
                      - uses: $/
                    """)))
        .containsExactly(
            "ci.yml:6:15: 'acme/app/.github/workflows/ci.yml@v1' is a workflow, which a job calls"
                + " and no step: `jobs.ID.uses`",
            "ci.yml:7:15: The action '$/../greet' lies outside of the repository; copy it there",
            "ci.yml:8:15: Expected format {org}/{repo}[/path]@ref. Actual '$/'");
  }

  @Test
  void aPathInTheOwnRepositoryNeedsNoCheckout() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: x
                    steps:
                      - uses: $/greet
                      - uses: $/./actions//greet
                      - run: echo ${{ job.workflow_sha }} ${{ job.workflow_repository }}
                    """)))
        .isEmpty();
    assertThat(findings(job("uses: $/greet.yml")))
        .containsExactly(
            "ci.yml:4:11: invalid value workflow reference: references to workflows must be rooted"
                + " in '.github/workflows' or '.fairway/workflows'");
  }

  @Test
  void aWrongIdHidesNothingOfItsJob() {
    assertThat(
            findings(
                "on: push\n"
                    + "jobs:\n"
                    + "  1st: {runs-on: x, steps: [{id: 2nd, run: y}, {run: \"${{ x }}\"}]}\n"
                    + "  b: {needs: [c, C], runs-on: x, steps: []}\n"
                    + "  c: {runs-on: x, steps: []}\n"))
        .extracting(line -> line.replaceFirst("(is invalid|: Located|\\. Located).*", "…"))
        .containsExactly(
            "ci.yml:3:3: The identifier '1st' …",
            "ci.yml:3:34: The identifier '2nd' …",
            "ci.yml:3:54: Unrecognized named-value: 'x'…",
            "ci.yml:4:18: warning: 'c' is needed twice");
  }

  @Test
  void thereAreNoMergeKeysAnywhereAndAnAnchorIsForAnAlias() {
    assertThat(
            findings(
                """
                on: push
                env: &env {A: 1}
                jobs:
                  a:
                    runs-on: &none x
                    env: {<<: *env, B: 2}
                    steps: [{run: y}]
                """))
        .containsExactly(
            "ci.yml:5:14: warning: No alias uses the anchor '&none'",
            "ci.yml:6:11: Unexpected value '<<'. The language has no merge keys; repeat the keys,"
                + " or use an alias for a whole value");
  }

  @Test
  void anErrorInABlockStandsAtItsOwnLine() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: x
                    if: |
                      github.ref == 'x' &&
                      nothing
                    steps:
                      - run: |

                          one
                           ${{ two }} and ${{ three
                      - run: "in one line ${{ four }}"
                    """)))
        .extracting(line -> line.replaceFirst("(\\. Located|\\. An).*", ""))
        .containsExactly(
            "ci.yml:6:7: Unrecognized named-value: 'nothing'",
            "ci.yml:12:12: Unrecognized named-value: 'two'",
            "ci.yml:12:27: The expression is not closed",
            "ci.yml:13:14: Unrecognized named-value: 'four'");
  }

  @Test
  void anImageMayBeWrittenAsAnActionWritesIt() {
    Job.Steps build =
        (Job.Steps)
            Workflows.valid(
                    job(
                        "runs-on: x\ncontainer: docker://alpine:3\nservices: {db: {image:"
                            + " 'docker://redis:7'}}\nsteps: [{run: y}]"))
                .jobs()
                .values()
                .iterator()
                .next();

    assertThat(build.container(Contexts.empty()).orElseThrow().image()).isEqualTo("alpine:3");
    assertThat(build.services(Contexts.empty()).values())
        .extracting(Container::image)
        .containsExactly("redis:7");
    assertThat(findings(job("runs-on: x\ncontainer: docker://\nsteps: [{run: y}]")))
        .containsExactly("ci.yml:5:16: Container image cannot be empty");
  }

  @Test
  void shellsAreNamedInWhateverCase() {
    assertThat(Shell.named("Bash")).contains(Shell.Known.BASH);
    assertThat(findings(job("runs-on: x\nsteps: [{run: y, shell: PowerShell}]")))
        .singleElement()
        .asString()
        .contains("no agent runs on Windows");
  }
}
