package dev.fairway.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PushRecordTest extends PushTest {
  @AfterEach
  void holdEvidenceToItsSchema() {
    Schemas.requireLedgerToFit(test.database());
  }

  private List<PushPredicate> evidence() {
    return test.database()
        .read(tx ->
            tx.createQuery("SELECT predicate FROM ledger_entry WHERE type = :type ORDER BY id")
                .bind("type", PredicateType.PUSH.uri())
                .mapTo(String.class)
                .map(text -> Json.MAPPER.readValue(text, PushPredicate.class))
                .list());
  }

  @Test
  void evidenceSaysWhoPushedWhatByWhom() {
    var first = work.commit("a", "1");
    var second = work.commit("a", "2");

    work.run("push", "origin", "main");

    assertThat(evidence())
        .singleElement()
        .satisfies(push -> {
          assertThat(push.projectName()).isEqualTo("payments");
          assertThat(push.pusher()).isEqualTo(new PushPredicate.Pusher(SourceServer.ADA, "ada"));
          assertThat(push.ref()).isEqualTo("refs/heads/main");
          assertThat(push.before()).isNull();
          assertThat(push.commit()).isEqualTo(second);
          assertThat(push.defaultBranch()).isTrue();
          assertThat(push.forced()).isFalse();
          assertThat(push.recovered()).isFalse();
          assertThat(push.commitCount()).isEqualTo(2);
          assertThat(push.commits())
              .extracting(PushPredicate.Commit::sha)
              .containsExactly(second, first);
          assertThat(push.commits().getFirst().author().name()).isEqualTo("Ada Author");
          assertThat(push.commits().getFirst().committer().email()).isEqualTo("carl@example.com");
        });
  }

  @Test
  void aCommitKeepsItsFirstPushWhenItReachesAnotherBranch() {
    var sha = work.commit("a", "1");
    work.run("push", "origin", "main:topic");
    var first = firstPush(sha);

    work.run("push", "origin", "main");

    assertThat(firstPush(sha)).isEqualTo(first);
    assertThat(first.pusher()).isEqualTo("ada");
  }

  @Test
  void onePushOfTwoBranchesIsTwoChanges() {
    work.commit("a", "1");

    work.run("push", "origin", "main", "main:topic");

    assertThat(evidence())
        .extracting(PushPredicate::ref)
        .containsExactlyInAnyOrder("refs/heads/main", "refs/heads/topic");
    assertThat(evidence()).extracting(PushPredicate::push).doesNotContainNull();
  }

  @Test
  void evidenceCountsAllCommitsAndListsTheNewestOnes() {
    for (int i = 0; i < SourceLimits.MAX_COMMITS_IN_EVIDENCE + 5; i++) {
      work.run("commit", "--quiet", "--allow-empty", "--message", "Number " + i);
    }

    work.run("push", "origin", "main");

    assertThat(evidence().getFirst().commitCount())
        .isEqualTo(SourceLimits.MAX_COMMITS_IN_EVIDENCE + 5);
    assertThat(evidence().getFirst().commits()).hasSize(SourceLimits.MAX_COMMITS_IN_EVIDENCE);
  }

  @Test
  void whatMovedARefWithoutAPushIsRecordedAsUnknown() {
    var sha = work.commit("a", "1");
    work.run("push", "origin", "main");
    var repository = folder.resolve("data/repositories/" + project.id() + ".git");
    GitClient.in(repository).run("update-ref", "refs/heads/smuggled", sha);
    work.commit("a", "2");

    work.run("push", "origin", "main");

    assertThat(evidence())
        .filteredOn(push -> push.ref().equals("refs/heads/smuggled"))
        .singleElement()
        .satisfies(push -> {
          assertThat(push.push()).isNull();
          assertThat(push.pusher().name()).isEqualTo("unknown");
        });
  }

  @Test
  void ofTwoPushesThatAskForTheSameTheOneThatGitTookIsNamed() throws IOException {
    var sha = work.commit("a", "1");
    work.run("push", "origin", "main");
    var data = folder.resolve("data");
    var repositories = new Repositories(new Git(data.resolve("git-home")), data);
    var clock = InstantSource.system();
    var recorder =
        new PushRecorder(
            test.database(), new Evidence(clock), clock, repositories, UUID.randomUUID(), _ -> {});
    var command = new PushCommands.Command(PushCommands.ZERO, sha, "refs/heads/topic");
    var same = new PushCommands(List.of(command), new byte[0], false, false);
    var lost = recorder.open(project, SourceServer.ada(), same);
    var won = recorder.open(project, SourceServer.mia(), same);
    // What git and its hook do for the one that gets the lock.
    Files.writeString(
        repositories.journalFile(won),
        "prepared " + PushCommands.ZERO + " " + sha + " refs/heads/topic\n");
    var repository = folder.resolve("data/repositories/" + project.id() + ".git");
    GitClient.in(repository).run("update-ref", "refs/heads/topic", sha);

    work.run("push", "origin", "main:third");
    recorder.finish(project, lost);
    recorder.finish(project, won);

    assertThat(evidence())
        .filteredOn(push -> push.ref().equals("refs/heads/topic"))
        .singleElement()
        .satisfies(push -> assertThat(push.pusher().name()).isEqualTo("mia"));
  }

  @Test
  void aPushThatCannotBeWrittenDownMovesNothing() throws IOException {
    work.commit("a", "1");
    Files.delete(folder.resolve("data/git-journals"));

    assertThat(work.attempt("push", "origin", "main").succeeded()).isFalse();

    Files.createDirectory(folder.resolve("data/git-journals"));
    assertThat(work.run("ls-remote", "origin")).isEmpty();
    assertThat(evidence()).isEmpty();
    work.run("push", "origin", "main");
    assertThat(evidence()).hasSize(1);
  }

  @Test
  void nothingIsLeftOfAPushThatIsRecorded() throws IOException {
    work.commit("a", "1");
    work.run("push", "origin", "main", "main:topic");
    work.run("push", "origin", ":topic");

    assertThat(evidence()).hasSize(3);
    try (var journals = Files.list(folder.resolve("data/git-journals"))) {
      assertThat(journals).isEmpty();
    }
  }

  private Changes.FirstPush firstPush(String sha) {
    return test.database().read(tx -> Changes.firstPush(tx, project.id(), sha)).orElseThrow();
  }
}
