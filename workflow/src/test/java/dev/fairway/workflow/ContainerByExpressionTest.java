package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One expression for a whole `container` or `services`.
class ContainerByExpressionTest {
  private static final String REST = "\nruns-on: x\nsteps: [{run: y}]";

  private static Job.Steps build(String lines) {
    return (Job.Steps) requireNonNull(valid(job(lines + REST)).jobs().get("build"));
  }

  private static Contexts vars(String json) {
    return Contexts.empty()
        .with("vars", Value.ofStrings(Map.of("MADE", json)))
        .with("secrets", Value.ofStrings(Map.of("LOGIN", "{\"password\":\"hidden\"}")));
  }

  private static List<String> lint(String lines) {
    return WorkflowLint.check(valid(job(lines + REST))).stream().map(Diagnostic::toString).toList();
  }

  @Test
  void aContainerThatAnExpressionMakesIsWhatAWrittenOneIs() {
    Container container =
        build("container: ${{ fromJSON(vars.MADE) }}")
            .container(
                vars(
                    """
                    {"image": "docker://node:22", "env": {"A": 1, "B": null}, "ports": [80, "90:90"],
                     "volumes": ["/data"], "options": "--cpus 1",
                     "credentials": {"username": "me", "password": "hidden"}}
                    """))
            .orElseThrow();

    assertThat(container)
        .isEqualTo(
            new Container(
                "node:22",
                Map.of("A", "1", "B", ""),
                List.of("80", "90:90"),
                List.of("/data"),
                Optional.of("--cpus 1"),
                Optional.of(new Container.Credentials("me", "hidden")),
                Optional.empty(),
                Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"node\"                         | node",
        "{\"image\": \" node \"}          | node",
        "null                             |",
        "\"\"                             |",
        "{\"image\": \"\"}                |",
        "{\"image\": null, \"ports\": []} |",
      })
  void anImageThatComesToNothingIsNoContainer(String json, @Nullable String image) {
    assertThat(
            build("container: ${{ fromJSON(vars.MADE) }}")
                .container(vars(json))
                .map(Container::image))
        .isEqualTo(Optional.ofNullable(image));
    assertThat(build("services: {db: '${{ fromJSON(vars.MADE) }}'}").services(vars(json)).keySet())
        .hasSize(image == null ? 0 : 1);
    assertThat(
            build("services: ${{ fromJSON(vars.MADE) }}")
                .services(vars("{\"db\": " + json + "}"))
                .keySet())
        .hasSize(image == null ? 0 : 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[\"node\"]                           | A string or a mapping was expected, not Array",
        "{}                                   | Container image cannot be empty; for no container,"
            + " come to null instead of a mapping",
        "{\"image\": \"a\", \"privileged\": 1} | Unexpected value 'privileged'. Expected image,"
            + " options, env, ports, volumes, credentials",
        "{\"image\": \"a\", \"command\": \"b\"} | Unexpected value 'command'. Expected image,"
            + " options, env, ports, volumes, credentials",
        "{\"image\": [\"a\"]}                 | A string was expected for 'image', not Array",
        "{\"image\": \"a\", \"options\": {}}  | A string was expected for 'options', not Object",
        "{\"image\": \"a\", \"env\": \"A=1\"} | A mapping was expected, not String; fromJSON makes"
            + " one of JSON text",
        "{\"image\": \"a\", \"env\": {\"A\": [1]}} | A string was expected for 'A', not Array",
        "{\"image\": \"a\", \"ports\": 80}    | A sequence was expected for 'ports', not Number",
        "{\"image\": \"a\", \"ports\": [{}]}  | A string was expected for 'ports', not Object",
        "{\"image\": \"a\", \"volumes\": [\"\"]} | Unexpected value '' for 'volumes'; leave it out",
        "{\"image\": \"a\", \"credentials\": {\"user\": \"b\"}} | Unexpected value 'user'. Expected"
            + " username, password",
        "{\"image\": \"a\", \"credentials\": []} | A mapping was expected, not Array",
      })
  void aContainerThatIsNoneFailsTheJobAtItsPlace(String json, String message) {
    assertThatThrownBy(() -> build("container: ${{ fromJSON(vars.MADE) }}").container(vars(json)))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong -> assertThat(wrong.in("ci.yml").located()).isEqualTo("ci.yml:4:16: " + message));
  }

  @Test
  void servicesMayComeFromAnExpressionBesideWrittenOnes() {
    Map<String, Container> services =
        build(
                """
                services:
                  cache: redis
                  ${{ insert }}: ${{ fromJSON(vars.MADE) }}
                  off: {image: '${{ null }}'}
                """)
            .services(
                vars(
                    """
                    {"db": {"image": "postgres", "command": "serve"}, "web": "nginx"}
                    """));

    assertThat(services.keySet()).containsExactly("cache", "db", "web");
    assertThat(requireNonNull(services.get("db")).command()).contains("serve");
  }

  @Test
  void aServiceThatComesTwiceFailsTheJob() {
    var build =
        build(
            """
            services:
              ${{ insert }}: ${{ fromJSON(vars.MADE) }}
              Cache: redis
            """);

    assertThatThrownBy(() -> build.services(vars("{\"cache\": \"x\"}")))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong ->
                assertThat(wrong.in("ci.yml").located())
                    .isEqualTo("ci.yml:6:7: 'Cache' is already defined"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                            | A mapping was expected, not Array",
        "{\"db\": {\"imag\": \"a\"}}   | Unexpected value 'imag'. Expected image, options, env,"
            + " ports, volumes, credentials, entrypoint, command",
        "{\"db\": {\"ports\": [1]}}    | Container image cannot be empty; for no container, come to"
            + " null instead of a mapping",
      })
  void servicesThatAreNoneFailTheJobAtTheirPlace(String json, String message) {
    assertThatThrownBy(() -> build("services: ${{ fromJSON(vars.MADE) }}").services(vars(json)))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong -> assertThat(wrong.in("ci.yml").located()).isEqualTo("ci.yml:4:15: " + message));
  }

  @Test
  void partsOfAContainerMayComeFromExpressionsBesideWrittenOnes() {
    Container container =
        build(
                """
                container:
                  ${{ insert }}: ${{ fromJSON(vars.MADE) }}
                  credentials: {username: me, '${{ insert }}': '${{ fromJSON(secrets.LOGIN) }}'}
                """)
            .container(vars("{\"image\": \"node\", \"options\": \"--cpus 1\"}"))
            .orElseThrow();

    assertThat(container.image()).isEqualTo("node");
    assertThat(container.options()).contains("--cpus 1");
    assertThat(container.credentials()).contains(new Container.Credentials("me", "hidden"));
    assertThat(findings(job("container: {'${{ insert }}': '${{ secrets.X }}'}" + REST)))
        .singleElement()
        .asString()
        .startsWith("ci.yml:4:34: Unrecognized named-value: 'secrets'");
  }

  @ParameterizedTest
  @CsvSource({
    "container, JOB",
    "services, JOB",
    "services-container, JOB",
    "container-registry-credentials, CONTAINER_CREDENTIALS",
  })
  void seesWhatTheOfficialSchemaLetsItSee(String definition, Place place) {
    assertThat(Conformance.contexts(definition))
        .containsExactlyInAnyOrderElementsOf(place.vocabulary().contexts());
  }

  @Test
  void checkTypesAContainerAndServices() {
    assertThat(lint("container: ${{ fromJSON('[1]') }}"))
        .containsExactly("ci.yml:4:16: A string or a mapping was expected, not an array");
    assertThat(
            lint(
                "services: {db: '${{ fromJSON(''{\"imag\":1}'') }}', web: '${{ vars.W }}:1',"
                    + " '${{ insert }}': '${{ vars.X }}'}"))
        .containsExactly(
            "ci.yml:4:20: Unexpected value 'imag'. Expected image, options, env, ports, volumes,"
                + " credentials, entrypoint, command",
            "ci.yml:4:96: warning: A mapping is wanted here, and this is a string; fromJSON makes"
                + " one");
    assertThat(
            lint(
                "container: {image: '${{ github }}', credentials: {username: a, password: '${{"
                    + " secrets.P }}'}}"))
        .containsExactly("ci.yml:4:25: warning: 'github' is an object and has no text; use toJSON");
    assertThat(
            lint(
                "container: {image: 'a:1', credentials: {'${{ insert }}': '${{"
                    + " fromJSON(secrets.P) }}'}}"))
        .as("an expression may make both")
        .isEmpty();
  }
}
