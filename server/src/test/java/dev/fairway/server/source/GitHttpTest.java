package dev.fairway.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GitHttpTest extends PushTest {
  private List<Change> changes() {
    return test.database().read(tx -> Changes.newest(tx, project.id(), 100));
  }

  private GitClient clone(String name) {
    GitClient.in(folder).run("clone", "--quiet", server.url("ada", "payments"), name);
    return new GitClient(folder.resolve(name));
  }

  @Test
  void clonesWhatWasPushed() throws IOException {
    var sha = work.commit("src/App.java", "class App {}\n");

    var said = work.run("push", "origin", "main");

    assertThat(said)
        .contains("Follow it: http://127.0.0.1:" + server.port() + "/projects/payments/commits/");
    var copy = clone("copy");
    assertThat(copy.run("rev-parse", "HEAD")).isEqualTo(sha);
    assertThat(copy.run("symbolic-ref", "HEAD")).isEqualTo("refs/heads/main");
    assertThat(Files.readString(copy.folder().resolve("src/App.java"))).isEqualTo("class App {}\n");
  }

  @Test
  void anEmptyProjectCanBeCloned() {
    assertThat(clone("copy").run("symbolic-ref", "HEAD")).isEqualTo("refs/heads/main");
  }

  @Test
  void fetchesWhatCameLater() {
    work.commit("a", "1");
    work.run("push", "origin", "main");
    var copy = clone("copy");
    var second = work.commit("a", "2");
    work.run("push", "origin", "main");

    copy.run("fetch", "origin");

    assertThat(copy.run("rev-parse", "origin/main")).isEqualTo(second);
  }

  @Test
  void fetchesOneCommitByItsShaWithoutItsHistory() {
    var first = work.commit("a", "1");
    work.commit("a", "2");
    work.run("push", "origin", "main");
    for (var protocol : List.of("0", "2")) {
      var job = GitClient.init(folder.resolve("job" + protocol));

      job.run(
          "-c",
          "protocol.version=" + protocol,
          "fetch",
          "--depth=1",
          server.url("job-" + project.id() + "-payments", "payments"),
          first);

      assertThat(job.run("rev-list", "FETCH_HEAD")).isEqualTo(first);
    }
  }

  @Test
  void aLongNegotiationArrivesCompressed() {
    work.commit("a", "0");
    work.run("push", "origin", "main");
    var copy = clone("copy");
    for (int i = 1; i <= 60; i++) {
      copy.run("commit", "--quiet", "--allow-empty", "--message", "Own " + i);
      copy.run("branch", "own-" + i);
    }
    var newest = work.commit("a", "1");
    work.run("push", "origin", "main");

    for (var protocol : List.of("0", "2")) {
      copy.run("-c", "protocol.version=" + protocol, "fetch", "origin");
      assertThat(copy.run("rev-parse", "origin/main")).isEqualTo(newest);
      copy.run("update-ref", "-d", "refs/remotes/origin/main");
    }
  }

  @Test
  void refusesAForcePushToTheDefaultBranch() {
    var first = work.commit("a", "1");
    work.run("push", "origin", "main");
    work.run("commit", "--quiet", "--amend", "--message", "Rewritten");

    var refused = work.attempt("push", "--force", "origin", "main");

    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.output()).contains("main is the default branch", "cannot be rewritten");
    assertThat(work.run("ls-remote", "origin", "refs/heads/main")).startsWith(first);
    assertThat(changes()).hasSize(1);
  }

  @Test
  void allowsAForcePushToAnotherBranchAndRecordsThatItWasOne() {
    work.commit("a", "1");
    work.run("push", "origin", "main:topic");
    work.run("commit", "--quiet", "--amend", "--message", "Rewritten");

    work.run("push", "--force", "origin", "main:topic");

    assertThat(changes()).extracting(Change::forced).containsExactly(true, false);
  }

  @Test
  void refusesToDeleteTheDefaultBranch() {
    work.commit("a", "1");
    work.run("push", "origin", "main", "main:topic");

    var refused = work.attempt("push", "origin", "--delete", "main");
    work.run("push", "origin", "--delete", "topic");

    assertThat(refused.output()).contains("cannot be deleted");
    assertThat(work.run("ls-remote", "origin")).contains("main").doesNotContain("topic");
    assertThat(changes().getFirst())
        .satisfies(deletion -> {
          assertThat(deletion.ref()).isEqualTo("refs/heads/topic");
          assertThat(deletion.after()).isNull();
        });
  }

  @Test
  void refusesRefsThatAreNeitherBranchesNorTags() {
    work.commit("a", "1");

    var refused = work.attempt("push", "origin", "main:refs/fairway/mine");

    assertThat(refused.output()).contains("only branches and tags can be pushed");
  }

  @Test
  void recordsATag() {
    var sha = work.commit("a", "1");
    work.run("tag", "--annotate", "v1", "--message", "One");

    work.run("push", "origin", "main", "v1");

    var tag = changes().stream().filter(Change::tag).findFirst().orElseThrow();
    assertThat(tag.branch()).isEqualTo("v1");
    assertThat(tag.commit()).isEqualTo(sha);
    assertThat(tag.after()).isEqualTo(work.run("rev-parse", "v1"));
    assertThat(tag.commitCount()).isZero();
  }

  @Test
  void takesALargePush() {
    var bytes = new byte[20 << 20];
    new Random(1).nextBytes(bytes);
    var sha = work.commit("large", bytes);

    work.run("push", "origin", "main");

    assertThat(clone("copy").run("rev-parse", "HEAD")).isEqualTo(sha);
  }

  @Test
  void refusesAPackBeyondTheLimitAndSaysSo() {
    var bytes = new byte[(int) SourceServer.MAX_PACK_BYTES + (1 << 20)];
    new Random(1).nextBytes(bytes);
    work.commit("large", bytes);

    var refused = work.attempt("push", "origin", "main");

    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.output()).contains("pack exceeds maximum allowed size");
    assertThat(changes()).isEmpty();
  }

  @Test
  void refusesAPushOfTooManyBranchesAndSaysSo() {
    work.commit("a", "1");
    var specs =
        IntStream.rangeClosed(0, SourceLimits.MAX_REF_UPDATES_PER_PUSH)
            .mapToObj(i -> "main:many-" + i)
            .toList();
    var command = new ArrayList<>(List.of("push", "origin"));
    command.addAll(specs);

    var refused = work.attempt(command.toArray(String[]::new));

    assertThat(refused.output()).contains("a push may move at most 200 branches and tags");
    assertThat(work.run("ls-remote", "origin")).isEmpty();
  }

  @Test
  void ofTwoPushesToOneBranchAtATimeOneWins() throws ExecutionException, InterruptedException {
    work.commit("a", "1");
    work.run("push", "origin", "main");
    var other = clone("other");
    work.commit("a", "2");
    other.commit("a", "3");

    var first = CompletableFuture.supplyAsync(() -> work.attempt("push", "origin", "main"));
    var second = CompletableFuture.supplyAsync(() -> other.attempt("push", "origin", "main"));

    assertThat(List.of(first.get().succeeded(), second.get().succeeded()))
        .containsExactlyInAnyOrder(true, false);
    assertThat(changes()).hasSize(2);
  }

  @Test
  void asksNobodyForCredentials() throws IOException, InterruptedException {
    work.commit("a", "1");

    var refused = work.attempt("push", server.anonymousUrl("payments"), "main");

    assertThat(refused.output()).contains("could not read Username");
    try (var client = HttpClient.newHttpClient()) {
      var uri = URI.create(server.anonymousUrl("payments") + "/info/refs?service=git-receive-pack");
      var response =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
          .startsWith("Basic ");
    }
  }

  @Test
  void refusesAWrongToken() {
    work.commit("a", "1");

    var refused =
        work.attempt("push", server.url("ada", "payments").replace(":secret@", ":wrong@"), "main");

    assertThat(refused.output()).contains("Authentication failed");
  }

  @Test
  void refusesAPushByWhoMayOnlyRead() {
    work.commit("a", "1");
    work.run("push", "origin", "main");

    var refused = work.attempt("push", server.url("mia", "payments"), "main:mine");
    GitClient.in(folder).run("clone", "--quiet", server.url("mia", "payments"), "copy");

    assertThat(refused.output()).contains("403");
  }

  @Test
  void aJobReadsTheSourceOfItsOwnProjectOnly() {
    work.commit("a", "1");
    work.run("push", "origin", "main");
    var other = server.projects().create("other", "", "", SourceServer.ada());

    var foreign =
        work.attempt("ls-remote", server.url("job-" + other.id() + "-ledger", "payments"));
    var own =
        work.attempt("ls-remote", server.url("job-" + project.id() + "-payments", "payments"));
    var push =
        work.attempt("push", server.url("job-" + project.id() + "-payments", "payments"), "main:x");

    assertThat(foreign.output()).contains("403");
    assertThat(own.succeeded()).isTrue();
    assertThat(push.output()).contains("403");
  }

  @Test
  void saysThatAProjectDoesNotExist() {
    for (var name : List.of("nothing", "..%2fpayments", "%2e%2e/payments", "payments.git/x")) {
      assertThat(work.attempt("ls-remote", server.url("ada", name)).succeeded()).isFalse();
    }
    assertThat(work.attempt("ls-remote", server.url("ada", "nothing")).output())
        .contains("not found");
  }
}
