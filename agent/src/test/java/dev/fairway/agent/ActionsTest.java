package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResolvedAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ActionsTest {
  @TempDir Path folder;
  private Path workspace;
  private Actions actions;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    workspace = Files.createDirectories(folder.resolve("repository"));
    actions = new Actions(folder);
    run = new Jobs.Run(folder);
  }

  private JobResult run(String steps) throws Exception {
    return run.start(
        Jobs.assignment(steps),
        folder,
        Isolation.none(),
        new CheckoutSource.Folder(workspace),
        actions.source(folder));
  }

  private void local(String path, String text) throws IOException {
    var file = workspace.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private List<String> steps() {
    return run.events().stream()
        .filter(JobEvent.StepStarted.class::isInstance)
        .map(event -> ((JobEvent.StepStarted) event).name())
        .toList();
  }

  private static void needsNode() throws Exception {
    assumeTrue(
        NodeRuntimes.ofThisMachine().all().stream().anyMatch(node -> node.major() >= 20),
        "Node.js 20 or newer is not installed");
  }

  @Test
  void aCompositeActionHasInputsStepsAndOutputsOfItsOwn() throws Exception {
    local(
        "actions/greet/action.yml",
        """
        name: Greet
        inputs:
          who: { default: '${{ github.actor }}' }
          greeting: { required: true }
        outputs:
          text: { value: '${{ steps.say.outputs.text }}' }
        runs:
          using: composite
          steps:
            - id: say
              run: |
                echo "text=${{ inputs.greeting }} ${{ inputs.who }}" >> "$GITHUB_OUTPUT"
                echo "MADE=here" >> "$GITHUB_ENV"
                echo "$COLOUR $SIZE in ${GITHUB_ACTION_PATH##*/} [${INPUT_WHO:-}]"
              shell: bash
            - run: echo "secrets are [${{ github.event.none }}] $MADE"
              shell: bash
        """);

    var result =
        run(
            """
            - uses: actions/checkout@v4
            - id: greet
              uses: ./actions/greet
              with: { greeting: Hello }
              env: { SIZE: big }
            - run: echo "${{ steps.greet.outputs.text }}, $MADE, [${{ steps.say.outputs.text }}] [$SIZE]"
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("blue big in greet []", "secrets are [] here", "Hello ada, here, [] []");
    assertThat(steps()).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "inputs: {who: {default: BAD}} | 1:25",
        "outputs: {text: {value: BAD}} | 1:25",
      })
  void whatCannotBeEvaluatedInAnActionIsBlamedOnItsPlace(String text, String place)
      throws Exception {
    var action =
        text.replace("BAD", "\"${{ fromJSON('nobody') }}\"")
            + "\nruns: {using: composite, steps: []}\n";
    local("one/action.yml", action);
    actions.publish("acme/one", "v1", "sub/action.yaml", action);

    var local = run("- uses: actions/checkout@v4\n- uses: ./one\n");
    var fetched = run("- uses: acme/one/sub@v1\n");

    assertThat(local.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(local.reason())
        .isEqualTo(
            "Step `Run ./one`: one/action.yml:%s: Unexpected 'n' at position 1 of the JSON text.",
            place);
    assertThat(fetched.reason())
        .startsWith("Step `Run acme/one/sub@v1`: acme/one/sub@v1/action.yaml:" + place + ": ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{shell: sh, run: BAD}                               | 1:51",
        "{shell: sh, run: exit, env: {A: BAD}}               | 1:66",
        "{shell: sh, run: exit, if: 'fromJSON(github.actor)'} | 1:61",
        "{shell: sh, run: exit, continue-on-error: BAD}      | 1:76",
        "{uses: actions/cache@v4, with: {path: a, key: BAD}} | 1:80",
      })
  void whatAStepOfAnActionSaysIsBlamedOnItsPlace(String step, String place) throws Exception {
    local(
        "one/action.yml",
        "runs: {using: composite, steps: [%s]}\n"
            .formatted(step.replace("BAD", "'${{ fromJSON(github.actor) }}'")));

    var result = run("- uses: actions/checkout@v4\n- uses: ./one\n");

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains(": one/action.yml:" + place + ": Unexpected 'a'");
  }

  @Test
  void aFailureInACompositeActionSkipsItsRestAndFailsTheStep() throws Exception {
    local(
        "one/action.yml",
        """
        runs:
          using: composite
          steps:
            - run: exit 7
              shell: sh
              continue-on-error: true
            - run: echo goes on
              shell: sh
            - id: bad
              run: exit 3
              shell: sh
            - run: echo not reached
              shell: sh
            - run: echo cleaned ${{ steps.bad.outcome }}
              shell: sh
              if: failure()
        """);

    var result =
        run(
            """
            - uses: actions/checkout@v4
            - uses: ./one
            - run: echo never
            - uses: ./one
              if: always()
              continue-on-error: true
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("Run ./one", "exit 3", "exit code 3");
    assertThat(run.lines)
        .contains("goes on", "cleaned failure")
        .doesNotContain("not reached", "never");
    assertThat(run.lines.stream().filter("goes on"::equals)).hasSize(2);
    assertThat(run.outcome(4)).isEqualTo(Outcome.FAILURE);
  }

  @Test
  void anActionThatUsesItselfEnds() throws Exception {
    local(
        "loop/action.yml",
        """
        runs:
          using: composite
          steps:
            - uses: ./loop
        """);

    var result = run("- uses: actions/checkout@v4\n- uses: ./loop\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(run.log()).contains("more than 10 levels of composite actions");
  }

  @Test
  void anActionFileThatIsALinkOutOfTheWorkspaceIsNotRead() throws Exception {
    var result = run("- run: mkdir a && ln -s /etc/passwd a/action.yml\n- uses: ./a\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("is a link that leaves the workspace");
    assertThat(run.log()).doesNotContain("root:");
  }

  @Test
  void saysWhatIsMissingWhereThereIsNoAction() throws Exception {
    var result = run("- uses: ./nothing\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("Does a step with actions/checkout come before");
  }

  @Test
  void aJavaScriptActionRunsWithItsInputsStateAndHooks() throws Exception {
    needsNode();
    var sha =
        actions.publish(
            "acme/tool",
            "v1",
            "action.yml",
            """
            name: Tool
            inputs:
              my input: { default: fallback }
              who-am-i: { description: x }
            runs:
              using: node20
              pre: pre.js
              main: lib/main.js
              post: post.js
            """,
            "pre.js",
            "require('fs').appendFileSync(process.env.GITHUB_STATE, 'began=early\\n');"
                + "console.log('pre ran')",
            "lib/main.js",
            """
            const fs = require('fs');
            console.log(`main ${process.env.INPUT_MY_INPUT} ${process.env['INPUT_WHO-AM-I']} ${process.env.STATE_began}`);
            console.log(`${process.env.GITHUB_ACTION_REPOSITORY}@${process.env.GITHUB_ACTION_REF}`);
            fs.appendFileSync(process.env.GITHUB_STATE, 'key=kept\\n');
            fs.appendFileSync(process.env.GITHUB_OUTPUT, 'answer=42\\n');
            try { fs.writeFileSync(__dirname + '/x', ''); } catch (e) { console.log('read-only', e.code) }
            """,
            "post.js",
            "console.log(`post ${process.env.STATE_key} ${process.env.STATE_began}"
                + " ${process.env['INPUT_WHO-AM-I']}`)");

    var result =
        run(
            """
            - run: echo first
            - id: tool
              uses: acme/tool@v1
              with: { who-am-i: ada }
            - run: echo answer ${{ steps.tool.outputs.answer }} && exit 1
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(run.lines)
        .containsSubsequence(
            "Action acme/tool@v1 is commit " + sha,
            "pre ran",
            "first",
            "main fallback ada early",
            "acme/tool@v1",
            "answer 42",
            "post kept early ada");
    assertThat(steps())
        .containsExactly(
            "Set up job",
            "Pre Run acme/tool@v1",
            "Run echo first",
            "Run acme/tool@v1",
            "Run echo answer 42 && exit 1",
            "Post Run acme/tool@v1");
    assertThat(result.actions())
        .containsExactly(new ResolvedAction("acme/tool@v1", "acme/tool", sha));
  }

  @Test
  void actionsWithinCompositeOnesAreReadiedInOrderAndTidiedUpInReverse() throws Exception {
    needsNode();
    var say = "console.log(`${process.argv[1].split('/').pop()} ${process.env.INPUT_NAME}`)\n";
    for (var name : List.of("both", "late")) {
      actions.publish(
          "acme/" + name,
          "v1",
          "action.yml",
          "inputs: { name: { required: true } }\n"
              + "runs: { using: node20, main: main.js, post: post.js%s }\n"
                  .formatted(name.equals("both") ? ", pre: pre.js" : ""),
          "pre.js",
          say,
          "main.js",
          say,
          "post.js",
          say);
    }
    actions.publish(
        "acme/inner",
        "v1",
        "action.yml",
        """
        inputs: { name: { required: true } }
        runs:
          using: composite
          steps:
            - uses: acme/late@v1
              with: { name: "${{ inputs.name }}-1" }
            - uses: acme/both@v1
              with: { name: "${{ inputs.name }}-2" }
        """);
    actions.publish(
        "acme/outer",
        "v1",
        "action.yml",
        """
        runs:
          using: composite
          steps:
            - uses: acme/inner@v1
              with: { name: in }
            - uses: acme/both@v1
              with: { name: out }
        """);

    var result =
        run(
            """
            - uses: acme/late@v1
              with: { name: first }
            - uses: acme/outer@v1
            - uses: acme/late@v1
              with: { name: last }
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines.stream().filter(line -> line.matches("(pre|main|post)\\.js .*")))
        .containsExactly(
            "pre.js in-2",
            "pre.js out",
            "main.js first",
            "main.js in-1",
            "main.js in-2",
            "main.js out",
            "main.js last",
            "post.js last",
            "post.js first",
            "post.js out",
            "post.js in-2",
            "post.js in-1");
  }

  @Test
  void inTheSandboxAnActionReadsItsCodeAndCannotChangeIt() throws Exception {
    needsNode();
    var cache = Files.createDirectories(folder.resolve("actions"));
    var isolation = Isolation.probe(List.of(folder.resolve("jobs"), cache));
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    actions.publish(
        "acme/tool",
        "v1",
        "action.yml",
        "runs: { using: node20, main: main.js, post: post.js }\n",
        "main.js",
        """
        const fs = require('fs');
        for (const path of [__filename, __dirname + '/new']) {
          try { fs.writeFileSync(path, ''); console.log('wrote ' + path) } catch (e) { console.log('kept', e.code) }
        }
        console.log('cached', fs.existsSync('%s/acme'));
        """
            .formatted(cache),
        "post.js",
        "console.log('post ran as', process.getuid() === 0 ? 'root' : 'nobody special')");

    var result =
        run.start(
            Jobs.assignment("- uses: acme/tool@v1\n"),
            folder,
            isolation,
            new CheckoutSource.Folder(workspace),
            actions.source(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("kept EROFS", "cached false", "post ran as nobody special")
        .noneMatch(line -> line.startsWith("wrote "));
  }

  @Test
  void aCancelledJobStillRunsWhatItsActionsWantDoneLast() throws Exception {
    needsNode();
    actions.publish(
        "acme/held",
        "v1",
        "action.yml",
        "runs: { using: node20, main: main.js, post: post.js }\n",
        "main.js",
        "console.log('taken')",
        "post.js",
        "console.log('given back')");
    var job =
        Jobs.assignment("- uses: acme/held@v1\n- run: echo waiting; sleep 600\n- run: echo no\n");
    var result =
        CompletableFuture.supplyAsync(() -> {
          try {
            return run.start(
                job,
                folder,
                Isolation.none(),
                new CheckoutSource.Folder(workspace),
                actions.source(folder));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Jobs.await("the second step runs", () -> run.log().contains("\nwaiting"));

    run.cancellation.cancel();

    assertThat(result.get().outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(run.lines).contains("given back").doesNotContain("no");
  }

  @Test
  void postStepsRunInReverseAlsoThoseOfNestedActions() throws Exception {
    needsNode();
    var post =
        """
        inputs: { name: {} }
        runs: { using: node20, main: main.js, post: post.js, post-if: "always() && inputs.name != 'quiet'" }
        """;
    actions.publish(
        "acme/mark",
        "v1",
        "mark/action.yml",
        post,
        "mark/main.js",
        "console.log('main ' + process.env.INPUT_NAME)",
        "mark/post.js",
        "console.log('post ' + process.env.INPUT_NAME)",
        "both/action.yml",
        """
        runs:
          using: composite
          steps:
            - uses: acme/mark/mark@v1
              with: { name: two }
            - uses: acme/mark/mark@v1
              with: { name: three }
        """);

    var result =
        run(
            """
            - uses: acme/mark/mark@v1
              with: { name: one }
            - uses: acme/mark/both@v1
            - uses: acme/mark/mark@v1
              with: { name: skipped }
              if: false
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines.stream().filter(line -> line.matches("(main|post) .*")))
        .containsExactly(
            "main one", "main two", "main three", "post three", "post two", "post one");
    assertThat(result.actions()).hasSize(1);
  }

  @Test
  void aTagIsLockedWhereItWasFirstSeen() throws Exception {
    var text = "runs: { using: composite, steps: [ { run: 'echo version %s', shell: sh } ] }\n";
    actions.publish("acme/v", "v1", "action.yml", text.formatted("one"));
    assertThat(run("- uses: acme/v@v1\n").outcome()).isEqualTo(Outcome.SUCCESS);
    actions.publish("acme/v", "v1", "action.yml", text.formatted("two"));

    run = new Jobs.Run(folder);
    var again = run("- uses: acme/v@v1\n");

    assertThat(again.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("version one");
    Files.delete(folder.resolve("actions.lock"));
    run = new Jobs.Run(folder);
    run("- uses: acme/v@v1\n");
    assertThat(run.lines).contains("version two");
  }

  @Test
  void anActionThatCannotBeHadFailsTheJobBeforeItsFirstStep() throws Exception {
    var result = run("- run: echo begun\n- uses: acme/none@v1\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("The action `acme/none@v1` is in no mirror");
    assertThat(run.lines).doesNotContain("begun");
  }

  @Test
  void anOldNodeIsRefusedWithWhatIsThere() throws Exception {
    var node = folder.resolve("node");
    Files.writeString(node, "#!/bin/sh\necho v18.19.0\n");
    assertThat(node.toFile().setExecutable(true)).isTrue();
    var runtimes = new NodeRuntimes(node.toString(), "");

    assertThat(runtimes.atLeast(18, _ -> true).program()).isEqualTo(node.toRealPath());
    assertThatThrownBy(() -> runtimes.atLeast(20, _ -> true))
        .hasMessageContaining("needs Node.js 20 or newer, and this agent has v18.19.0");
    assertThatThrownBy(() -> runtimes.atLeast(18, _ -> false))
        .hasMessageContaining("where no job can see it");
  }
}
