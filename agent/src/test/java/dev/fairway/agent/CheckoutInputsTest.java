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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the inputs of `actions/checkout` do with projects of a server.
final class CheckoutInputsTest {
  private static final String TOKEN = "a-token-of-adas-0123456789";

  @TempDir Path folder;
  private GitServer server;
  private Repository source;
  private Repository library;
  private String sha = "";

  /// `payments` has the submodule `library`, which has the submodule `deep`.
  @BeforeEach
  void serve() throws Exception {
    server =
        GitServer.over(folder)
            .letting("job", "job-token-0123456789", "payments\\.git")
            .letting("x-access-token", TOKEN, ".*");
    Repository.at(folder.resolve("deep.git")).write("deepest", "deep").commit("deep");
    library = Repository.at(folder.resolve("library.git"));
    library.write("lib", "old").commit("lib one");
    submodule(library, "nested", "../deep.git");
    library.write("lib", "new").commit("lib two");
    source = Repository.at(folder.resolve("payments.git"));
    source.write("a/f", "in a").write("b/f", "in b").write("file", "first").commit("one");
    source.git("tag", "v1");
    sha = source.write("file", "second").commit("two");
    source.git("tag", "v2");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void submodulesOfTheServerAreFetchedWithTheTokenWhichStaysInNoFile() throws Exception {
    sha = submodule(source, "lib", "../library.git");
    library.write("lib", "later").commit("what nobody asks for");

    var run =
        checkout(
            """
            with:
              submodules: true
              token: %s
            """
                .formatted(TOKEN),
            """
            cat lib/lib
            echo nested $(ls lib/nested | wc -l)
            echo commits $(git -C lib rev-list --count HEAD)
            grep -rial -e 0123456789 -e authorization "$PWD" "$HOME" || echo no token here
            """);

    assertThat(run.lines).contains("new", "nested 0", "commits 1", "no token here");
  }

  @Test
  void submodulesOfSubmodulesComeWhenTheyAreAskedFor() throws Exception {
    sha = submodule(source, "lib", "../library.git");

    var run =
        checkout(
            """
            with:
              submodules: recursive
              fetch-depth: 0
              token: %s
            """
                .formatted(TOKEN),
            "cat lib/nested/deepest; echo commits $(git -C lib rev-list --count HEAD)\n");

    assertThat(run.lines).contains("deep", "commits 3");
  }

  @Test
  void withoutTheInputTheFolderOfASubmoduleIsEmpty() throws Exception {
    sha = submodule(source, "lib", "../library.git");

    var run = checkout("", "echo entries $(ls -A lib | wc -l)\n");

    assertThat(run.lines).contains("entries 0");
  }

  @Test
  void aSubmoduleThatTheJobsTokenDoesNotReachAsksForAnother() throws Exception {
    sha = submodule(source, "lib", "../library.git");

    var refusal = refusal("{submodules: true}");

    assertThat(refusal)
        .contains("the submodules cannot be fetched")
        .contains("other projects of this server need `token`");
    assertThat(server.refused()).contains("403 " + GitServer.header("job", "job-token-0123456789"));
  }

  /// Else a repository could send the token wherever it likes.
  @Test
  void anotherServerIsSentNoToken() throws Exception {
    try (var other = GitServer.over(folder)) {
      sha = submodule(source, "lib", other.url("library.git"));

      assertThat(refusal("{submodules: true, token: " + TOKEN + "}"))
          .contains("no other server is sent it");
      assertThat(other.refused()).isNotEmpty().allMatch("401 null"::equals);
    }
  }

  @Test
  void aSubmoduleIsNoWayToTheFilesOfTheMachine() throws Exception {
    sha = submodule(source, "lib", "file://" + library.folder());

    var run = new Jobs.Run(folder);
    var result = start(run, "with: {submodules: true}\n", "true\n", true);

    assertThat(result.reason()).contains("the submodules cannot be fetched");
    assertThat(run.log()).contains("transport 'file' not allowed");
  }

  @Test
  void gitOfLaterStepsShowsTheTokenWhereThatWasAskedFor() throws Exception {
    sha = submodule(source, "lib", "../library.git");

    var run =
        checkout(
            """
            with:
              submodules: true
              persist-credentials: true
              token: %s
            """
                .formatted(TOKEN),
            """
            git ls-remote origin refs/tags/v1 | grep -c v1
            git -C lib ls-remote origin HEAD | grep -c HEAD
            grep -rial -e 0123456789 -e authorization "$PWD" || echo no token in the workspace
            stat -c %a "$RUNNER_TEMP"/git-credentials-*
            """);
    assertThat(run.lines).filteredOn("1"::equals).hasSize(2);
    assertThat(run.lines).contains("no token in the workspace", "600");

    var again =
        checkout(
            "with: {persist-credentials: true}\n",
            """
            git ls-remote origin refs/tags/v1 | grep -c v1
            """
                + "- uses: actions/checkout@v4\n"
                + "- run: git ls-remote origin || echo the later one keeps nothing\n");
    assertThat(again.lines).contains("1", "the later one keeps nothing");
  }

  @Test
  void tagsComeAlongWhenTheyAreAskedFor() throws Exception {
    var script = "echo tags $(git tag); echo commits $(git rev-list --count HEAD); cat file\n";

    assertThat(checkout("", script).lines).contains("tags", "commits 1", "second");
    assertThat(checkout("with: {fetch-tags: true, ref: v2}\n", script).lines)
        .contains("tags v1 v2", "commits 1", "second");
  }

  @Test
  void aSparseCheckoutHasWhatItNamesAndTheNextOneEverything() throws Exception {
    var run =
        checkout(
            """
            with:
              sparse-checkout: |
                a
            """,
            """
            echo first $(ls)
            echo missing $(git rev-list --objects --missing=print HEAD | grep -c '^?')
            echo changed $(git status --porcelain) nothing
            - uses: actions/checkout@v4
            - run: |
                echo then $(ls) $(cat b/f)
            """);

    assertThat(run.lines)
        .contains("first a file", "missing 1", "changed nothing", "then a b file in b");
  }

  @Test
  void aSparseCheckoutTakesPatternsToo() throws Exception {
    var run =
        checkout(
            """
            with:
              sparse-checkout-cone-mode: false
              sparse-checkout: |
                /b/*

                !file
            """,
            "echo $(find * -type f)\n");

    assertThat(run.lines).contains("b/f");
  }

  @Test
  void aFilterLeavesOnTheServerWhatTheFilesDoNotNeed() throws Exception {
    var run =
        checkout(
            "with: {filter: 'blob:none', fetch-depth: 0}\n",
            """
            cat file
            echo missing $(git rev-list --objects --missing=print HEAD | grep -c '^?')
            """);

    assertThat(run.lines).contains("second", "missing 1");
  }

  @Test
  void gitSaysHowFarItIsWhenItIsAsked() throws Exception {
    assertThat(checkout("", "true\n").log()).doesNotContain("Counting objects");
    assertThat(checkout("with: {show-progress: true}\n", "true\n").log())
        .contains("Counting objects");
  }

  @Test
  void anotherProjectIsFetchedAtItsDefaultBranchWithItsToken() throws Exception {
    for (var name : List.of("library", "projects/Library")) {
      for (var depth : List.of(0, 1)) {
        var run =
            checkout(
                "with: {repository: %s, token: %s, fetch-depth: %d}\n"
                    .formatted(name, TOKEN, depth),
                "cat lib; echo commits $(git rev-list --count HEAD)\n");

        assertThat(run.lines).contains("new", "commits " + (depth == 0 ? 3 : 1));
      }
    }
  }

  @Test
  void anotherProjectInTheSameFolderTakesThePlaceOfTheFirst() throws Exception {
    var run =
        checkout(
            "",
            """
            touch made
            - uses: actions/checkout@v4
              with: {repository: library, token: %s}
            - run: echo $(ls)
            """
                .formatted(TOKEN));

    assertThat(run.lines).contains("lib nested");
  }

  @Test
  void anotherProjectInTheSameFolderLeavesFilesThatAreNotToBeCleaned() throws Exception {
    var run =
        checkout(
            "",
            """
            touch made
            - uses: actions/checkout@v4
              with: {repository: library, token: %s, clean: false}
            - run: echo $(ls) $(git log -1 --format=%%s)
            """
                .formatted(TOKEN));

    assertThat(run.lines).contains("a b file lib made nested lib two");
  }

  @Test
  void anotherProjectThatTheJobsTokenDoesNotReachAsksForAnother() throws Exception {
    assertThat(refusal("{repository: library}"))
        .contains("the repository cannot be fetched")
        .contains("give `token`, one that may read `library`");
    assertThat(refusal("{repository: library, token: wrong-0123456789}"))
        .contains("`token` must be one that may read it");
  }

  @Test
  void itsOwnNameIsTheRunsOwnProject() throws Exception {
    for (var name : List.of("payments", "projects/payments", "PAYMENTS")) {
      assertThat(
              checkout("with: {repository: " + name + "}\n", "git branch --show-current\n").lines)
          .contains("main");
    }
  }

  @Test
  void theTokenIsHiddenInTheLogInTheFormThatGitSends() throws Exception {
    var sent = GitServer.header("x-access-token", TOKEN).substring("Basic ".length());

    var run =
        checkout("with: {token: " + TOKEN + "}\n", "echo " + TOKEN + " " + sent + " is hidden\n");

    assertThat(run.lines).contains("*** *** is hidden");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../deep",
        "acme/library",
        "library.git",
        "'library?x'",
        "-x",
        "'http://example.org/x'",
        "projects/a/b"
      })
  void whatIsNoNameOfAProjectIsRefused(String name) throws Exception {
    assertThat(refusal("{repository: " + name + ", token: " + TOKEN + "}"))
        .contains("the input `repository` is no project of this server");
    assertThat(server.refused()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{filter: 'blob:none --upload-pack=x'} | the input `filter` is none of git's",
        "{submodules: all} | the input `submodules` must be true, recursive or false",
        "{set-safe-directory: maybe} | the input `set-safe-directory` must be true or false",
        "{github-server-url: 'https://github.com'} | can only be this server, http://127.0.0.1",
        "{ssh-key: x} | The input 'ssh-key' of actions/checkout is not supported",
        "{lfs: true} | The input 'lfs' of actions/checkout can only be false",
      })
  void whatItCannotDoIsRefused(String with, String why) throws Exception {
    assertThat(refusal(with)).contains(why);
  }

  @Test
  void whatIsSoInAnyCaseMayBeSaid() throws Exception {
    checkout(
        "with: {set-safe-directory: false, github-server-url: '%s/'}\n".formatted(server.origin()),
        "true\n");
  }

  @Test
  void aJobWithoutNetworkHasTagsSparseFilesAndOtherProjectsToo() throws Exception {
    var isolation = isolation();
    assumeTrue(isolation.bubblewrap(), isolation.reason());

    var run = new Jobs.Run(folder);
    var result =
        start(
            run,
            """
            with: {fetch-tags: true, filter: 'blob:none', sparse-checkout: a, show-progress: true}
            """,
            """
            echo tags $(git tag) commits $(git rev-list --count HEAD) files $(ls)
            git show HEAD:b/f
            - uses: actions/checkout@v4
              with: {repository: library, token: %s, path: other, fetch-depth: 0}
            - run: echo lib $(cat other/lib) $(git -C other rev-list --count HEAD)
            """
                .formatted(TOKEN),
            false);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("tags v1 v2 commits 1 files a file", "in b", "lib new 3");
  }

  @Test
  void aJobWithoutNetworkIsRefusedSubmodulesBeforeAnythingIsFetched() throws Exception {
    var isolation = isolation();
    assumeTrue(isolation.bubblewrap(), isolation.reason());
    var run = new Jobs.Run(folder);

    var result = start(run, "with: {submodules: true, repository: library}\n", "true\n", false);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("the input `submodules` can only be false with `FAIRWAY_NETWORK: none`");
    assertThat(server.refused()).isEmpty();
  }

  private static String submodule(Repository in, String path, String url) throws Exception {
    var name = url.substring(url.lastIndexOf('/') + 1);
    in.git("clone", "-q", in.folder().resolveSibling(name).toString(), path);
    in.git("config", "-f", ".gitmodules", "submodule." + path + ".path", path);
    in.git("config", "-f", ".gitmodules", "submodule." + path + ".url", url);
    return in.commit("with " + path);
  }

  private Jobs.Run checkout(String with, String script) throws Exception {
    var run = new Jobs.Run(folder);
    var result = start(run, with, script, true);
    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    return run;
  }

  /// Why a checkout with such inputs fails.
  private String refusal(String with) throws Exception {
    var result = start(new Jobs.Run(folder), "with: " + with + "\n", "true\n", true);
    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    return result.reason();
  }

  private JobResult start(Jobs.Run run, String with, String script, boolean network)
      throws Exception {
    var steps = "- uses: actions/checkout@v4\n" + with.indent(2) + Jobs.run(script);
    var github = Map.of("sha", sha, "ref", "refs/heads/main", "server_url", server.origin());
    var url = server.url("payments.git");
    var job = Jobs.of(steps, github, url, network);
    return run.start(
        job, folder, isolation(), new CheckoutSource.Remote(url, "job", job.jobToken()));
  }

  private Isolation isolation() throws Exception {
    return Isolation.probe(List.of(source.folder(), library.folder()));
  }
}
