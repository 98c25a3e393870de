package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that would keep an agent waiting, or reading, for ever: pipes that nobody writes to, holes
/// of many terabytes, names that a pattern could match in countless ways. Each would cost the agent
/// one of its places for jobs.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WaitingFilesTest {
  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  @Test
  void aPipeIsNoFileOfProblemMatchers() throws Exception {
    var result = prison.job("- run: mkfifo pipe; echo '::add-matcher::pipe'\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("pipe` is not a file");
    prison.nextJobRuns();
  }

  @Test
  void aPipeIsNoAction() throws Exception {
    var result = prison.job("- run: mkdir mine && mkfifo mine/action.yml\n- uses: ./mine\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("action.yml` is not a file");
    prison.nextJobRuns();
  }

  @Test
  void aPipeIsNoArtifactAndHasNoHash() throws Exception {
    for (var step :
        new String[] {
          "- uses: actions/upload-artifact@v4\n  with: {path: pipe}\n",
          "- run: echo ${{ hashFiles('pipe') }}\n"
        }) {
      var result = prison.job("- run: mkfifo pipe\n" + step);

      assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
      assertThat(result.reason()).contains("neither a file nor a folder");
    }
    prison.nextJobRuns();
  }

  @Test
  void whoSwapsAFileForAPipeKeepsNobodyWaiting() throws Exception {
    var file = Files.writeString(folder.resolve("file"), "content");
    var plain = Files.writeString(folder.resolve("plain"), "content");
    assertThat(new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start().waitFor())
        .isZero();
    var enough = new AtomicBoolean();
    var swapping =
        Thread.ofPlatform()
            .start(() -> {
              while (!enough.get()) {
                replace(file, folder.resolve("pipe"));
                replace(file, plain);
              }
            });
    var refused = 0;
    for (var round = 0; round < 300 && refused < 100; round++) {
      try (var in = new JobFile(folder, file.getFileName()).open()) {
        assertThat(in.readAllBytes()).asString().isEqualTo("content");
      } catch (FairwayException e) {
        assertThat(e).hasMessageContaining("is not a file");
        refused++;
      }
    }
    enough.set(true);
    swapping.join();
  }

  /// Both names are always there.
  private static void replace(Path file, Path by) {
    try {
      var link = file.resolveSibling("link");
      Files.createLink(link, by);
      Files.move(link, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(link);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFileThatIsAlmostAllHoleIsNotHashed() throws Exception {
    var result = prison.job("- run: truncate -s 8T hole\n- run: echo ${{ hashFiles('hole') }}\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("hashFiles would read more than " + WorkspaceHasher.MAX_BYTES + " bytes");
    prison.nextJobRuns();
  }

  @Test
  void aPatternThatCouldMatchInCountlessWaysIsMatchedAtOnce() throws Exception {
    var stars = "*a".repeat(30) + "*b";
    var folders = "**/".repeat(20) + "b";
    var result =
        prison.job(
            """
            - run: |
                deep=$(printf 'a/%%.0s' $(seq 40)); mkdir -p "$deep" && touch "$deep/c"
                touch "$(printf 'a%%.0s' $(seq 200))"
            - run: echo "none ${{ hashFiles('%s', '%s') }}"
            - uses: actions/upload-artifact@v4
              with: {name: one, path: c.txt}
            - uses: actions/download-artifact@v4
              with: {pattern: '%s'}
            """
                .formatted(stars, folders, stars));

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines).contains("none ");
  }

  @Test
  void aPatternThatIsNoneFailsTheStepAndNothingElse() throws Exception {
    var result = prison.job("- uses: actions/upload-artifact@v4\n  with: {path: 'a[z-a]b'}\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("range `z-a`");
    prison.nextJobRuns();
  }

  @Test
  void aPathThatIsNoneFailsTheStepAndNothingElse() throws Exception {
    var result =
        prison.job(
            """
            - uses: actions/upload-artifact@v4
              with: {path: "${{ fromJSON('\\"a\\\\u0000b\\"') }}"}
            """);

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("A path cannot be used");
    prison.nextJobRuns();
  }

  @Test
  void whatOnlyLooksLikeAPatternMatchesItself() {
    var workspace = Path.of("/w");
    assertThat(Glob.parse("a[!b-d]?/**/x*z", workspace).matches(Path.of("/w/aef/1/2/xyz")))
        .isTrue();
    assertThat(Glob.parse("a[!b-d]?/**/x*z", workspace).matches(Path.of("/w/aef/xz/in/it")))
        .isTrue();
    assertThat(Glob.parse("a[!b-d]?/**/x*z", workspace).matches(Path.of("/w/acf/xz"))).isFalse();
    assertThat(Glob.parse("a.b", workspace).matches(Path.of("/w/axb"))).isFalse();
    assertThat(Glob.parse("[a", workspace).matches(Path.of("/w/[a"))).isTrue();
    assertThatThrownBy(() -> Glob.parse("[9-0]", workspace)).isInstanceOf(FairwayException.class);
    assertThat(Wildcard.of("[a]?*", false).matches("[a]x")).isTrue();
    assertThat(Wildcard.of("?", false).matches("\uD83D\uDE80")).isTrue();
  }
}
