package dev.fairway.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RepositoryTest {
  @TempDir Path folder;

  private GitClient work;
  private Repository repository;

  @BeforeEach
  void open() {
    work = GitClient.init(folder.resolve("work"));
    repository = new Repository(new Git(folder.resolve("home")), folder.resolve("work/.git"));
  }

  @Test
  void readsFilesAsTheyWereAtACommit() {
    var first = work.commit(".github/workflows/ci.yml", "name: one\n");
    var second = work.commit(".github/workflows/ci.yml", "name: zwö\n");
    work.commit("src/a b.txt", "x");

    assertThat(repository.text(first, ".github/workflows/ci.yml")).contains("name: one\n");
    assertThat(repository.text(second, ".github/workflows/ci.yml")).contains("name: zwö\n");
    assertThat(repository.text(first, "nothing.yml")).isEmpty();
    assertThat(repository.text(first, ".github")).isEmpty();
    assertThat(repository.files(second, ".github/workflows"))
        .containsExactly(".github/workflows/ci.yml");
    assertThat(repository.files(work.run("rev-parse", "HEAD"), ""))
        .containsExactly(".github/workflows/ci.yml", "src/a b.txt");
    assertThat(repository.files(second, "none")).isEmpty();
  }

  @Test
  void tellsWhatChangedBetweenTwoCommits() {
    var first = work.commit("a", "1\n2\n");
    work.commit("b", "new\n");
    var last = work.commit("a", "1\n3\n4\n");

    var changes = repository.changes(first, last);

    assertThat(changes.files())
        .containsExactly(new FileChange("a", 2, 1), new FileChange("b", 1, 0));
    assertThat(changes.insertions()).isEqualTo(3);
    assertThat(changes.deletions()).isEqualTo(1);
    assertThat(repository.changes(null, first).paths()).containsExactly("a");
  }

  @Test
  void listsTheCommitsBetweenTwoWithTheirAuthors() {
    var first = work.commit("a", "1");
    var second = work.commit("a", "2");
    var third = work.commit("a", "3");

    var commits = repository.commits(first, third);

    assertThat(commits).extracting(CommitRecord::sha).containsExactly(third, second);
    assertThat(commits.getFirst())
        .satisfies(commit -> {
          assertThat(commit.author().name()).isEqualTo("Ada Author");
          assertThat(commit.author().email()).isEqualTo("ada@example.com");
          assertThat(commit.committer().name()).isEqualTo("Carl Committer");
          assertThat(commit.parents()).containsExactly(second);
          assertThat(commit.title()).isEqualTo("Change a");
          assertThat(commit.message()).isEqualTo("Change a\n\nBecause.");
        });
    assertThat(repository.commits(null, third)).hasSize(3);
    assertThat(repository.commit(second)).map(CommitRecord::sha).contains(second);
    assertThat(repository.isAncestor(first, third)).isTrue();
    assertThat(repository.isAncestor(third, first)).isFalse();
  }

  @Test
  void findsTheCommitOfABranch() {
    var sha = work.commit("a", "1");

    assertThat(repository.commitOf("refs/heads/main")).contains(sha);
    assertThat(repository.commitOf("refs/heads/none")).isEmpty();
    assertThat(repository.commitOf("--all")).isEmpty();
  }

  @Test
  void takesNothingFromOutsideForAnOption() {
    var sha = work.commit("a", "1");

    for (var bad : List.of("--output=/tmp/x", "HEAD", "", sha + "\n" + sha)) {
      assertThatThrownBy(() -> repository.text(bad, "a"))
          .isInstanceOfSatisfying(
              FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
    assertThat(repository.text(sha, "../../etc/passwd")).isEmpty();
    assertThat(repository.files(sha, "--help")).isEmpty();
  }

  @Test
  void refusesAFileBeyondTheLimit() {
    var sha = work.commit("large", "x".repeat(SourceLimits.MAX_FILE_BYTES + 1));

    assertThatThrownBy(() -> repository.text(sha, "large"))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  @Test
  void aCommitThatDoesNotExistIsNotFound() {
    work.commit("a", "1");

    assertThat(repository.commit("0".repeat(39) + "1")).isEmpty();
  }
}
