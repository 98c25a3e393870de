package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One expression for a whole `concurrency` or `environment`.
class GroupByExpressionTest {
  private static final String MADE = "${{ fromJSON(needs.plan.outputs.made) }}";

  private static List<Concurrency.Group> groups(String concurrency, String json) {
    PlannedRun run = PlannedRun.made("concurrency: " + concurrency, json);
    run.step();
    return run.instance("test").concurrency();
  }

  private static TargetEnvironment environment(String lines) {
    return ((Job.Steps)
            valid(job(lines + "\nruns-on: x\nsteps: [{run: y}]")).jobs().values().iterator().next())
        .environment()
        .orElseThrow();
  }

  private static Contexts vars(String json) {
    return Contexts.empty().with("vars", Value.ofStrings(Map.of("MADE", json)));
  }

  private static String failure(PlannedRun run) {
    Plan plan = run.step();
    assertThat(plan.outcome()).contains(Outcome.FAILURE);
    Decision.Conclude end = (Decision.Conclude) plan.decisions().getFirst();
    assertThat(end.outcome()).isEqualTo(Outcome.FAILURE);
    return end.reason();
  }

  private static List<String> lint(String lines) {
    return WorkflowLint.check(valid(job(lines + "\nruns-on: x\nsteps: [{run: y}]"))).stream()
        .map(Diagnostic::toString)
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"group\": \"one\"}                             | one  | false | SINGLE",
        "{\"group\": 1, \"cancel-in-progress\": true}     | 1    | true  | SINGLE",
        "{\"queue\": \"max\", \"group\": \" a b \"}       | a b  | false | MAX",
        "{\"group\": \"one\", \"queue\": \"single\", \"cancel-in-progress\": true} | one | true"
            + " | SINGLE",
        "{\"group\": \"${{ github.ref }}\"} | ${{ github.ref }} | false | SINGLE",
        "\"one\"                                          | one  | false | SINGLE",
        "7                                                | 7    | false | SINGLE",
      })
  void aGroupThatAnEarlierJobMadeIsHeldAsAWrittenOneIs(
      String json, String name, boolean cancels, Concurrency.Queue queue) {
    assertThat(groups(MADE, json))
        .containsExactly(new Concurrency.Group("test", name, cancels, queue));
  }

  @ParameterizedTest
  @CsvSource({"null", "'\"\"'", "'\" \"'"})
  void aGroupWithoutANameIsNone(String json) {
    assertThat(groups(MADE, json)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[\"one\"]                     | A string or a mapping was expected, not Array",
        "{}                            | Required property is missing: group",
        "{\"Group\": \"one\"}          | Unexpected value 'Group'. Expected group,"
            + " cancel-in-progress, queue",
        "{\"group\": \"a\", \"x\": 1}    | Unexpected value 'x'. Expected group,"
            + " cancel-in-progress, queue",
        "{\"group\": {\"name\": \"a\"}}  | A string was expected for 'group', not Object",
        "{\"group\": \"\"}               | Unexpected value '' for 'group'; name a group",
        "{\"group\": null}             | Unexpected value '' for 'group'; name a group",
        "{\"group\": \"a\", \"cancel-in-progress\": \"true\"} | The value of 'cancel-in-progress'"
            + " must be true or false, not String",
        "{\"group\": \"a\", \"cancel-in-progress\": null} | The value of 'cancel-in-progress' must"
            + " be true or false, not Null",
        "{\"group\": \"a\", \"queue\": \"all\"} | Unexpected value 'all' for 'queue'. Expected"
            + " single or max",
        "{\"group\": \"a\", \"queue\": [\"max\"]} | A string was expected for 'queue', not Array",
        "{\"group\": \"a\", \"queue\": \"max\", \"cancel-in-progress\": true} |"
            + " 'cancel-in-progress: true' leaves nothing to queue with 'queue: max'; use one of"
            + " them",
      })
  void aGroupThatIsNoneFailsTheJobAtItsPlace(String json, String message) {
    assertThat(failure(PlannedRun.made("concurrency: " + MADE, json)))
        .isEqualTo("ci.yml:11:18: " + message);
  }

  @Test
  void partsOfAGroupMayComeFromExpressionsBesideWrittenOnes() {
    assertThat(
            groups(
                "{'${{ insert }}': '%s', cancel-in-progress: true}".formatted(MADE),
                "{\"group\": \"one\"}"))
        .containsExactly(new Concurrency.Group("test", "one", true, Concurrency.Queue.SINGLE));
    assertThat(groups("{group: one, queue: '%s'}".formatted(MADE), "\"max\""))
        .containsExactly(new Concurrency.Group("test", "one", false, Concurrency.Queue.MAX));
    assertThat(groups("{group: one, queue: max, cancel-in-progress: '%s'}".formatted(MADE), "true"))
        .as("what the file has, and only this run makes unusual")
        .containsExactly(new Concurrency.Group("test", "one", true, Concurrency.Queue.MAX));
    assertThat(
            failure(
                PlannedRun.made(
                    "concurrency: {'${{ insert }}': '%s', queue: max}".formatted(MADE),
                    "{\"group\": \"one\", \"cancel-in-progress\": true}")))
        .startsWith("ci.yml:11:36: 'cancel-in-progress: true' leaves nothing to queue");
    assertThat(failure(PlannedRun.made("concurrency: {'${{ insert }}': '" + MADE + "'}", "{}")))
        .isEqualTo("ci.yml:11:18: Required property is missing: group");
    assertThat(
            failure(PlannedRun.made("concurrency: {group: a, queue: '" + MADE + "'}", "\"all\"")))
        .isEqualTo("ci.yml:11:36: Unexpected value 'all' for 'queue'. Expected single or max");
  }

  @Test
  void theGroupOfAWholeRunMayBeMadeOfWhatTheRunWasGiven() {
    Workflow workflow =
        valid("concurrency: ${{ fromJSON(vars.MADE) }}\n" + job("runs-on: x\nsteps: [{run: y}]"));

    assertThat(workflow.concurrency(vars("{\"group\": \"all\", \"queue\": \"max\"}")))
        .contains(new Concurrency.Group("", "all", false, Concurrency.Queue.MAX));
    assertThatThrownBy(() -> workflow.concurrency(vars("{\"grup\": \"all\"}")))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong -> assertThat(wrong.position()).isEqualTo(Optional.of(new Position(1, 14))))
        .hasMessage("Unexpected value 'grup'. Expected group, cancel-in-progress, queue");
  }

  private static PlannedRun call(String caller, String called) {
    String text =
        """
        on: push
        jobs:
          ship:
            concurrency: ${{ fromJSON('%s') }}
            uses: ./.github/workflows/ship.yml
            with: {to: '%s'}
        """;
    String ship =
        """
        concurrency: ${{ fromJSON(inputs.to) }}
        on: {workflow_call: {inputs: {to: {type: string}}}}
        jobs: {go: {runs-on: linux, steps: [{run: y}]}}
        """;
    ParseResult result =
        WorkflowParser.parse(
            "ci.yml",
            text.formatted(caller, called),
            CallsTest.calls(Map.of(".github/workflows/ship.yml", ship)));
    return new PlannedRun(((ParseResult.Valid) result).workflow());
  }

  @Test
  void aCallAndWhatItCallsMayHaveGroupsThatExpressionsMake() {
    PlannedRun run = call("{\"group\":\"x\"}", "{\"group\":\"y\",\"cancel-in-progress\":true}");

    assertThat(run.next()).containsExactly("start ship / go");
    assertThat(run.instance("ship / go").concurrency())
        .containsExactly(
            new Concurrency.Group("ship", "x", false, Concurrency.Queue.SINGLE),
            new Concurrency.Group("ship", "y", true, Concurrency.Queue.SINGLE));
  }

  @Test
  void whatIsWrongWithTheGroupOfACallNamesTheFileInWhichItStands() {
    assertThat(failure(call("{\"grup\":1}", "{}"))).startsWith("ci.yml:4:18: Unexpected value");
    assertThat(failure(call("{\"group\":\"x\"}", "{\"grup\":1}")))
        .startsWith(".github/workflows/ship.yml:1:14: Unexpected value 'grup'");
  }

  @Test
  void anEnvironmentThatAnEarlierJobMadeIsThatOfTheJob() {
    PlannedRun run =
        PlannedRun.made(
            "environment: " + MADE,
            "{\"name\": \" production \", \"url\": \"https://x\", \"deployment\": false}");
    run.step();

    JobInstance instance = run.instance("test");
    assertThat(instance.environment()).contains(new TargetEnvironment.Named("production", false));
    assertThat(
            instance
                .job()
                .environment()
                .orElseThrow()
                .url(Contexts.empty().with("needs", instance.needs())))
        .contains("https://x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\": \"production\"} | production |",
        "{\"name\": \"p\", \"url\": \"${{ steps.x }}\"} | p | ${{ steps.x }}",
        "{\"name\": \"p\", \"url\": null}   | p          |",
        "{\"name\": 1}                      | 1          |",
        "\"production\"                     | production |",
        "{\"name\": \"\", \"url\": \"a\"}   |            | a",
        "{\"name\": null}                   |            |",
        "null                               |            |",
        "\"\"                               |            |",
      })
  void anEnvironmentHasTheNameAndTheAddressThatItsExpressionGives(
      String json, @Nullable String name, @Nullable String url) {
    TargetEnvironment environment = environment("environment: ${{ fromJSON(vars.MADE) }}");

    assertThat(environment.evaluate(vars(json)).map(TargetEnvironment.Named::name))
        .isEqualTo(Optional.ofNullable(name));
    assertThat(environment.url(vars(json))).isEqualTo(Optional.ofNullable(url));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[\"production\"]            | A string or a mapping was expected, not Array",
        "{\"url\": \"https://x\"}    | Required property is missing: name",
        "{\"name\": \"a\", \"urls\": \"b\"}    | Unexpected value 'urls'. Expected name, url,"
            + " deployment",
        "{\"name\": [\"a\"]}         | A string was expected for 'name', not Array",
        "{\"name\": \"a\", \"url\": {}} | A string was expected for 'url', not Object",
        "{\"name\": \"a\", \"deployment\": \"false\"} | The value of 'deployment' must be true or"
            + " false, not String",
        "{\"name\": \"\", \"deployment\": 1} | The value of 'deployment' must be true or false, not"
            + " Number",
      })
  void anEnvironmentThatIsNoneFailsTheJobAtItsPlace(String json, String message) {
    assertThat(failure(PlannedRun.made("environment: " + MADE, json)))
        .isEqualTo("ci.yml:11:18: " + message);
  }

  @Test
  void theAddressInTheFileSeesTheStepsWhateverMakesTheRestOfAnEnvironment() {
    TargetEnvironment environment =
        environment(
            """
            environment:
              ${{ insert }}: ${{ fromJSON(vars.MADE) }}
              url: ${{ fromJSON(steps.deploy.outputs.made).url }}
            """);
    Contexts before = vars("{\"name\": \"production\"}");

    assertThat(environment.evaluate(before))
        .contains(new TargetEnvironment.Named("production", true));
    assertThat(
            environment.url(
                before.with(
                    "steps",
                    Value.ofJson(
                        "{\"deploy\":{\"outputs\":{\"made\":\"{\\\"url\\\":\\\"https://new\\\"}\"}}}"))))
        .contains("https://new");
  }

  @Test
  void anAddressInTheFileAndAMadeOneFailTheJob() {
    assertThat(
            failure(
                PlannedRun.made(
                    "environment: {'${{ insert }}': '" + MADE + "', url: 'https://new'}",
                    "{\"name\": \"production\", \"url\": \"https://old\"}")))
        .isEqualTo("ci.yml:11:85: 'url' is already defined");
  }

  @Test
  void whatAGroupOrAnEnvironmentMustHaveIsMissedOnceAndOnlyWhereNoExpressionMayMakeIt() {
    assertThat(
            findings(
                """
                on: push
                concurrency: {'${{ insert }}': '${{ fromJSON(vars.MADE) }}'}
                jobs:
                  a:
                    runs-on: x
                    concurrency: {group: '', queue: max}
                    environment: {url: x, '${{ format(''name'') }}': y}
                    steps: [{run: y}]
                  b:
                    runs-on: x
                    concurrency: {queue: max, cancel-in-progress: true}
                    environment: {url: x, nam: y}
                    steps: [{run: y}]
                """))
        .containsExactly(
            "ci.yml:6:26: Unexpected value ''",
            "ci.yml:11:18: Required property is missing: group",
            "ci.yml:11:51: 'cancel-in-progress: true' leaves nothing to queue with 'queue: max';"
                + " use one of them",
            "ci.yml:12:18: Required property is missing: name",
            "ci.yml:12:27: Unexpected value 'nam'. Did you mean 'name'?");
  }

  @ParameterizedTest
  @CsvSource({
    "workflow-concurrency, RUN",
    "job-concurrency, JOB",
    "job-environment, JOB",
  })
  void seesWhatTheOfficialSchemaLetsItSee(String definition, Place place) {
    assertThat(Conformance.contexts(definition))
        .containsExactlyInAnyOrderElementsOf(place.vocabulary().contexts());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "concurrency: ${{ github.ref }}                      |",
        "concurrency: ${{ github.event.number }}             |",
        "concurrency: ${{ strategy.job-index }}              |",
        "concurrency: ${{ fromJSON(vars.MADE) }}             |",
        "environment: ${{ fromJSON('{\"name\":\"a\"}') }}    |",
        "environment: ${{ fromJSON('[1]') }}                 | A string or a mapping was expected,"
            + " not an array",
        "concurrency: ${{ fromJSON('{\"grup\":\"a\"}') }}    | Unexpected value 'grup'. Expected"
            + " group, cancel-in-progress, queue",
        "environment: ${{ fromJSON('{\"url\":\"a\"}') }}     | Required property is missing: name",
        "concurrency: ${{ fromJSON('{\"group\":[]}') }}   | A string was expected for 'group', not"
            + " an array",
        "concurrency: ${{ fromJSON('{\"group\":\"a\",\"cancel-in-progress\":true}') }} |",
        "concurrency: ${{ fromJSON('{\"group\":\"a\",\"cancel-in-progress\":\"true\"}') }} | The"
            + " value of 'cancel-in-progress' must be true or false, not a string",
        "environment: ${{ fromJSON('{\"name\":\"a\",\"deployment\":0}') }} | The value of"
            + " 'deployment' must be true or false, not a number",
        "environment: ${{ github }}                          | Unexpected value 'action'. Expected"
            + " name, url, deployment",
      })
  void checkTypesAGroupAndAnEnvironment(String line, @Nullable String message) {
    List<String> expected = message == null ? List.of() : List.of("ci.yml:4:18: " + message);

    assertThat(lint(line)).isEqualTo(expected);
    assertThat(lint(line).stream().filter(found -> found.contains("warning"))).isEmpty();
  }

  @Test
  void checkTypesThePartsOfAGroupAndAnEnvironment() {
    assertThat(
            lint(
                """
                concurrency: {group: '${{ github }}', cancel-in-progress: '${{ github.no }}'}
                environment: {name: x, deployment: '${{ github.no }}', url: '${{ steps.no }}'}
                """))
        .containsExactly(
            "ci.yml:4:27: warning: 'github' is an object and has no text; use toJSON",
            "ci.yml:4:64: warning: 'github.no' is always null: there is no property 'no'",
            "ci.yml:5:41: warning: 'github.no' is always null: there is no property 'no'",
            "ci.yml:5:66: warning: 'steps.no' is always null: no step of the job has the id 'no'");
  }
}
