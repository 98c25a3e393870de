package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobOptionsTest {
  private static final Contexts CONTEXTS =
      Contexts.empty()
          .with("github", Value.ofJson("{\"ref_name\": \"main\"}"))
          .with("secrets", Value.ofJson("{\"PASSWORD\": \"hidden\"}"))
          .with("needs", Value.ofJson("{\"plan\": {\"outputs\": {\"image\": \"\"}}}"));

  private static Job.Steps build(String lines) {
    return (Job.Steps)
        requireNonNull(valid(job(lines + "\nruns-on: x\nsteps: [{run: y}]")).jobs().get("build"));
  }

  private static List<String> wrong(String lines) {
    return findings(job(lines + "\nruns-on: x\nsteps: [{run: y}]"));
  }

  @Test
  void permissionsNameALevelForEachScope() {
    Permissions permissions =
        build("permissions: {contents: write, id-token: write, models: read, issues: none}")
            .permissions()
            .orElseThrow();

    assertThat(permissions.allows(Permissions.Scope.CONTENTS, Permissions.Level.READ)).isTrue();
    assertThat(permissions.allows(Permissions.Scope.ISSUES, Permissions.Level.READ)).isFalse();
    assertThat(permissions.words())
        .isEqualTo(Map.of("contents", "write", "id-token", "write", "models", "read"));
    assertThat(build("permissions: {}").permissions()).contains(Permissions.NOTHING);
    assertThat(
            build("permissions: read-all")
                .permissions()
                .orElseThrow()
                .level(Permissions.Scope.ID_TOKEN))
        .isEqualTo(Permissions.Level.READ);
    assertThat(
            wrong("permissions: {contents: admin, id-token: read, models: write, contnts: read}"))
        .containsExactly(
            "ci.yml:4:29: Unexpected value 'admin'",
            "ci.yml:4:46: Unexpected value 'read'",
            "ci.yml:4:60: Unexpected value 'write'",
            "ci.yml:4:67: Unexpected value 'contnts'");
    assertThat(wrong("permissions: all"))
        .containsExactly(
            "ci.yml:4:18: Unexpected value 'all'. Expected read-all, write-all, or a mapping of"
                + " scopes");
  }

  @Test
  void permissionsOfACalledJobOnlyShrink() {
    Permissions caller =
        new Permissions(
            Map.of(
                Permissions.Scope.CONTENTS, Permissions.Level.READ,
                Permissions.Scope.ISSUES, Permissions.Level.WRITE));

    assertThat(Permissions.all(Permissions.Level.WRITE).within(caller)).isEqualTo(caller);
    assertThat(Permissions.NOTHING.within(caller)).isEqualTo(Permissions.NOTHING);
  }

  @Test
  void concurrencyHasAGroupAndAQueue() {
    Workflow workflow =
        valid("concurrency: ci-${{ github.ref_name }}\n" + job("runs-on: x\nsteps: [{run: y}]"));
    assertThat(workflow.concurrency(CONTEXTS))
        .contains(new Concurrency.Group("", "ci-main", false, Concurrency.Queue.SINGLE));
    assertThat(
            build("concurrency: {group: one, queue: max}")
                .concurrency()
                .flatMap(one -> one.evaluate("build", CONTEXTS)))
        .contains(new Concurrency.Group("build", "one", false, Concurrency.Queue.MAX));
    assertThat(wrong("concurrency: {cancel-in-progress: maybe, queue: all}"))
        .containsExactly(
            "ci.yml:4:18: Required property is missing: group",
            "ci.yml:4:39: Unexpected value 'maybe'. Expected true or false",
            "ci.yml:4:53: Unexpected value 'all'");
    assertThat(wrong("concurrency: {group: a, cancel-in-progress: true, queue: max}"))
        .singleElement()
        .asString()
        .contains("leaves nothing to queue");
    assertThat(wrong("concurrency: ${{ steps.x.outputs.y }}")).hasSize(1);
  }

  @Test
  void anEnvironmentMayHaveAUrlThatStepsMake() {
    TargetEnvironment environment =
        build(
                """
                environment:
                  name: ${{ github.ref_name }}
                  url: ${{ steps.deploy.outputs.url }}
                """)
            .environment()
            .orElseThrow();

    assertThat(environment.evaluate(CONTEXTS)).contains(new TargetEnvironment.Named("main", true));
    assertThat(
            environment.url(
                CONTEXTS.with(
                    "steps", Value.ofJson("{\"deploy\":{\"outputs\":{\"url\":\"https://x\"}}}"))))
        .contains("https://x");
    assertThat(build("environment: ''").environment().orElseThrow().evaluate(CONTEXTS))
        .isEqualTo(Optional.empty());
    assertThat(wrong("environment: {name: x, url: '${{ secrets.URL }}', colour: red}")).hasSize(2);
  }

  @Test
  void containersAreEvaluatedPartByPart() {
    Job.Steps job =
        build(
            """
            cancel-timeout-minutes: 2
            container:
              image: registry/node:${{ github.ref_name }}
              env: {A: 1}
              credentials: {username: me, password: '${{ secrets.PASSWORD }}'}
            services:
              redis: {image: redis, ports: [6379/tcp], volumes: ['data:/data'], options: --cpus 1, command: serve}
              none: {image: '${{ needs.plan.outputs.image }}'}
              plain: nginx
            """);

    assertThat(job.usesContainers()).isTrue();
    assertThat(job.cancelTimeout(CONTEXTS)).contains(Duration.ofMinutes(2));
    Container container = job.container(CONTEXTS).orElseThrow();
    assertThat(container.image()).isEqualTo("registry/node:main");
    assertThat(container.env()).isEqualTo(Map.of("A", "1"));
    assertThat(container.credentials()).contains(new Container.Credentials("me", "hidden"));
    assertThat(container.toString()).doesNotContain("hidden");
    Map<String, Container> services = job.services(CONTEXTS);
    assertThat(services.keySet()).containsExactly("redis", "plain");
    Container redis = requireNonNull(services.get("redis"));
    assertThat(redis.ports()).containsExactly("6379/tcp");
    assertThat(redis.volumes()).containsExactly("data:/data");
    assertThat(redis.options()).contains("--cpus 1");
    assertThat(redis.command()).contains("serve");
  }

  @Test
  void refusesContainersThatSayNothingOrTooMuch() {
    assertThat(
            wrong(
                """
                container: {options: x}
                services:
                  db: {image: '', ports: 80}
                """))
        .containsExactly(
            "ci.yml:4:16: Container image cannot be empty",
            "ci.yml:6:19: Unexpected value ''",
            "ci.yml:6:30: Unexpected value '80'");
    assertThat(wrong("container: {imaged: x, entrypoint: y}"))
        .containsExactly(
            "ci.yml:4:17: Unexpected value 'imaged'. Did you mean 'image'?",
            "ci.yml:4:28: Unexpected value 'entrypoint'");
  }

  @ParameterizedTest
  @CsvSource({
    "'{group: big}', 'group:big'",
    "'{group: org/big, labels: [a, b]}', 'a,b,group:big'",
    "'{labels: a}', 'a'",
    "'${{ fromJSON(''{\"group\":\"big\",\"labels\":\"a\"}'') }}', 'a,group:big'",
    "'${{ fromJSON(''{\"labels\":[\"a\",1]}'') }}', 'a,1'",
    "'{group: big, \"${{ insert }}\": \"${{ fromJSON(''{}'') }}\"}', 'group:big'",
    "'{group: big, labels: \"${{ null }}\"}', 'group:big'",
    "'[a, \"${{ null }}\"]', 'a'",
  })
  void aGroupIsALabelOfItsAgents(String runsOn, String labels) {
    Job.Steps job =
        (Job.Steps)
            requireNonNull(
                valid(job("runs-on: " + runsOn + "\nsteps: [{run: y}]")).jobs().get("build"));

    assertThat(String.join(",", job.runsOn().labels(CONTEXTS))).isEqualTo(labels);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null                         | 'runs-on' needs a group or labels, and comes to neither",
        "[]                           | 'runs-on' needs a group or labels, and comes to neither",
        "[\"a\", \"\"]                  | Unexpected value '' for 'labels'; leave it out",
        "[[\"a\"]]                      | A string was expected for 'labels', not Array",
        "{\"group\": \"a\", \"x\": 1}    | Unexpected value 'x'. Expected labels, group",
        "{\"group\": [\"a\"]}           | A string was expected for 'group', not Array",
        "{\"group\": \"\"}              | Unexpected value '' for 'group'; leave it out",
        "{\"group\": \"x/a\"}           | Invalid runs-on group name 'x/a'. Please use"
            + " 'organization/' or 'enterprise/' prefix to target a single runner group.",
      })
  void aMadePlaceToRunMustBeOne(String json, String message) {
    Job.Steps job =
        (Job.Steps)
            requireNonNull(
                valid(job("runs-on: ${{ fromJSON(vars.MADE) }}\nsteps: [{run: y}]"))
                    .jobs()
                    .get("build"));
    Contexts made = Contexts.empty().with("vars", Value.object().with("MADE", Value.of(json)));

    assertThatThrownBy(() -> job.runsOn().labels(made))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong -> assertThat(wrong.in("ci.yml").located()).isEqualTo("ci.yml:4:14: " + message));
  }

  @Test
  void shellsAreNamedOrTheUsersOwn() {
    assertThat(Shell.named("pwsh")).contains(Shell.Known.PWSH);
    assertThat(Shell.named("perl -w \"a b\" {0}"))
        .contains(new Shell.Custom(List.of("perl", "-w", "a b", "{0}")));
    assertThat(new Shell.Custom(List.of("x", "--file={0}")).command("/a b"))
        .containsExactly("x", "--file=/a b");
    for (String none : List.of("", "cmd", "perl", "{0}", "{0} x")) {
      assertThat(Shell.named(none)).isEqualTo(Optional.empty());
    }
  }

  @Test
  void snapshotsAreRefusedWithAdvice() {
    assertThat(findings(job("runs-on: x\nsteps: [{run: a}]\nsnapshot: image\n")))
        .containsExactly(
            "ci.yml:6:5: 'snapshot' is not supported: no image is made of an agent here. Build an"
                + " image in a step and upload it instead");
  }

  @Test
  void aKeyWithNothingBehindItIsAMistake() {
    assertThat(
            wrong(
                """
                env:
                container:
                services:
                defaults: {run: {working-directory: ''}}
                """))
        .containsExactly(
            "ci.yml:4:9: Unexpected value ''",
            "ci.yml:5:15: warning: An empty `container` is none: take it away",
            "ci.yml:6:14: Unexpected value ''",
            "ci.yml:7:41: Unexpected value ''");
  }
}
