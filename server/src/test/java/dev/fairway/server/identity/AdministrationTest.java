package dev.fairway.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.TickingClock;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AdministrationTest {
  private final TickingClock clock = new TickingClock(TestSite.NOON);
  private TestSite site;
  private Client client;

  @BeforeEach
  void start() {
    site = TestSite.start(clock);
    client = new Client(site);
  }

  @AfterEach
  void stop() {
    Schemas.requireLedgerToFit(site.database());
    site.close();
  }

  @Test
  void theSetupLinkMakesTheFirstAdministratorOnce() {
    var secret = setupSecret();
    assertThat(client.get("/setup?token=" + secret).statusCode()).isEqualTo(200);

    assertThat(setUp(client, secret, "ada").statusCode()).isEqualTo(303);

    assertThat(client.get("/administration", "Accept", "text/html").body()).contains("ada");
    assertThat(setUp(new Client(site), secret, "eve").statusCode()).isEqualTo(404);
    Optional<String> another = site.database().transaction(tx -> site.identity().setupSecret(tx));
    assertThat(another).isEmpty();
    assertThat(roleChanges()).singleElement().asString().contains("created", "administrator");
  }

  @Test
  void aSetupLinkThatEndedOrWasReplacedDoesNotWork() {
    var replaced = setupSecret();
    var ends = setupSecret();
    assertThat(client.get("/setup?token=" + replaced).statusCode()).isEqualTo(404);

    clock.tick(OneTimeLinks.SETUP_LIFE);

    assertThat(client.get("/setup?token=" + ends).statusCode()).isEqualTo(404);
    assertThat(client.get("/setup").statusCode()).isEqualTo(404);
  }

  @Test
  void aPasswordThatIsTooWeakLeavesTheSetupLinkUsable() {
    var secret = setupSecret();
    var weak =
        client.form(
            "/setup",
            "token",
            secret,
            "name",
            "ada",
            "full-name",
            "Ada L",
            "email",
            "a@b.example",
            "password",
            "aaaaaaaaaaaa",
            "password-again",
            "aaaaaaaaaaaa");

    assertThat(weak.statusCode()).isEqualTo(400);
    assertThat(setUp(client, secret, "ada").statusCode()).isEqualTo(303);
  }

  @Test
  void anInvitedPersonSetsAPasswordOnceAndComesIn() {
    site.person("ada", Role.ADMINISTRATOR);
    client.signIn("ada", TestSite.PASSWORD);

    var answer =
        client.form(
            "/administration/users",
            "csrf",
            client.csrf(),
            "name",
            "mia",
            "full-name",
            "Mia M",
            "email",
            "mia@example.org",
            "role",
            "approver");
    var link = java.util.regex.Pattern.compile("/invite\\?token=(fwl_[A-Za-z0-9_-]{43})");
    var found = link.matcher(answer.body());
    assertThat(found.find()).isTrue();
    var token = found.group(1);

    var mia = new Client(site);
    assertThat(mia.get("/invite?token=" + token).body()).contains("Welcome, Mia M");
    assertThat(accept(mia, token)).isEqualTo(303);
    assertThat(mia.get("/account", "Accept", "text/html").body()).contains("approver");
    assertThat(accept(new Client(site), token)).isEqualTo(404);
  }

  @Test
  void nobodyRemovesTheLastAdministrator() {
    var ada = site.person("ada", Role.ADMINISTRATOR);
    var identity = site.identity();

    assertThatThrownBy(() ->
            site.database().run(tx -> identity.setRoles(tx, ada.id(), Set.of(Role.VIEWER), "ada")))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    assertThatThrownBy(() -> site.database().run(tx -> identity.deactivate(tx, ada.id(), "ada")))
        .isInstanceOf(FairwayException.class);
    assertThat(site.database().read(tx -> identity.user(tx, ada.id())).orElseThrow().roles())
        .containsExactly(Role.ADMINISTRATOR);

    site.person("ben", Role.ADMINISTRATOR);
    site.database().run(tx -> identity.setRoles(tx, ada.id(), Set.of(Role.VIEWER), "ada"));
    assertThat(roleChanges()).anyMatch(it -> it.contains("\"event\": \"roles\""));
  }

  @Test
  void whoeverIsDeactivatedIsOutAtOnceAndStaysOutWithOldTokens() {
    site.person("root", Role.ADMINISTRATOR);
    var ada = site.person("ada", Role.DEVELOPER);
    client.signIn("ada", TestSite.PASSWORD);
    var token =
        site.database()
            .transaction(tx ->
                site.identity()
                    .createToken(
                        tx,
                        ada.id(),
                        "t",
                        Set.of(Permission.RUN_READ),
                        clock.instant().plus(Duration.ofDays(1)),
                        "ada"));

    site.database().run(tx -> site.identity().deactivate(tx, ada.id(), "root"));

    assertThat(client.get("/account").statusCode()).isEqualTo(401);
    assertThat(client.signIn("ada", TestSite.PASSWORD).statusCode()).isEqualTo(401);
    site.database().run(tx -> site.identity().activate(tx, ada.id(), "root"));
    assertThat(
            new Client(site)
                .get("/api/v1/whoami", "Authorization", "Bearer " + token.secret())
                .statusCode())
        .isEqualTo(401);
    assertThat(client.signIn("ada", TestSite.PASSWORD).statusCode()).isEqualTo(303);
  }

  @Test
  void whoIsNoAdministratorSeesNoAdministrationAndChangesNothing() {
    site.person("dev", Role.DEVELOPER);
    site.person("aud", Role.AUDITOR);
    client.signIn("dev", TestSite.PASSWORD);
    assertThat(client.get("/administration").statusCode()).isEqualTo(403);
    assertThat(client.get("/account", "Accept", "text/html").body())
        .doesNotContain("href=\"/administration\"");

    var auditor = new Client(site);
    auditor.signIn("aud", TestSite.PASSWORD);
    assertThat(auditor.get("/administration", "Accept", "text/html").body())
        .contains("dev@example.org")
        .doesNotContain("Add a person");
    assertThat(
            auditor
                .form("/administration/agents", "csrf", auditor.csrf(), "name", "x")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void theApiListsAndAddsPeopleAndRefusesUnknownRoles() {
    var root = site.person("root", Role.ADMINISTRATOR);
    var token =
        site.database()
            .transaction(tx ->
                site.identity()
                    .createToken(
                        tx,
                        root.id(),
                        "t",
                        Set.of(Permission.USER_READ, Permission.USER_WRITE),
                        clock.instant().plus(Duration.ofDays(1)),
                        "root"));
    var bearer = "Bearer " + token.secret();
    var mia =
        """
        {"name": "mia", "fullName": "Mia M", "email": "mia@example.org", "roles": ["ROLE"]}\
        """;

    var wrong = client.json("POST", "/api/v1/users", mia, "Authorization", bearer);
    var right =
        client.json(
            "POST", "/api/v1/users", mia.replace("ROLE", "approver"), "Authorization", bearer);
    var again =
        client.json(
            "POST", "/api/v1/users", mia.replace("ROLE", "approver"), "Authorization", bearer);

    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(right.statusCode()).isEqualTo(201);
    assertThat(Client.tree(right).path("invitation").asString()).contains("/invite?token=fwl_");
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(client.get("/api/v1/users", "Authorization", bearer).body()).contains("mia");
  }

  @Test
  void aPersonConfirmsWithThePassword() {
    var ada = site.person("ada", Role.APPROVER);
    var caller =
        new dev.fairway.server.http.Caller(
            dev.fairway.server.http.Caller.Kind.PERSON, ada.id(), "ada", ada.roles(), Set.of(), "");

    site.identity().confirmPassword(caller, TestSite.PASSWORD, "127.0.0.1");

    assertThatThrownBy(() -> site.identity().confirmPassword(caller, "other", "127.0.0.1"))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
  }

  private String setupSecret() {
    return site.database().transaction(tx -> site.identity().setupSecret(tx)).orElseThrow();
  }

  private static java.net.http.HttpResponse<String> setUp(
      Client client, String secret, String name) {
    return client.form(
        "/setup",
        "token",
        secret,
        "name",
        name,
        "full-name",
        "Somebody",
        "email",
        name + "@example.org",
        "password",
        TestSite.PASSWORD,
        "password-again",
        TestSite.PASSWORD);
  }

  private static int accept(Client client, String token) {
    return client
        .form(
            "/invite",
            "token",
            token,
            "password",
            TestSite.PASSWORD,
            "password-again",
            TestSite.PASSWORD)
        .statusCode();
  }

  private List<String> roleChanges() {
    return site.database()
        .read(tx ->
            tx.createQuery("SELECT predicate::text FROM ledger_entry WHERE type LIKE '%/role/v1'")
                .mapTo(String.class)
                .list());
  }
}
