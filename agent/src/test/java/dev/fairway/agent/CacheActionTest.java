package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheActionTest {
  @TempDir Path folder;
  private CacheServer server;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    server = new CacheServer();
    run = new Jobs.Run(folder);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private JobResult run(String steps) throws Exception {
    run = new Jobs.Run(folder);
    var job = Jobs.assignment(steps);
    var served = Jobs.given(job, job.fence(), server.services());
    return run.start(served, folder, Isolation.none(), new CheckoutSource.Folder(folder));
  }

  @Test
  void whatASuccessfulJobLeavesTheNextOneFinds() throws Exception {
    var steps =
        """
        - id: cache
          uses: actions/cache@v4
          with:
            key: %s
            restore-keys: deps-
            path: |
              deps
              ~/tools
              !deps/skip
        - run: |
            echo "hit [${{ steps.cache.outputs.cache-hit }}] $(cat deps/a 2>/dev/null) $(cat ~/tools/b 2>/dev/null) $(ls deps 2>/dev/null | wc -l)"
            mkdir -p deps/skip ~/tools; echo one > deps/a; echo x > deps/skip/x; echo two > ~/tools/b
        """;

    assertThat(run(steps.formatted("deps-1")).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("hit []   0");
    assertThat(run.log()).contains("with the key deps-1");
    assertThat(server.saved).containsOnlyKeys("deps-1");

    run(steps.formatted("deps-1"));
    assertThat(run.lines).contains("hit [true] one two 1");
    assertThat(run.log()).contains("was restored, and stays as it is");

    run(steps.formatted("deps-2"));
    assertThat(run.lines).contains("hit [false] one two 1");
    assertThat(server.saved).containsOnlyKeys("deps-1", "deps-2");
  }

  @Test
  void withoutAServerCachesLieInAFolder() throws Exception {
    var steps =
        """
        - { id: cache, uses: actions/cache@v4, with: { path: deps, key: deps-1 } }
        - run: |
            echo "hit [${{ steps.cache.outputs.cache-hit }}] $(cat deps/a 2>/dev/null)"
            mkdir -p deps; echo one > deps/a
        """;
    var caches = new FolderCaches(folder.resolve("caches"), InstantSource.system());
    for (var expected : List.of("hit [] ", "hit [true] one")) {
      run = new Jobs.Run(folder);
      run.caches = Optional.of(caches);

      var result =
          run.start(
              Jobs.assignment(steps), folder, Isolation.none(), new CheckoutSource.Folder(folder));

      assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
      assertThat(run.lines).contains(expected);
    }
  }

  @Test
  void aCacheForAllSystemsIsTheSameAsOneForThisAlone() throws Exception {
    var save =
        """
        - run: echo one > deps
        - uses: actions/cache/save@v4
          with: { path: deps, key: k, enableCrossOsArchive: true, upload-chunk-size: 1048576 }
        """;
    var use =
        """
        - uses: actions/cache/restore@v4
          with: { path: deps, key: k, enableCrossOsArchive: false, fail-on-cache-miss: true }
        - run: cat deps; rm deps
        - uses: actions/cache@v4
          with: { path: deps, key: k, upload-chunk-size: 32, enableCrossOsArchive: true }
        - run: cat deps
        """;

    assertThat(run(save).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run(use).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).filteredOn("one"::equals).hasSize(2);
  }

  @Test
  void aFailedJobSavesNothing() throws Exception {
    var result =
        run("- uses: actions/cache@v4\n  with: { path: ., key: k }\n- run: echo x > y; exit 1\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(server.saved).isEmpty();
  }

  @Test
  void aCacheThatIsAwaySlowsTheJobAndNothingElse() throws Exception {
    server.close();

    var result = run("- uses: actions/cache@v4\n  with: { path: ., key: k }\n- run: echo x > y\n");

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.log()).contains("The cache cannot be restored", "The cache cannot be saved");
  }

  @Test
  void aMissIsAFailureOnlyWhereItWasAskedFor() throws Exception {
    var result =
        run(
            """
            - uses: actions/cache/restore@v4
              with: { path: ., key: k, fail-on-cache-miss: true }
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("There is no cache with the key `k`");
  }

  @Test
  void anArchiveThatIsALinkIsNotSaved() throws Exception {
    var result =
        run(
            """
            - run: |
                mkdir bin; printf '#!/bin/sh\\nln -s /etc/passwd "$2"\\n' > bin/tar; chmod +x bin/tar
                echo "$PWD/bin" >> "$GITHUB_PATH"; echo x > y
            - uses: actions/cache/save@v4
              with: { path: y, key: k }
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("is a link that leaves the workspace");
    assertThat(server.saved).isEmpty();
  }
}
