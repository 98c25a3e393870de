package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.db.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SourcePagesTest {
  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private TestDatabase test;
  private SourceServer server;

  @BeforeEach
  void start() {
    test = TestDatabase.create();
    server = SourceServer.start(test.database(), folder.resolve("data"));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    test.close();
  }

  private HttpRequest.Builder request(String user, String path) {
    var credentials = Base64.getEncoder().encodeToString((user + ":secret").getBytes(UTF_8));
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .header("Authorization", "Basic " + credentials)
        .header("Accept", "text/html");
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String user, String path)
      throws IOException, InterruptedException {
    return send(request(user, path));
  }

  private HttpResponse<String> post(String user, String path, String type, String body)
      throws IOException, InterruptedException {
    return send(
        request(user, path)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private String push() {
    server.projects().create("payments", "Takes money", "", SourceServer.ada());
    var work = GitClient.init(folder.resolve("work"));
    var sha = work.commit("src/<script>.txt", "1\n2\n");
    work.run("push", server.url("ada", "payments"), "main");
    return sha;
  }

  @Test
  void anEmptyListTeachesHowToBegin() throws Exception {
    assertThat(get("ada", "/projects").body())
        .contains("No projects yet", "fairway projects create payments", "New project");
    assertThat(get("mia", "/projects").body()).doesNotContain("New project");
    assertThat(get("mia", "/changes").body()).contains("No changes yet");
  }

  @Test
  void aNewProjectTeachesTheFirstPush() throws Exception {
    var form = "application/x-www-form-urlencoded";
    var created = post("ada", "/projects", form, "name=payments&description=Takes+money");

    assertThat(created.statusCode()).isEqualTo(303);
    assertThat(created.headers().firstValue("Location")).contains("/projects/payments");
    assertThat(get("ada", "/projects/payments").body())
        .contains(
            "Takes money",
            "git remote add fairway http://ada@127.0.0.1:" + server.port() + "/git/payments.git",
            "git push fairway main");
    assertThat(post("ada", "/projects", form, "name=payments").body())
        .contains("A project named 'payments' exists");
    assertThat(post("ada", "/projects", form, "name=../x").statusCode()).isEqualTo(400);
    assertThat(post("mia", "/projects", form, "name=other").statusCode()).isEqualTo(403);
  }

  @Test
  void everyPageOfAChangeShowsIt() throws Exception {
    var sha = push();

    assertThat(get("mia", "/projects").body()).contains("Change src/&lt;script&gt;.txt");
    assertThat(get("mia", "/projects/payments").body()).contains(sha.substring(0, 7));
    assertThat(get("mia", "/changes?project=payments").body()).contains("Commit: ");
    assertThat(get("mia", "/projects/payments/commits/" + sha).body())
        .contains("src/&lt;script&gt;.txt", "+2", "Because.", "ada@example.com", "pushed");
    assertThat(get("mia", "/projects/payments/commits/" + sha.substring(0, 8)).statusCode())
        .isEqualTo(303);
  }

  @Test
  void saysWhatDoesNotExist() throws Exception {
    push();

    assertThat(get("mia", "/projects/none").statusCode()).isEqualTo(404);
    assertThat(get("mia", "/projects/payments/commits/main").statusCode()).isEqualTo(404);
    assertThat(get("mia", "/projects/payments/commits/" + "1".repeat(40)).statusCode())
        .isEqualTo(404);
    assertThat(get("mia", "/changes?cursor=x").statusCode()).isEqualTo(400);
  }

  @Test
  void theApiCreatesListsAndShowsProjectsAndTheirChanges() throws Exception {
    var created = post("ada", "/api/v1/projects", "application/json", "{\"name\": \"orders\"}");
    var sha = push();

    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.body()).contains("\"name\":\"orders\"", "\"defaultBranch\":\"main\"");
    assertThat(get("mia", "/api/v1/projects").body()).contains("orders", "payments");
    assertThat(get("mia", "/api/v1/projects/payments").body())
        .contains("/git/payments.git", "\"createdBy\":\"ada\"");
    assertThat(get("mia", "/api/v1/projects/payments/changes").body())
        .contains(sha, "\"pusher\":\"ada\"");
  }
}
