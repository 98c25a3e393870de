package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What jobs see of the person on whose machine they run.
final class OwnMachineTest {
  @TempDir Path folder;
  private Jobs.Run run;
  private Path home;
  private Isolation isolation;

  @BeforeEach
  void probe() throws Exception {
    run = new Jobs.Run(folder);
    home = Files.createDirectories(folder.resolve("people/ada"));
    Files.writeString(home.resolve("key"), "private-key-value\n");
    var tool = Files.createDirectories(home.resolve("tools/made/bin"));
    Files.writeString(tool.resolve("tool"), "tool-value\n");
    var cache = Files.createDirectories(home.resolve("cache"));
    cache.toFile().setWritable(true, false);
    isolation =
        Isolation.onOwnMachine(
            new OwnMachine(
                Optional.of(home),
                List.of(new OwnMachine.Mount(tool, false), new OwnMachine.Mount(cache, true))));
    assumeTrue(isolation.bubblewrap(), isolation.reason());
  }

  @Test
  void theHomeIsEmptyButForWhatIsMounted() throws Exception {
    var result =
        run.start(
            Jobs.assignment(
                """
                - run: |
                    cat %1$s/key || echo no key
                    cat %1$s/tools/made/bin/tool
                    echo x 2>/dev/null >%1$s/tools/made/bin/tool || echo tool stays
                    echo kept > %1$s/cache/new
                    echo gone > %1$s/new
                    mkdir %1$s/tools/more %1$s/tools/made/more && echo room beside the tool
                    ls %2$s
                """
                    .formatted(home, home.getParent()),
                Map.of(),
                true,
                JobAssignment.Limits.DEFAULT),
            folder,
            isolation,
            new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("no key", "tool-value", "tool stays", "room beside the tool", "ada");
    assertThat(run.log()).doesNotContain("private-key-value");
    assertThat(home.resolve("cache/new")).hasContent("kept");
    assertThat(home.resolve("new")).doesNotExist();
  }

  @Test
  void whatJobsDoNotSeeIsNotChosenForThem() {
    assertThat(isolation.shows(home.resolve("python"))).isFalse();
    assertThat(isolation.shows(home.resolve("tools/made/bin/tool"))).isTrue();
    assertThat(isolation.shows(Path.of("/usr/bin/python3"))).isTrue();
    assertThat(isolation.hiding(Path.of("/usr")).shows(Path.of("/usr/bin/python3"))).isFalse();
  }

  @Test
  void aCopyOfAFolderIsReadableByEveryUserAndTakenAsItIs() throws Exception {
    var source = Files.createDirectory(folder.resolve("mine"));
    Files.writeString(source.resolve("file"), "content\n").toFile().setReadable(false, false);
    source.resolve("file").toFile().setReadable(true, true);
    var copy = folder.resolve("copy");

    WorkingCopy.make(source, copy);
    var result =
        run.start(
            Jobs.assignment("- uses: actions/checkout@v4\n- run: cat file; ls\n"),
            folder,
            isolation.showing(copy),
            new CheckoutSource.Prepared(copy));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("content");
  }

  @Test
  void aJobsFolderIsDeletedByWhomeverTheCallerChose() throws Exception {
    var later = new ArrayList<Path>();
    var settings =
        new RunnerSettings(
            "local", folder.resolve("jobs"), Isolation.none(), Optional.empty(), Map.of());
    var job = Jobs.assignment("- run: 'true'\n");
    JobResult result;
    try (var runner = new JobRunner(settings, Clock.systemUTC(), later::add)) {
      result =
          runner.run(
              job,
              new FolderHost(folder, new CheckoutSource.Folder(folder), run),
              new Cancellation());
    }

    assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(later).hasSize(2).allMatch(Files::isDirectory);
    assertThat(later.getFirst()).isEqualTo(folder.resolve("jobs").resolve(job.lease()));
  }

  @Test
  void aWorkflowIsParsedOnceForAllItsJobs() {
    var workflows = new ParsedWorkflows();
    var assignment = Jobs.assignment("- run: 'true'\n");

    var first = workflows.of(assignment);

    assertThat(workflows.of(assignment)).isSameAs(first);
    assertThat(workflows.of(Jobs.assignment("- run: 'false'\n"))).isNotSameAs(first);
    assertThat(workflows.of(assignment)).isSameAs(first);
  }
}
