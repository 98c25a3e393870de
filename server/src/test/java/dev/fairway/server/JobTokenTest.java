package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.db.Ids;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What the token of a running job opens, through the whole server.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JobTokenTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private RunningServer server;
  private int tokens;

  @BeforeAll
  void start(@TempDir Path folder) {
    server = RunningServer.start(folder);
    var ada = server.ada();
    ada.post("/api/v1/projects", 201, "{\"name\":\"payments\"}");
    ada.post("/api/v1/projects", 201, "{\"name\":\"ledger\"}");
  }

  @AfterAll
  void close() {
    server.close();
  }

  @Test
  void readsItsSourceAndNothingMoreByDefault() throws Exception {
    var token = job("{\"contents\":\"read\",\"packages\":\"read\"}");

    assertThat(git(token, "payments", "git-upload-pack")).isEqualTo(200);
    assertThat(git(token, "payments", "git-receive-pack")).isEqualTo(403);
    assertThat(git(token, "ledger", "git-upload-pack")).isEqualTo(403);
    assertThat(get(token, "/api/v1/projects/payments")).isEqualTo(200);
    assertThat(get(token, "/api/v1/projects/payments/runs")).isEqualTo(403);
    assertThat(post(token, "/api/v1/projects/payments/runs/1/cancel")).isEqualTo(403);
  }

  @Test
  void readsNoSourceWithoutPermissions() throws Exception {
    var token = job("{}");

    assertThat(git(token, "payments", "git-upload-pack")).isEqualTo(403);
    assertThat(get(token, "/api/v1/projects/payments")).isEqualTo(403);
    assertThat(get(token, "/api/v1/whoami")).isEqualTo(200);
  }

  @Test
  void pushesWhereItMayWriteContents() throws Exception {
    var token = job("{\"contents\":\"write\"}");

    assertThat(git(token, "payments", "git-receive-pack")).isEqualTo(200);
    assertThat(git(token, "ledger", "git-receive-pack")).isEqualTo(403);
  }

  @Test
  void seesAndCancelsRunsAsItsActionsSay() throws Exception {
    var reader = job("{\"actions\":\"read\"}");
    assertThat(get(reader, "/api/v1/projects/payments/runs")).isEqualTo(200);
    assertThat(post(reader, "/api/v1/projects/payments/runs/99/cancel")).isEqualTo(403);
    assertThat(git(reader, "payments", "git-upload-pack")).isEqualTo(403);

    var writer = job("{\"actions\":\"write\"}");
    assertThat(post(writer, "/api/v1/projects/payments/runs/99/cancel")).isEqualTo(404);
  }

  @Test
  void reachesNothingOutsideOfItsProjectWhateverItMayDoInIt() throws Exception {
    var token =
        job(
            "{\"contents\":\"write\",\"actions\":\"write\",\"deployments\":\"write\","
                + "\"packages\":\"write\",\"id-token\":\"write\"}");

    assertThat(get(token, "/api/v1/projects/ledger")).isEqualTo(403);
    assertThat(get(token, "/api/v1/projects/ledger/runs")).isEqualTo(403);
    for (var path :
        new String[] {
          "/api/v1/runs",
          "/api/v1/projects",
          "/api/v1/releases",
          "/api/v1/environments",
          "/api/v1/evidence",
          "/api/v1/users",
          "/api/v1/agents",
          "/projects/payments/runs"
        }) {
      assertThat(get(token, path)).as(path).isEqualTo(403);
    }
    assertThat(put(token, "/api/v1/secrets/X")).isEqualTo(403);
    assertThat(post(token, "/api/v1/deployments")).isEqualTo(403);
  }

  /// A job that runs, with those levels by scope.
  private String job(String permissions) throws Exception {
    var secret = "fwj_test" + tokens++;
    var project = project("payments");
    var run = Ids.next();
    var now = OffsetDateTime.now(ZoneOffset.UTC);
    var hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    server
        .database()
        .run(tx -> {
          tx.createUpdate(
                  """
                  INSERT INTO run (id, project_id, project, number, attempt, workflow_path,
                                   workflow_name, workflow_text, title, event, ref, commit_sha,
                                   actor, contexts, phase, created_at)
                  VALUES (:id, :project, 'payments', :number, 1, 'a.yml', 'a', '', '', 'push',
                          'refs/heads/main', :sha, 'ada', '{}', 'running', :now)
                  """)
              .bind("id", run)
              .bind("project", project)
              .bind("number", tokens)
              .bind("sha", "0".repeat(40))
              .bind("now", now)
              .execute();
          tx.createUpdate(
                  """
                  INSERT INTO job (id, run_id, project_id, job_key, matrix_index, attempt, current,
                                   position, name, needs, phase, token_hash, lease_until,
                                   timeout_seconds, heartbeat_at, started_at, permissions,
                                   created_at)
                  VALUES (:id, :run, :project, 'a', 0, 1, true, 0, 'a', '{}', 'running', :hash,
                          :until, 3600, :now, :now, CAST(:permissions AS json), :now)
                  """)
              .bind("id", Ids.next())
              .bind("run", run)
              .bind("project", project)
              .bind("hash", hash)
              .bind("until", now.plusHours(1))
              .bind("now", now)
              .bind("permissions", permissions)
              .execute();
        });
    return secret;
  }

  private UUID project(String name) {
    return server
        .database()
        .read(tx ->
            tx.createQuery("SELECT id FROM project WHERE name = :name")
                .bind("name", name)
                .mapTo(UUID.class)
                .one());
  }

  private int git(String token, String project, String service) throws Exception {
    var credentials =
        Base64.getEncoder().encodeToString(("job:" + token).getBytes(StandardCharsets.UTF_8));
    return send(
        HttpRequest.newBuilder(at("/git/" + project + ".git/info/refs?service=" + service))
            .header("Authorization", "Basic " + credentials));
  }

  private int get(String token, String path) throws Exception {
    return send(bearer(token, path));
  }

  private int post(String token, String path) throws Exception {
    return send(
        bearer(token, path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{}")));
  }

  private int put(String token, String path) throws Exception {
    return send(
        bearer(token, path)
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString("{\"value\":\"x\"}")));
  }

  private HttpRequest.Builder bearer(String token, String path) {
    return HttpRequest.newBuilder(at(path)).header("Authorization", "Bearer " + token);
  }

  private URI at(String path) {
    return server.url().resolve(path);
  }

  private static int send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
