package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Actions, caches and what steps say, through a real server and a real agent.
final class ActionRunsTest extends SystemTest {
  @BeforeAll
  static void haveActions() {
    Kit.make(up, ada);
  }

  private static SampleProject project(String name, String workflow) {
    return SampleProject.create(up, ada, name).write(".github/workflows/ci.yml", workflow);
  }

  private static JsonNode job(JsonNode run, String name) {
    return run.path("jobs")
        .valueStream()
        .filter(job -> job.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no job " + name + " in " + run));
  }

  private static List<String> outcomes(JsonNode run) {
    return run.path("jobs")
        .valueStream()
        .map(job -> job.path("name").asString() + " " + job.path("outcome").asString())
        .toList();
  }

  /// What the log of the job says in lines that begin so.
  private static List<String> lines(SampleProject project, int run, JsonNode job, String... begin) {
    return project
        .log(run, job)
        .lines()
        .map(line -> line.replaceFirst("^\\S+Z ", ""))
        .filter(line -> List.of(begin).stream().anyMatch(line::startsWith))
        .toList();
  }

  @Test
  void scriptsAndCompositeActionsOfAnotherRepositoryRunBeforeAtAndBehindTheirSteps() {
    var project =
        project(
                "galley",
                """
                on: push
                jobs:
                  act:
                    runs-on: linux
                    steps:
                      - id: one
                        uses: projects/kit/note@main
                        with: {who: ada}
                      - id: two
                        uses: projects/kit/wrap@main
                        with: {who: mia}
                      - uses: actions/checkout@v4
                      - id: three
                        uses: ./.github/actions/local
                      - run: |
                          echo "one: ${{ steps.one.outputs.said }}"
                          echo "two: ${{ steps.two.outputs.said }}"
                          echo "three: ${{ steps.three.outputs.said }} $FROM_LOCAL"
                """)
            .write(
                ".github/actions/local/action.yml",
                """
                name: Local
                description: An action of the workspace
                outputs: {said: {description: it, value: "${{ steps.x.outputs.said }}"}}
                runs:
                  using: composite
                  steps:
                    - id: x
                      uses: projects/kit/note@main
                      with: {who: rosa}
                    - run: echo "FROM_LOCAL=yes" >> "$GITHUB_ENV"
                      shell: sh
                """);
    project.push("Begin");
    var run = project.endedRun(1);
    var job = job(run, "act");

    assertThat(job.path("outcome").asString()).as(() -> project.log(1, job)).isEqualTo("success");
    assertThat(lines(project, 1, job, "pre of", "main of", "post of", "one:", "two:", "three:"))
        .as(() -> project.log(1, job))
        .containsExactly(
            "pre of ada",
            "pre of mia",
            "main of ada",
            "main of mia",
            "main of rosa",
            "one: ada is calm, begun ada",
            "two: mia is wrapped, begun mia (of honour)",
            "three: rosa is calm, begun undefined yes",
            "post of rosa: rosa is calm, begun undefined",
            "post of mia: mia is wrapped, begun mia",
            "post of ada: ada is calm, begun ada");
  }

  @Test
  void aCacheIsMissedSavedFoundInPartAndFoundInWhole() {
    var project =
        project(
                "larder",
                """
                on: push
                jobs:
                  bake:
                    runs-on: linux
                    steps:
                      - uses: actions/checkout@v4
                      - id: cache
                        uses: actions/cache@v4
                        with:
                          path: |
                            stores
                            ~/.pantry
                          key: stores-${{ hashFiles('**/lock.txt') }}
                          restore-keys: stores-
                      - run: |
                          echo "hit: '${{ steps.cache.outputs.cache-hit }}'"
                          echo "stores: $(cat stores/* ~/.pantry/jar 2>/dev/null | tr '\\n' ' ')"
                          mkdir -p stores ~/.pantry
                          cat lock.txt > "stores/$(cat lock.txt)"
                          echo jam > ~/.pantry/jar
                """)
            .write("lock.txt", "flour");
    project.push("Begin");
    project.endedRun(1);
    project.write("readme.md", "the same lock").push("Same");
    project.endedRun(2);
    project.write("lock.txt", "sugar").push("Other");
    project.endedRun(3);

    assertThat(said(project, 1)).containsExactly("hit: ''", "stores: ");
    assertThat(said(project, 2)).containsExactly("hit: 'true'", "stores: flourjam ");
    assertThat(said(project, 3)).containsExactly("hit: 'false'", "stores: flourjam ");
  }

  private static List<String> said(SampleProject project, int run) {
    var job = job(project.endedRun(run), "bake");
    assertThat(job.path("outcome").asString()).as(() -> project.log(run, job)).isEqualTo("success");
    return lines(project, run, job, "hit:", "stores:");
  }

  /// Where the tests of the server have installed the official client.
  private static final Path INSTALLED =
      Path.of("../server/target/official-clients/node_modules").toAbsolutePath();

  /// A folder that jobs see, which this one need not be.
  private static final Path SEEN = Path.of("/opt");

  /// The official client where jobs see it.
  private static Path official(Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var copy = new ProcessBuilder("cp", "-a", INSTALLED.toString(), folder.toString()).inheritIO();
    assertThat(copy.start().waitFor()).isZero();
    return folder.resolve("node_modules/@actions/cache");
  }

  @Test
  void whatTheBuiltInCacheHasSavedTheOfficialClientFindsAndTheOtherWayRound() throws Exception {
    assumeTrue(Files.isDirectory(INSTALLED.resolve("@actions/cache")), "no official client here");
    assumeTrue(Files.isWritable(SEEN), "nothing can be shown to jobs here");
    var folder = Files.createTempDirectory(SEEN, "fairway-test-");
    try {
      findEachOthersCaches(official(folder));
    } finally {
      new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }
  }

  private static void findEachOthersCaches(Path official) {
    var project =
        project(
                "galleon",
                """
                on: push
                jobs:
                  ours:
                    runs-on: linux
                    steps:
                      - run: mkdir -p a/store b/store ~/.pantry; echo rum > a/store/x; echo rye > b/store/y; echo jam > ~/.pantry/jar; echo no > b/no
                      - uses: actions/cache/save@v4
                        with: {path: "*/store\\n~/.pantry", key: by-ours}
                  theirs:
                    needs: ours
                    runs-on: linux
                    steps:
                      - uses: actions/checkout@v4
                      - uses: ./.github/actions/official
                      - run: 'echo "theirs: $(cat a/store/x b/store/y ~/.pantry/jar | tr "\\\\n" " ") $(ls b)"'
                  back:
                    needs: theirs
                    runs-on: linux
                    steps:
                      - uses: actions/cache/restore@v4
                        with: {path: "*/store\\n~/.pantry", key: by-theirs, fail-on-cache-miss: true}
                      - run: 'echo "back: $(cat a/store/x b/store/y ~/.pantry/jar | tr "\\\\n" " ") $(ls b)"'
                """)
            .write(
                ".github/actions/official/action.yml",
                "name: Official\ndescription: x\nruns: {using: node20, main: main.js}\n")
            .write(
                ".github/actions/official/main.js",
                """
                const cache = require('%s');
                const paths = ['*/store', '~/.pantry'];
                (async () => {
                  console.log('restored: ' + await cache.restoreCache(paths.slice(), 'by-ours'));
                  console.log('saved: ' + (await cache.saveCache(paths.slice(), 'by-theirs') > 0));
                })();
                """
                    .formatted(official));
    project.push("Begin");
    var run = project.endedRun(1);

    var theirs = job(run, "theirs");
    assertThat(lines(project, 1, theirs, "restored:", "saved:", "theirs:"))
        .as(() -> project.log(1, job(run, "ours")) + project.log(1, theirs))
        .containsExactly("restored: by-ours", "saved: true", "theirs: rum rye jam  store");
    assertThat(lines(project, 1, job(run, "back"), "back:"))
        .containsExactly("back: rum rye jam  store");
  }

  @Test
  void theRunBehindAnotherOneDownloadsItsArtifactsWherePermissionsSaySo() {
    var project =
        project(
                "chandler",
                """
                name: Build
                on: push
                jobs:
                  build:
                    runs-on: linux
                    steps:
                      - run: echo rope > stock.txt
                      - uses: actions/upload-artifact@v4
                        with: {name: stock, path: stock.txt}
                """)
            .write(
                ".github/workflows/ship.yml",
                """
                name: Ship
                on: {workflow_run: {workflows: [Build], types: [completed]}}
                permissions: {}
                jobs:
                  may:
                    permissions: {actions: read}
                    runs-on: linux
                    steps: &download
                      - uses: actions/download-artifact@v4
                        with:
                          name: stock
                          run-id: ${{ github.event.workflow_run.id }}
                          github-token: ${{ github.token }}
                      - run: 'echo "stock: $(cat stock.txt)"'
                  may-not:
                    runs-on: linux
                    steps: *download
                """);
    project.push("Begin");
    var run = project.endedRun(2);

    assertThat(outcomes(run)).containsExactly("may success", "may-not failure");
    assertThat(lines(project, 2, job(run, "may"), "stock:")).containsExactly("stock: rope");
    assertThat(project.log(2, job(run, "may-not"))).contains("actions: read");
  }

  @Test
  void annotationsProblemMatchersAndSummariesArriveAtTheRun() throws IOException {
    var project =
        project(
                "lookout",
                """
                on: push
                jobs:
                  look:
                    runs-on: linux
                    steps:
                      - uses: actions/checkout@v4
                      - run: |
                          echo "::error file=src/a.c,line=3,col=2,title=Rock::ahead"
                          echo "::warning file=src/a.c,line=1::fog"
                          echo "::notice::all is well"
                          echo "::add-matcher::.github/cc.json"
                          echo "src/a.c:2:5: error: shallow water"
                          echo "::remove-matcher owner=cc::"
                          echo "src/a.c:3:5: error: nobody looks"
                      - run: |
                          {
                            echo '# Seen'
                            echo '<script>alert(1)</script>'
                            echo '[here](javascript:alert(2)) **bold** [there](https://example.com/x)'
                            echo '<img src=x onerror=alert(3)>'
                          } >> "$GITHUB_STEP_SUMMARY"
                """)
            .write(
                ".github/cc.json",
                """
                {"problemMatcher": [{"owner": "cc", "pattern": [
                  {"regexp": "^(\\\\S+):(\\\\d+):(\\\\d+): (error|warning): (.*)$",
                   "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5}]}]}
                """)
            .write("src/a.c", "1\n2\n3\n");
    project.push("Begin");
    var run = project.endedRun(1);
    var log = project.log(1, job(run, "look"));

    assertThat(outcomes(run)).as(log).containsExactly("look success");
    assertThat(
            run.path("annotations")
                .valueStream()
                .map(one ->
                    "%s %s:%d:%d %s"
                        .formatted(
                            one.path("level").asString(),
                            one.path("file").asString(""),
                            one.path("line").asInt(0),
                            one.path("column").asInt(0),
                            one.path("message").asString())))
        .as(log)
        .containsExactlyInAnyOrder(
            "error src/a.c:3:2 Rock: ahead",
            "warning src/a.c:1:0 fog",
            "notice :0:0 all is well",
            "error src/a.c:2:5 shallow water");
    try (var in = ada.api().open("/projects/lookout/runs/1")) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("<strong>bold</strong>", "href=\"https://example.com/x\"")
          .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
          .doesNotContain("<script>alert", "href=\"javascript:", "<img src=x");
    }
  }

  @Test
  void aWorkflowOfAnotherProjectIsCalledWithInputsOutputsAndSecrets() {
    var project =
        project(
            "convoy",
            """
            on: push
            jobs:
              ship:
                uses: projects/kit/.github/workflows/ship.yml@main
                with: {to: dover}
                secrets: inherit
              tell:
                needs: ship
                runs-on: linux
                steps: [{run: 'echo "port: ${{ needs.ship.outputs.port }}"'}]
            """);
    rosa.api().put("/api/v1/secrets/KEY?project=convoy", Map.of("value", "anchor-chain"));
    project.push("Begin");
    var run = project.endedRun(1);

    assertThat(outcomes(run))
        .containsExactly("ship / sail / a success", "ship / land success", "tell success");
    assertThat(lines(project, 1, job(run, "tell"), "port:"))
        .containsExactly("port: dover after 7 knots");
    assertThat(project.log(1, job(run, "ship / land")))
        .contains("the key is ***", "pre of lander", "post of lander")
        .doesNotContain("the key is anchor");
  }
}
