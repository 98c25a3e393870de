package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Checkout from a real `git http-backend` that asks for the job's token.
final class CheckoutTest {
  @TempDir Path folder;
  private GitServer server;
  private String first = "";
  private String second = "";

  @BeforeEach
  void serve() throws Exception {
    var source = Repository.at(folder.resolve("source"));
    first = source.write("file", "first").commit("one");
    second = source.write("file", "second").commit("two");
    source.git("tag", "v1");
    server = GitServer.over(folder).letting("job", "job-token-0123456789", "source");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void fetchesOneCommitAndKeepsNoToken() throws Exception {
    var run = checkout("", first);

    assertThat(run.lines).contains("first", "commits 1", "branch main");
    assertThat(run.log()).doesNotContain("job-token-0123456789").contains("no token here");
  }

  @Test
  void fetchesAllHistoryWhenAsked() throws Exception {
    var run = checkout("  with:\n    fetch-depth: 0\n", second);

    assertThat(run.lines).contains("second", "commits 2", "tag v1");
  }

  @Test
  void refusesInputsThatItDoesNotHonour() throws Exception {
    var run = new Jobs.Run(folder);
    var result = start(run, "  with:\n    lfs: true\n", first);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("lfs");
  }

  /// What a job without network has left for git to run would run where the network is reached.
  @Test
  void aJobWithoutNetworkHasItsCommitAndGitRunsNothingOfIt() throws Exception {
    var isolation = Isolation.probe(List.of(folder.resolve("source")));
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    for (var with : List.of("", "  with:\n    fetch-depth: 0\n", "  with:\n    ref: v1\n")) {
      var run = new Jobs.Run(folder);
      var evil =
          """
          - run: |
              git init -q -b main . && mkdir -p .git/hooks "$HOME/bin"
              printf '#!/bin/sh\\nenv | grep -c Basic; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " \\n"; echo " is there"; exit 0\\n' > .git/evil
              chmod +x .git/evil
              for hook in post-checkout reference-transaction post-index-change; do cp .git/evil .git/hooks/$hook; done
              git config core.fsmonitor "$PWD/.git/evil"
              git config core.sshCommand "$PWD/.git/evil"
              git config --global core.hooksPath "$PWD/.git/hooks"
              git config --global credential.helper "!$PWD/.git/evil"
              cp .git/evil "$HOME/bin/git-remote-http"
              echo "GIT_EXEC_PATH=$HOME/bin" >> "$GITHUB_ENV"
          - run: echo "GIT_EXEC_PATH=" >> "$GITHUB_ENV"
          """;
      var result = start(run, evil, with, second, false, isolation);

      assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
      assertThat(run.lines).contains("second", "no token here");
      assertThat(run.log()).contains("lo is there").doesNotContain("eth0");
      assertThat(run.lines).doesNotContain("1").contains("0");
      assertThat(folder.resolve("jobs")).isEmptyDirectory();
    }
  }

  private Jobs.Run checkout(String with, String sha) throws Exception {
    var run = new Jobs.Run(folder);
    assertThat(start(run, with, sha).outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    return run;
  }

  private JobResult start(Jobs.Run run, String with, String sha) throws Exception {
    return start(run, "", with, sha, true, Isolation.probe(List.of(folder.resolve("source"))));
  }

  private JobResult start(
      Jobs.Run run, String before, String with, String sha, boolean network, Isolation isolation)
      throws Exception {
    var steps =
        before
            + "- uses: actions/checkout@v4\n"
            + with
            + """
            - run: |
                cat file
                echo commits $(git rev-list --count HEAD)
                echo branch $(git branch --show-current)
                echo tag $(git tag)
                git status --porcelain
                grep -ri -e job-token -e authorization .git || echo no token here
            """;
    var url = server.url("source");
    var job = Jobs.of(steps, Map.of("sha", sha, "ref", "refs/heads/main"), url, network);
    var source = new CheckoutSource.Remote(url, "job", job.jobToken());
    return run.start(job, folder, isolation, source);
  }
}
