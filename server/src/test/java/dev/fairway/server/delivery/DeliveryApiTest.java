package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.identity.User;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class DeliveryApiTest {
  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private DeliveryFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
  }

  @AfterEach
  void end() throws Exception {
    http.close();
    fixture.close();
  }

  private record Answer(int status, JsonNode body) {}

  private String token(User user, Set<Permission> scopes) {
    return fixture
        .database()
        .transaction(tx ->
            fixture
                .site
                .identity()
                .createToken(
                    tx,
                    user.id(),
                    "test",
                    scopes,
                    fixture.clock.instant().plus(Duration.ofHours(1)),
                    user.name()))
        .secret();
  }

  private String token(String name, Role... roles) {
    return token(
        fixture.site.person(name, roles),
        EnumSet.complementOf(EnumSet.of(Permission.RUN_JOBS, Permission.JOB_SERVICES)));
  }

  private Answer send(String token, String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(fixture.site.address() + path))
            .header("Authorization", "Bearer " + token)
            .method(method, BodyPublishers.ofString(body))
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    return new Answer(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }

  @Test
  void appliesWhatAnAdministratorSendsAndSaysWhatChanged() throws Exception {
    var root = token("root", Role.ADMINISTRATOR);
    var path = "/api/v1/apply?file=environments.yml";

    var created = send(root, "PUT", path, DeliveryFixture.STAGING).body();
    assertThat(created.at("/applied/0/name").asString()).isEqualTo("staging");
    assertThat(created.at("/applied/0/result").asString()).isEqualTo("created");
    var changed =
        send(root, "PUT", path, DeliveryFixture.STAGING.replace("order: 1", "order: 3")).body();
    assertThat(changed.at("/applied/0/changes/0/key").asString()).isEqualTo("order");
    assertThat(changed.at("/applied/0/changes/0/after").asInt()).isEqualTo(3);
    var listed = send(root, "GET", "/api/v1/environments", "").body();
    assertThat(listed.at("/items/0/definition/order").asInt()).isEqualTo(3);
    var shown = send(root, "GET", "/api/v1/environments/staging", "");
    assertThat(shown.body().at("/definition/order").asInt()).isEqualTo(3);
    assertThat(send(root, "GET", "/api/v1/environments/nowhere", "").status()).isEqualTo(404);
  }

  @Test
  void refusesAMistakeWithItsPlaceAndChangesNothing() throws Exception {
    var root = token("root", Role.ADMINISTRATOR);

    var refused =
        send(
            root,
            "PUT",
            "/api/v1/apply?file=e.yml",
            DeliveryFixture.STAGING
                + "---\n"
                + DeliveryFixture.PRODUCTION.replace("approvals", "aprovals"));

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.body().toString()).contains("e.yml:13:1: 'aprovals' is not supported here");
    assertThat(send(root, "GET", "/api/v1/environments", "").body().path("items")).isEmpty();
  }

  @Test
  void twoEnvironmentsCannotHaveOnePlace() throws Exception {
    var root = token("root", Role.ADMINISTRATOR);
    var refused =
        send(
            root,
            "PUT",
            "/api/v1/apply",
            DeliveryFixture.STAGING
                + "---\n"
                + DeliveryFixture.PRODUCTION.replace("order: 2", "order: 1"));

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.body().toString()).contains("both have the order 1");
  }

  @Test
  void onlyAnAdministratorApplies() throws Exception {
    var ada = token("ada", Role.DEVELOPER, Role.OPERATOR, Role.APPROVER);

    assertThat(send(ada, "PUT", "/api/v1/apply", DeliveryFixture.STAGING).status()).isEqualTo(403);
  }

  @Test
  void approvesWithATokenOfThatScopeOnly() throws Exception {
    fixture.started(DeliveryFixture.PRODUCTION);
    var mia = fixture.site.person("mia", Role.APPROVER);
    var release =
        (Release)
            fixture.till.record(
                fixture.till.run(
                    fixture.till.push("ada", TillProject.SERVICE, "x"),
                    Map.of("till", TillProject.till("well"))));
    var waiting = fixture.awaitState(release, "production", DeploymentState.WAITING_APPROVAL);
    var path = "/api/v1/deployments/" + waiting.id();
    var reader = token("rita", Role.VIEWER);
    assertThat(
            send(reader, "GET", "/api/v1/releases/till@1.1.0", "")
                .body()
                .at("/release/id")
                .asString())
        .isEqualTo(release.id().toString());
    assertThat(send(reader, "GET", "/api/v1/releases/till@9.9.9", "").status()).isEqualTo(404);

    var reads = token(mia, Set.of(Permission.RELEASE_READ));
    assertThat(send(reads, "POST", path + "/approve", "{}").status()).isEqualTo(403);
    var approves = token(mia, Set.of(Permission.DEPLOYMENT_APPROVE, Permission.RELEASE_READ));
    var approved = send(approves, "POST", path + "/approve", "{\"reason\":\"fine\"}");
    assertThat(approved.status()).isEqualTo(200);
    assertThat(approved.body().path("state").asString()).isEqualTo("queued");
    var shown = send(approves, "GET", path, "").body();
    assertThat(shown.at("/approvals/0/printedName").asString()).isEqualTo("Mia Example");
    assertThat(shown.at("/approvals/0/meaning").asString()).isEqualTo("approved for production");
    assertThat(send(approves, "POST", path + "/approve", "{}").status()).isEqualTo(409);
    fixture.awaitState(release, "production", DeploymentState.SUCCEEDED);
  }

  @Test
  void aRollbackNeedsSomethingToGoBackTo() throws Exception {
    fixture.apply(DeliveryFixture.STAGING);
    var olaf = token("olaf", Role.OPERATOR);

    var refused =
        send(
            olaf,
            "POST",
            "/api/v1/rollbacks",
            "{\"environment\":\"staging\",\"service\":\"till\",\"reason\":\"slow\"}");

    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.body().toString()).contains("till does not run in staging");
  }
}
