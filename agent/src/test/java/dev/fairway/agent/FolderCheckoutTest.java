package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the inputs of `actions/checkout` do with a working folder, as a local run has it: taken as
/// it is, or as the copy that jobs with a user of their own are given.
final class FolderCheckoutTest {
  @TempDir Path folder;
  private Repository mine;

  /// Has the submodule `my lib`, which has the submodule `nested`; each has a changed, a new and an
  /// ignored file.
  @BeforeEach
  void make() throws Exception {
    var nested = Repository.at(folder.resolve("nested"));
    nested.write("deepest", "deep").commit("deep");
    var library = Repository.at(folder.resolve("library"));
    library.write("lib", "committed").write(".gitignore", "ignored").commit("lib");
    library.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", nested.folder().toString());
    library.commit("with nested");
    mine = Repository.at(folder.resolve("mine"));
    mine.write("a/f", "in a").write("b/f", "in b").write("top", "top").commit("one");
    mine.git(
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        library.folder().toString(),
        "my lib");
    mine.commit("with my lib");
    mine.git(
        "-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init", "--recursive");
    mine.write("my lib/lib", "changed").write("my lib/fresh", "new").write("my lib/ignored", "x");
    mine.write("b/f", "changed in b").write("b/fresh", "new in b").write("a/fresh", "new in a");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void submodulesAreTakenAsTheyAre(boolean copied) throws Exception {
    var run =
        checkout(
            copied,
            "{submodules: true}",
            """
            cd 'my lib'
            echo lib $(cat lib fresh) $(ls)
            echo nested $(ls -A nested | wc -l)
            echo commit $(git log -1 --format=%s)
            """);

    assertThat(run.lines)
        .contains("lib changed new fresh lib nested", "nested 0", "commit with nested");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void submodulesOfSubmodulesAreTakenWhenTheyAreAskedFor(boolean copied) throws Exception {
    var run = checkout(copied, "{submodules: recursive}", "cat 'my lib/nested/deepest'\n");

    assertThat(run.lines).contains("deep");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutTheInputTheFolderOfASubmoduleIsEmpty(boolean copied) throws Exception {
    var run = checkout(copied, "{}", "cat top; echo entries $(ls -A 'my lib' | wc -l)\n");

    assertThat(run.lines).contains("top", "entries 0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSubmoduleThatIsNotThereIsNamed(boolean copied) throws Exception {
    new Repository(mine.folder().resolve("my lib")).git("submodule", "deinit", "-f", "nested");
    checkout(copied, "{submodules: true}", "true\n");
    var run = new Jobs.Run(folder);

    var result = start(run, copied, "{submodules: recursive}", "true\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("Get it with `git submodule update --init --recursive`");
    assertThat(run.lines).contains("The submodule my lib/nested is not there");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSparseCheckoutLeavesOutChangedAndNewFilesToo(boolean copied) throws Exception {
    var run =
        checkout(
            copied,
            "{sparse-checkout: a}",
            """
            echo files $(find * -type f | sort)
            echo changed $(git status --porcelain)
            """);

    assertThat(run.lines).contains("files a/f a/fresh top", "changed ?? a/fresh");
  }

  @Test
  void aSparseCheckoutTakesPatternsToo() throws Exception {
    var run =
        checkout(
            false,
            "{sparse-checkout: 'f*', sparse-checkout-cone-mode: false, submodules: true}",
            "echo files $(find a b top -type f 2>/dev/null | sort); cat 'my lib/lib'\n");

    assertThat(run.lines).contains("files a/f a/fresh b/f b/fresh", "changed");
  }

  @Test
  void aSparseCheckoutOfAFolderWithoutCommitsIsRefused() throws Exception {
    var run = new Jobs.Run(folder);
    mine = new Repository(Files.createDirectory(folder.resolve("plain")));

    var result = start(run, false, "{sparse-checkout: a}", "true\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(run.log()).contains("a sparse checkout needs one");
  }

  @Test
  void aSecondCheckoutIntoTheSameFolderTakesThePlaceOfTheFirst() throws Exception {
    var run =
        checkout(
            false,
            "{sparse-checkout: a}",
            """
            echo first $(ls)
            - uses: actions/checkout@v4
              with: {path: ./}
            - run: |
                echo then $(ls)
                [ -e .git/.git ] || echo one history
            """);

    assertThat(run.lines).contains("first a my lib top", "then a b my lib top", "one history");
  }

  @Test
  void whatOnlySaysHowFilesTravelMayBeSaid() throws Exception {
    var run =
        checkout(
            false,
            "{token: t-0123456789, show-progress: true, filter: 'blob:none', fetch-tags: true,"
                + " set-safe-directory: true, repository: payments, fetch-depth: 0,"
                + " persist-credentials: true, ref: '${{ github.ref }}'}",
            "cat top\n");

    assertThat(run.lines).contains("top");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ref: v1} | the input `ref` names another state than the one that the folder has. Run the"
            + " workflow on a server",
        "{github-server-url: 'http://x'} | the input `github-server-url` has no meaning for a"
            + " folder",
        "{repository: library} | the input `repository` names another project than the folder",
      })
  void whatAFolderDoesNotHaveIsRefused(String with, String why) throws Exception {
    var result = start(new Jobs.Run(folder), false, with, "true\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains(why);
  }

  private Jobs.Run checkout(boolean copied, String with, String script) throws Exception {
    var run = new Jobs.Run(folder);
    var result = start(run, copied, with, script);
    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    return run;
  }

  private JobResult start(Jobs.Run run, boolean copied, String with, String script)
      throws Exception {
    var steps = "- uses: actions/checkout@v4\n  with: " + with + "\n" + Jobs.run(script);
    var job = Jobs.of(steps, Map.of("sha", Jobs.SHA, "ref", "refs/heads/main"), "", true);
    if (!copied) {
      return run.start(job, folder, Isolation.none(), new CheckoutSource.Folder(mine.folder()));
    }
    var copy = Files.createTempDirectory(folder, "copy").resolve("source");
    WorkingCopy.make(mine.folder(), copy);
    var machine = new OwnMachine(Optional.empty(), List.of());
    var isolation = Isolation.onOwnMachine(machine).showing(copy);
    return run.start(job, folder, isolation, new CheckoutSource.Prepared(copy));
  }
}
