package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SetupActionsTest {
  @TempDir Path folder;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    run = new Jobs.Run(folder);
  }

  private JobResult run(String steps) throws Exception {
    return run(Jobs.assignment(steps));
  }

  private JobResult run(JobAssignment job) throws Exception {
    run = new Jobs.Run(folder);
    return run.start(job, folder, Isolation.none(), new CheckoutSource.Folder(folder));
  }

  private void succeeds(String steps) throws Exception {
    assertThat(run(steps).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
  }

  private String refusal(String steps) throws Exception {
    var result = run(steps);
    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    return result.reason();
  }

  @Test
  void javaOfTheMachineBecomesTheJobs() throws Exception {
    var version = Runtime.version().feature();
    var result =
        run(
            """
            - id: java
              uses: actions/setup-java@v4
              with: { distribution: temurin, java-version: '%d' }
            - run: |
                "$JAVA_HOME/bin/javac" -version
                [ "$(command -v java)" = "$JAVA_HOME/bin/java" ] && echo "first on the path"
                [ "$JAVA_HOME" = "${{ steps.java.outputs.path }}" ] && echo told
            """
                .formatted(version));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("first on the path", "told");
    assertThat(run.log()).contains("javac " + version);
  }

  @Test
  void aVersionThatIsNotThereIsRefusedWithThoseThatAre() throws Exception {
    var result =
        run("- uses: actions/setup-java@v4\n  with: { distribution: zulu, java-version: 7 }\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("Java 7 is not on this machine, which has ")
        .contains(System.getProperty("java.version"));
  }

  @Test
  void pythonIsFoundUnderItsPlainName() throws Exception {
    var result =
        run(
            """
            - run: echo "3" > .python-version
            - uses: actions/setup-python@v5
              id: python
              with: { python-version-file: .python-version }
            - run: python -c 'import sys; print("major", sys.version_info[0])'
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("major 3");
  }

  @Test
  void aPythonThatIsOnlyLookedForChangesNothing() throws Exception {
    succeeds(
        """
        - id: python
          uses: actions/setup-python@v5
          with: { update-environment: false }
        - run: |
            echo "location [$pythonLocation]"
            "${{ steps.python.outputs.python-path }}" -c 'print("found")'
        """);

    assertThat(run.lines).contains("location []", "found");
  }

  @Test
  void aFileOutsideOfTheWorkspaceIsNotThereWhateverItIs() throws Exception {
    for (var file : List.of("/etc/passwd", "../../../../../../../../../etc/passwd")) {
      assertThat(
              refusal(
                  "- uses: actions/setup-node@v4\n  with: { node-version-file: '%s' }\n"
                      .formatted(file)))
          .contains("which is not there");
    }
  }

  @Test
  void anotherKindOfMachineIsRefused() throws Exception {
    var other = System.getProperty("os.arch").equals("aarch64") ? "x64" : "arm64";

    assertThat(
            refusal(
                "- uses: actions/setup-node@v4\n  with: { node-version: 20, architecture: %s }\n"
                    .formatted(other)))
        .contains("Node.js for " + other + " is not on this machine")
        .contains("runs-on");
  }

  @Test
  void mavenLearnsOfServersAndToolchainsButOfNoSecret() throws Exception {
    succeeds(
        """
        - uses: actions/setup-java@v4
          with: { distribution: temurin, java-version: '%1$d' }
        - uses: actions/setup-java@v4
          with:
            distribution: zulu
            java-version: '%1$d'
            server-id: releases
            server-password: DEPLOY_TOKEN
            mvn-toolchain-id: jdk-of-ours
        - run: |
            cat ~/.m2/settings.xml ~/.m2/toolchains.xml
            python3 -c 'import sys, xml.dom.minidom as x; [x.parse(f) for f in sys.argv[1:]]; print("well-formed")' \
              ~/.m2/settings.xml ~/.m2/toolchains.xml
        """
            .formatted(Runtime.version().feature()));

    assertThat(run.log())
        .contains(
            "<server><id>releases</id><username>${env.GITHUB_ACTOR}</username>"
                + "<password>${env.DEPLOY_TOKEN}</password></server>")
        .containsSubsequence(
            "<vendor>temurin</vendor>", "<vendor>zulu</vendor><id>jdk-of-ours</id>", "well-formed");
  }

  @Test
  void settingsThatAreThereStayWhereThatWasAskedFor() throws Exception {
    succeeds(
        """
        - run: echo '<settings/>' > settings.xml
        - uses: actions/setup-java@v4
          with:
            java-version: '%d'
            server-id: releases
            settings-path: ${{ github.workspace }}
            overwrite-settings: false
        - run: cat settings.xml
        """
            .formatted(Runtime.version().feature()));

    assertThat(run.lines).contains("<settings/>");
  }

  @Test
  void aSecretInThePlaceOfAVariablesNameIsRefused() throws Exception {
    assertThat(
            refusal(
                """
                - uses: actions/setup-java@v4
                  with: { java-version: '%d', server-id: releases, server-password: 's3cr3t-value' }
                """
                    .formatted(Runtime.version().feature())))
        .contains("`server-password`", "is the name of a variable");
  }

  /// In whatever folder the agent works: the names of gpg's sockets have an end.
  @Test
  void releasesCanBeSignedWithTheKey() throws Exception {
    var isolation = Isolation.probe(List.of());
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    var deep = Files.createDirectories(folder.resolve("d".repeat(80)));
    var key = signingKey();
    var steps =
        """
        - uses: actions/setup-java@v4
          with:
            java-version: '%d'
            gpg-private-key: ${{ secrets.KEY }}
            gpg-passphrase: PASSPHRASE
        - run: |
            gpg --batch --list-secret-keys 2>/dev/null | grep -c release@example.org
            echo content > file && gpg --batch --detach-sign file && gpg --batch --verify file.sig file
            grep -o 'gpg.passphrase</id><passphrase>${env.PASSPHRASE}' ~/.m2/settings.xml
        """
            .formatted(Runtime.version().feature());
    var result =
        run.start(
            Jobs.assignment(steps, Map.of("KEY", key), true, JobAssignment.Limits.DEFAULT),
            deep,
            isolation,
            new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("1", "gpg.passphrase</id><passphrase>${env.PASSPHRASE}");
    assertThat(run.log()).doesNotContain(key.lines().toList().get(3));
  }

  private String signingKey() throws Exception {
    var home = Files.createDirectory(folder.resolve("gpg"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    try {
      gpg(home, "--passphrase", "", "--quick-gen-key", "release@example.org", "ed25519", "sign");
      return gpg(home, "--armor", "--export-secret-keys");
    } finally {
      new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "all")
          .start()
          .waitFor();
    }
  }

  private static String gpg(Path home, String... words) throws Exception {
    var command = new ArrayList<>(List.of("gpg", "--homedir", home.toString(), "--batch"));
    command.addAll(List.of(words));
    var process = new ProcessBuilder(command).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void npmLearnsOfARegistryAndItsToken() throws Exception {
    succeeds(
        """
        - uses: actions/setup-node@v4
          with: { registry-url: 'https://npm.example.org/team', scope: Acme }
        - run: |
            npm config get @acme:registry
            cat "$NPM_CONFIG_USERCONFIG"
            echo "token $NODE_AUTH_TOKEN"
        """);

    assertThat(run.lines)
        .contains(
            "https://npm.example.org/team/",
            "//npm.example.org/team/:_authToken=${NODE_AUTH_TOKEN}",
            "token XXXXX-XXXXX-XXXXX-XXXXX");
    assertThat(
            refusal(
                """
                - uses: actions/setup-node@v4
                  with: { registry-url: 'https://user:word@npm.example.org' }
                """))
        .contains("`registry-url` must be a URL");
  }

  @ParameterizedTest
  @CsvSource({
    "NODE, .nvmrc, v20.1.0, v20.1.0",
    "NODE, .tool-versions, nodejs 20.1, 20.1",
    "NODE, package.json, '{\"engines\": {\"node\": \">=18\"}}', >=18",
    "NODE, package.json, '{\"volta\": {\"node\": \"20.1\"}, \"engines\": {\"node\": \"18\"}}',"
        + " 20.1",
    "NODE, package.json, '{\"devEngines\": {\"runtime\": {\"name\": \"node\", \"version\":"
        + " \"22\"}}}', 22",
    "JAVA, .sdkmanrc, java=21.0.2-tem, 21.0.2-tem",
    "JAVA, .tool-versions, java temurin-21.0.2+13, 21.0.2+13",
    "PYTHON, pyproject.toml, 'requires-python = \">=3.9,<4\"', '>=3.9,<4'",
    "PYTHON, Pipfile, 'python_version = \"3.11\"', 3.11",
  })
  void filesOfTheProjectSayWhichVersion(
      SetupTool.Kind kind, String name, String text, String version) {
    assertThat(VersionFile.of(kind, name, text)).contains(version);
    assertThat(VersionFile.of(kind, name, "")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "21, 21.0.4, true",
    "21, 17.0.1, false",
    "3.1, 3.11.2, false",
    "3.11, 3.11.2, true",
    "20.x, v20.20.2, true",
    "^20.9, v20.20.2, true",
    "^20.9, v20.8.0, false",
    "~3.11.1, 3.12.0, false",
    ">=18 <21, v20.1.0, true",
    ">=18 <21, v21.0.0, false",
    "*, 1.2, true",
    "25, 25, true",
    "^18 || ^20, v20.1.0, true",
    "^18 || ^20, v19.1.0, false",
    "18 - 20, v20.9.9, true",
    "18 - 20, v21.0.0, false",
    "'>=3.9,<3.12', 3.11.2, true",
    "'>=3.9,<3.12', 3.12.0, false",
    "~=3.10, 3.12.1, true",
    "~=3.10.2, 3.11.0, false",
    "==3.11.*, 3.11.7, true"
  })
  void rangesTakeWhatTheySay(String range, String version, boolean taken) {
    assertThat(VersionRange.parse(range).orElseThrow().contains(version)).isEqualTo(taken);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", " ", "a", "<", "3 - ", "python = "})
  @Timeout(20)
  void noFileOfAProjectKeepsTheAgentBusy(String part) {
    var text = part.repeat((256 << 10) / part.length());
    for (var name : List.of("pyproject.toml", "Pipfile", ".python-version")) {
      VersionFile.of(SetupTool.Kind.PYTHON, name, text)
          .ifPresent(version -> assertThat(VersionRange.parse(version)).isEmpty());
    }
  }

  @Test
  void namesOfNodeVersionsAreVersions() {
    assertThat(VersionFile.withoutAlias("lts/Iron")).isEqualTo("20");
    assertThat(VersionFile.withoutAlias("lts/*")).isEqualTo("*");
    assertThat(VersionFile.withoutAlias("20.x")).isEqualTo("20.x");
  }

  @Test
  void whatIsNoRangeIsNone() {
    assertThat(VersionRange.parse("iron")).isEmpty();
    assertThat(VersionRange.parse("")).isEmpty();
    assertThat(VersionRange.parse("18 ||")).isEmpty();
  }
}
