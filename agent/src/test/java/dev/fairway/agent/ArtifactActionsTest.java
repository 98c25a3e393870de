package dev.fairway.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobCompletion;
import dev.fairway.api.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The actions for artifacts as a workflow calls them, in an agent with a server and in a local
/// run.
final class ArtifactActionsTest {
  private static final String OTHER_RUN = "018f0000-0000-7000-8000-0000000000bb";

  @TempDir Path folder;
  private ProtocolServer server;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    // A job without bubblewrap has a user of its own all the same, and has to reach its folders.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    server = new ProtocolServer();
    var token = Files.writeString(folder.resolve("token"), ProtocolServer.TOKEN + "\n");
    var config =
        new AgentConfig(
            List.of(URI.create(server.url())),
            token,
            folder.resolve("data"),
            "test-agent",
            List.of("linux"),
            1,
            List.of(),
            Optional.empty(),
            Duration.ofSeconds(20));
    agent = Agent.start(config, Clock.systemUTC(), new Random(1));
  }

  @AfterEach
  void end() throws Exception {
    assertThat(agent.drain()).as("the job's folder is gone").isTrue();
    agent.close();
    server.close();
  }

  private JobCompletion run(String steps) {
    server.offer(Jobs.assignment(steps));
    Jobs.await("the job is complete", () -> server.completion() != null);
    return Objects.requireNonNull(server.completion());
  }

  private byte[] zip(String name, String text) throws IOException {
    var zip = folder.resolve("made.zip");
    try (var writer = new ZipWriter(zip, 6, 1 << 20)) {
      writer.add(name, 0644, new ByteArrayInputStream(text.getBytes(UTF_8)));
    }
    var bytes = Files.readAllBytes(zip);
    Files.delete(zip);
    return bytes;
  }

  @Test
  void anUploadSaysHowLongItIsKept() {
    var completion =
        run(
            """
            - run: echo x > file
            - uses: actions/upload-artifact@v4
              with: { name: short, path: file, retention-days: 5 }
            - uses: actions/upload-artifact@v4
              with: { name: usual, path: file, retention-days: 0 }
            - uses: actions/upload-artifact@v4
              with: { name: silent, path: file }
            - uses: actions/upload-artifact@v4
              with: { name: long, path: file, retention-days: 400 }
            """);

    assertThat(completion.outcome()).as(server.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(server.retentions)
        .containsOnly(
            Map.entry("short", "5"),
            Map.entry("usual", ""),
            Map.entry("silent", ""),
            Map.entry("long", "90"));
    assertThat(server.log())
        .containsOnlyOnce("##[warning]retention-days")
        .contains("retention-days is 400, and artifacts are kept for 90 days at most");
  }

  @Test
  void anUploadTakesTheNameOfAnotherOnlyWhereItIsToOverwrite() {
    var completion =
        run(
            """
            - run: echo one > file
            - uses: actions/upload-artifact@v4
              with: { name: thing, path: file }
            - run: echo two > file
            - uses: actions/upload-artifact@v4
              id: refused
              continue-on-error: true
              with: { name: thing, path: file }
            - uses: actions/download-artifact@v4
              with: { name: thing, path: before }
            - uses: actions/upload-artifact@v4
              with: { name: thing, path: file, overwrite: true }
            - uses: actions/download-artifact@v4
              with: { name: thing, path: after }
            - run: echo "${{ steps.refused.outcome }} $(cat before/file after/file | xargs)"
            """);

    assertThat(completion.outcome()).as(server.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(server.log()).contains("Z failure one two");
  }

  @Test
  void artifactsAreFoundByTheIdsThatTheirUploadsSay() {
    var completion =
        run(
            """
            - run: echo one > a; echo two > b
            - id: a
              uses: actions/upload-artifact@v4
              with: { name: "first, really", path: a }
            - id: b
              uses: actions/upload-artifact@v4
              with: { name: second, path: b }
            - uses: actions/download-artifact@v4
              with:
                path: both
                artifact-ids: " ${{ steps.b.outputs.artifact-id }},${{ steps.a.outputs.artifact-id }}, 12"
            - uses: actions/download-artifact@v4
              with: { path: single, artifact-ids: "${{ steps.b.outputs.artifact-id }}" }
            - run: echo "$(cat 'both/first, really/a' both/second/b single/b | xargs)"
            - run: echo "at ${{ steps.b.outputs.artifact-url }}"
            """);

    assertThat(completion.outcome()).as(server.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(server.log())
        .contains("Z one two two")
        .contains("##[warning]The run has no artifact with the id 12\n")
        .contains("Z at " + server.url() + "/artifacts/second\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name: a, artifact-ids: 7        | cannot be set beside `name`
          artifact-ids: thing             | has `thing`, which is no `artifact-id`
          artifact-ids: ','               | has no id
          artifact-ids: 7                 | The run has no artifact with the id 7
          repository: ledger              | can only be `payments`
          digest-mismatch: "${{ 'warn' }}" | can only be error
          """)
  void whatADownloadCannotDoItSays(String with, String why) {
    var completion = run("- uses: actions/download-artifact@v4\n  with: { " + with + " }\n");

    assertThat(completion.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(completion.reason()).contains(why);
  }

  @Test
  void anotherRunOfTheProjectIsReadWhereTheServerLetsTheJob() throws Exception {
    server.otherRuns.put(
        OTHER_RUN, Map.of("site", zip("page", "theirs"), "docs", zip("text", "also theirs")));
    server.artifacts.put("site", zip("page", "ours"));

    var completion =
        run(
            """
            - uses: actions/download-artifact@v4
              with:
                name: site
                path: there
                run-id: %s
                repository: ${{ github.repository }}
                github-token: anything
            - uses: actions/download-artifact@v4
              with: { path: all, run-id: %s, github-token: anything }
            - uses: actions/download-artifact@v4
              with: { name: site, path: here, run-id: "${{ github.run_id }}" }
            - run: echo "$(cat there/page) and $(cat all/docs/text) and $(cat here/page)"
            - uses: actions/download-artifact@v4
              with: { name: site, run-id: unknown }
            """
                .formatted(OTHER_RUN, OTHER_RUN));

    assertThat(server.log()).contains("Z theirs and also theirs and ours\n");
    assertThat(completion.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(completion.reason()).contains("forbidden");
  }

  @Test
  void bytesThatAreNotThoseThatWereListedAreNotUnpacked() throws Exception {
    server.artifacts.put("site", zip("page", "x"));
    server.damageDownloads();

    var completion =
        run(
            """
            - uses: actions/download-artifact@v4
              with: { name: site, digest-mismatch: error }
            - run: ls
              if: always()
            """);

    assertThat(completion.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(completion.reason()).contains("`site` arrived as sha256:", "and was listed as");
    assertThat(server.log()).doesNotContain("Z page");
  }

  private Jobs.Run local(String steps, Outcome outcome) throws Exception {
    var run = new Jobs.Run(Files.createDirectories(folder.resolve("local")));
    var result =
        run.start(
            Jobs.assignment(steps), folder, Isolation.none(), new CheckoutSource.Folder(folder));
    assertThat(result.outcome()).as(run.log()).isEqualTo(outcome);
    return run;
  }

  @Test
  void aLocalRunKnowsItsArtifactsByIdAndOverwritesThem() throws Exception {
    var run =
        local(
            """
            - run: echo one > a; echo two > b
            - id: a
              uses: actions/upload-artifact@v4
              with: { name: thing, path: a, retention-days: 1 }
            - id: b
              uses: actions/upload-artifact@v4
              with: { name: thing, path: b, overwrite: true, retention-days: 1 }
            - uses: actions/download-artifact@v4
              with: { path: back, artifact-ids: "${{ steps.b.outputs.artifact-id }}" }
            - run: echo "$(ls back) $(cat back/b) [${{ steps.b.outputs.artifact-url }}]"
            """,
            Outcome.SUCCESS);

    assertThat(run.lines).contains("b two []");
    assertThat(run.artifacts).isDirectoryContaining("glob:**/thing.zip");
    try (var files = Files.list(run.artifacts)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aLocalRunHasNoOtherRuns() throws Exception {
    var run =
        local("- uses: actions/download-artifact@v4\n  with: { run-id: 12345 }\n", Outcome.FAILURE);

    assertThat(run.log()).contains("a local run has none", "Leave `run-id` out here");
  }
}
