package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SetupCacheTest {
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

  private void succeeds(String steps) throws Exception {
    assertThat(run(steps).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void whatMavenHasDownloadedIsThereAgainUntilThePomChanges() throws Exception {
    var steps =
        """
        - run: mkdir part && echo '<project>%2$s</project>' > part/pom.xml
        - id: java
          uses: actions/setup-java@v4
          with: { distribution: temurin, java-version: '%1$d', cache: maven }
        - run: |
            echo "hit [${{ steps.java.outputs.cache-hit }}] $(cat ~/.m2/repository/a 2>/dev/null)"
            mkdir -p ~/.m2/repository; echo downloaded > ~/.m2/repository/a
        """;
    var java = Runtime.version().feature();

    succeeds(steps.formatted(java, "one"));
    assertThat(run.lines).contains("hit [false] ");
    assertThat(server.saved.keySet())
        .singleElement()
        .asString()
        .matches("setup-java-Linux-[a-z0-9]+-maven-[0-9a-f]{64}");

    succeeds(steps.formatted(java, "one"));
    assertThat(run.lines).contains("hit [true] downloaded");
    assertThat(run.log()).contains("was restored, and stays as it is");

    succeeds(steps.formatted(java, "two"));
    assertThat(run.lines).contains("hit [false] ");
    assertThat(server.saved).hasSize(2);
  }

  @Test
  void npmSaysItselfWhereItsDownloadsAre() throws Exception {
    var steps =
        """
        - run: |
            mkdir web && echo '{"lockfileVersion": 3}' > web/package-lock.json
            npm config set cache "$HOME/elsewhere" --location=user
        - id: node
          uses: actions/setup-node@v4
          with: { cache: npm, cache-dependency-path: web/package-lock.json }
        - run: |
            echo "hit [${{ steps.node.outputs.cache-hit }}] $(cat ~/elsewhere/a 2>/dev/null)"
            mkdir -p ~/elsewhere; echo downloaded > ~/elsewhere/a
        """;

    succeeds(steps);
    assertThat(run.lines).contains("hit [false] ");
    succeeds(steps);
    assertThat(run.lines).contains("hit [true] downloaded");
  }

  @Test
  void pythonBeginsFromWhatOtherDependenciesHaveLeft() throws Exception {
    var steps =
        """
        - run: echo '%s' > Pipfile.lock
        - id: python
          uses: actions/setup-python@v5
          with: { cache: pipenv }
        - run: |
            echo "hit [${{ steps.python.outputs.cache-hit }}] $(cat ~/.local/share/virtualenvs/a 2>/dev/null)"
            mkdir -p ~/.local/share/virtualenvs; echo one > ~/.local/share/virtualenvs/a
        """;

    succeeds(steps.formatted("one"));
    succeeds(steps.formatted("two"));

    assertThat(run.lines).contains("hit [false] one");
    assertThat(server.saved).hasSize(2);
  }

  @Test
  void aCacheWithoutAFileOfDependenciesIsRefused() throws Exception {
    var result = run("- uses: actions/setup-node@v4\n  with: { cache: npm }\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("`cache` needs a file", "package-lock.json", "actions/checkout");
  }

  @Test
  void aPackageManagerThatIsNotThereIsRefused() throws Exception {
    var result =
        run(
            """
            - run: touch pnpm-lock.yaml; mkdir bin; printf '#!/bin/sh\\nexit 1\\n' > bin/pnpm; chmod +x bin/pnpm; echo "$PWD/bin" >> "$GITHUB_PATH"
            - uses: actions/setup-node@v4
              with: { cache: pnpm }
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("asks for pnpm, which does not say");
    assertThat(run("- uses: actions/setup-node@v4\n  with: { cache: bower }\n").reason())
        .contains("must be one of npm, yarn, pnpm");
  }
}
