package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official toolkit, unchanged, in an action that runs here.
final class ToolkitTest {
  private static final String PACKAGE = "@actions/core@1.11.1";

  /// Installed once, and kept as long as the build's folder is.
  private static final Path INSTALLED = Path.of("target", "official-toolkit").toAbsolutePath();

  private static final String MAIN =
      """
      const core = require('@actions/core');
      (async () => {
        core.info(`hello ${core.getInput('who', {required: true})} ${core.getBooleanInput('is loud')} ${core.getMultilineInput('list').length}`);
        core.setOutput('answer', {n: 42});
        core.exportVariable('MADE', 'line one\\nline two');
        core.addPath(process.env.GITHUB_WORKSPACE + '/tools');
        core.saveState('kept', 'until the end');
        core.setSecret('hush-hush');
        core.info('hush-hush');
        core.debug('unseen');
        core.warning('careful', {file: 'a.js', startLine: 3, startColumn: 4, title: 'Mind'});
        await core.group('Inside', async () => core.info('in a group'));
        await core.summary.addHeading('Done').write();
        if (core.isDebug()) throw new Error('debug is off');
        core.setFailed('said no');
      })();
      """;

  @TempDir Path folder;

  @Test
  void theOfficialToolkitFindsWhatItExpects() throws Exception {
    assumeTrue(installed(), "npm, Node.js 20 or a registry is not here");
    var workspace = Files.createDirectories(folder.resolve("repository/.github/act"));
    Files.writeString(
        workspace.resolve("action.yml"),
        """
        inputs: { who: { required: true }, is loud: { default: 'true' }, list: { default: "a\\nb" } }
        runs: { using: node20, main: main.js, post: post.js }
        """);
    Files.writeString(workspace.resolve("main.js"), MAIN);
    Files.writeString(
        workspace.resolve("post.js"),
        "const core = require('@actions/core'); core.info('kept ' + core.getState('kept'))");
    copy(INSTALLED.resolve("node_modules"), workspace.resolve("node_modules"));
    var run = new Jobs.Run(folder);

    var result =
        run.start(
            Jobs.assignment(
                """
                - uses: actions/checkout@v4
                - id: act
                  uses: ./.github/act
                  with: { who: ada }
                  continue-on-error: true
                - run: |
                    echo "$MADE" | tail -1
                    echo "${PATH%%:*}" | grep -c /tools$
                    echo '${{ fromJSON(steps.act.outputs.answer).n }} ${{ steps.act.outcome }}'
                """),
            folder,
            Isolation.none(),
            new CheckoutSource.Folder(folder.resolve("repository")));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains(
            "hello ada true 2",
            "***",
            "##[group]Inside",
            "##[error]said no",
            "line two",
            "1",
            "42 failure",
            "kept until the end")
        .noneMatch(line -> line.contains("unseen"))
        .noneMatch("hush-hush"::equals);
    assertThat(run.events())
        .anySatisfy(event ->
            assertThat(event)
                .isInstanceOfSatisfying(
                    JobEvent.Annotation.class,
                    found -> {
                      assertThat(found.message()).isEqualTo("Mind: careful");
                      assertThat(found.file()).isEqualTo("a.js");
                      assertThat(found.line()).isEqualTo(3);
                    }))
        .anySatisfy(event ->
            assertThat(event)
                .isInstanceOfSatisfying(
                    JobEvent.Summary.class,
                    summary -> assertThat(summary.markdown()).contains("<h1>Done</h1>")));
  }

  private static boolean installed() throws IOException, InterruptedException {
    if (NodeRuntimes.ofThisMachine().all().stream().noneMatch(node -> node.major() >= 20)) {
      return false;
    }
    if (Files.isDirectory(INSTALLED.resolve("node_modules/@actions/core"))) {
      return true;
    }
    Files.createDirectories(INSTALLED);
    try {
      var npm =
          new ProcessBuilder(
                  "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE)
              .directory(INSTALLED.toFile())
              .redirectErrorStream(true)
              .redirectOutput(INSTALLED.resolve("npm.log").toFile())
              .start();
      if (!npm.waitFor(60, TimeUnit.SECONDS)) {
        npm.destroyForcibly();
        return false;
      }
      return npm.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    var copied = new ProcessBuilder("cp", "-R", from.toString(), to.toString()).start();
    assertThat(copied.waitFor()).isZero();
  }
}
