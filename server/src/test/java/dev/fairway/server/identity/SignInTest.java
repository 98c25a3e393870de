package dev.fairway.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.TickingClock;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SignInTest {
  private final TickingClock clock = new TickingClock(TestSite.NOON);
  private TestSite site;
  private Client client;

  @BeforeEach
  void start() {
    site = TestSite.start(clock);
    client = new Client(site);
    site.person("ada", Role.DEVELOPER);
  }

  @AfterEach
  void stop() {
    Schemas.requireLedgerToFit(site.database());
    site.close();
  }

  @Test
  void aPersonComesInWithNameAndPasswordAndGoesOut() {
    assertThat(client.get("/account", "Accept", "text/html").statusCode()).isEqualTo(303);

    var answer = client.signIn("ada", TestSite.PASSWORD);

    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location")).hasValue("/account");
    assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
        .contains("HttpOnly", "SameSite=Lax");
    assertThat(client.get("/account", "Accept", "text/html").statusCode()).isEqualTo(200);

    var secret = client.sessionCookie();
    client.form("/sign-out", "csrf", client.csrf());
    assertThat(
            client
                .get("/account", "Cookie", RequestAuthenticator.COOKIE + "=" + secret)
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void theDatabaseHoldsNoSecret() {
    client.signIn("ada", TestSite.PASSWORD);
    var secret = client.sessionCookie();
    var held =
        site.database()
            .read(tx ->
                tx.createQuery(
                        """
                        SELECT encode(token_hash, 'escape') FROM user_session
                        UNION ALL SELECT password_hash FROM app_user
                        UNION ALL SELECT predicate::text FROM ledger_entry
                        """)
                    .mapTo(String.class)
                    .list());

    assertThat(held).hasSizeGreaterThan(2);
    assertThat(String.join("\n", held)).doesNotContain(secret, TestSite.PASSWORD);
    assertThat(held).anyMatch(hash -> hash.startsWith("$argon2id$v=19$"));
  }

  @Test
  void aWrongPasswordAndAnUnknownNameGetTheSameAnswer() {
    var wrong = client.signIn("ada", "not the password");
    var unknown = client.signIn("eve", "not the password");

    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(unknown.statusCode()).isEqualTo(401);
    assertThat(wrong.body().replace("ada", "NAME").replaceAll("\\d{13}", ""))
        .isEqualTo(unknown.body().replace("eve", "NAME").replaceAll("\\d{13}", ""));
    assertThat(predicates("sign-in"))
        .anyMatch(it -> it.contains("\"user\": \"ada\"") && it.contains("failure"))
        .anyMatch(it -> it.contains("unknown name"))
        .noneMatch(it -> it.contains("eve"));
  }

  @Test
  void guessingIsSlowedDownPerAccountAndTheAnswerSaysForHowLong() {
    for (int i = 0; i < AttemptLimit.ATTEMPTS_PER_ACCOUNT; i++) {
      assertThat(client.signIn("ada", "guess number " + i).statusCode()).isEqualTo(401);
    }
    var refused = client.signIn("ada", TestSite.PASSWORD);

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After"))
        .hasValue(String.valueOf(AttemptLimit.WINDOW.toSeconds()));

    clock.tick(AttemptLimit.WINDOW);
    assertThat(client.signIn("ada", TestSite.PASSWORD).statusCode()).isEqualTo(303);
  }

  @Test
  void guessingIsSlowedDownPerAddressWhateverTheName() {
    site.database()
        .run(tx -> {
          var limit = new AttemptLimit(clock);
          for (int i = 0; i < AttemptLimit.ATTEMPTS_PER_ADDRESS; i++) {
            limit.begin(tx, "name" + i, "127.0.0.1");
          }
        });

    assertThat(client.signIn("ada", TestSite.PASSWORD).statusCode()).isEqualTo(429);
  }

  @Test
  void addressesOfOneIpv6NetworkCountAsOne() {
    assertThat(AttemptLimit.place("2001:db8:1:2::7"))
        .isEqualTo(AttemptLimit.place("2001:db8:1:2:ffff::1"))
        .isNotEqualTo(AttemptLimit.place("2001:db8:1:3::7"));
    assertThat(AttemptLimit.place("203.0.113.9")).isEqualTo("203.0.113.9");
  }

  @Test
  void aSessionEndsAfterATimeOfRest() {
    client.signIn("ada", TestSite.PASSWORD);
    clock.tick(Sessions.IDLE.minusMinutes(1));
    assertThat(client.get("/account").statusCode()).isEqualTo(200);
    clock.tick(Sessions.IDLE.minusMinutes(1));
    assertThat(client.get("/account").statusCode()).as("use prolongs it").isEqualTo(200);

    clock.tick(Sessions.IDLE);

    assertThat(client.get("/account").statusCode()).isEqualTo(401);
  }

  @Test
  void aSessionInUseEndsAfterAWeek() {
    client.signIn("ada", TestSite.PASSWORD);
    var step = Duration.ofHours(10);
    for (var passed = step; passed.compareTo(Sessions.ABSOLUTE) < 0; passed = passed.plus(step)) {
      clock.tick(step);
      assertThat(client.get("/account").statusCode()).isEqualTo(200);
    }

    clock.tick(step);

    assertThat(client.get("/account").statusCode()).isEqualTo(401);
  }

  @Test
  void signingInMakesANewSessionAndEndsTheOneThatTheBrowserCameWith() {
    client.signIn("ada", TestSite.PASSWORD);
    var planted = client.sessionCookie();

    client.form("/sign-in", "name", "ada", "password", TestSite.PASSWORD, "csrf", client.csrf());

    assertThat(client.sessionCookie()).isNotEqualTo(planted);
    var other = new Client(site);
    assertThat(
            other
                .get("/account", "Cookie", RequestAuthenticator.COOKIE + "=" + planted)
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void aSessionsChangeWithoutItsCsrfValueIsRefused() {
    client.signIn("ada", TestSite.PASSWORD);

    var without = client.form("/account/sessions/end");
    var wrong = client.form("/account/sessions/end", "csrf", "AAAA");

    assertThat(without.statusCode()).isEqualTo(403);
    assertThat(wrong.statusCode()).isEqualTo(403);
    assertThat(client.form("/account/sessions/end", "csrf", client.csrf()).statusCode())
        .isEqualTo(303);
    assertThat(client.get("/account").statusCode()).isEqualTo(401);
  }

  @Test
  void aPersonEndsOneSessionAndKeepsTheOthers() {
    client.signIn("ada", TestSite.PASSWORD);
    var elsewhere = new Client(site);
    elsewhere.signIn("ada", TestSite.PASSWORD);
    var other = elsewhere.sessionCookie();
    var id =
        site.database()
            .read(tx ->
                tx.createQuery("SELECT id FROM user_session WHERE token_hash = :hash")
                    .bind("hash", Secrets.hash(other))
                    .mapTo(String.class)
                    .one());

    assertThat(client.get("/account").body()).contains("this one", "/sessions/" + id + "/end");
    var answer = client.form("/account/sessions/" + id + "/end", "csrf", client.csrf());

    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(elsewhere.get("/account").statusCode()).isEqualTo(401);
    assertThat(client.get("/account").statusCode()).isEqualTo(200);
    assertThat(predicates("token"))
        .anyMatch(it -> it.contains("session") && it.contains("revoked"));
  }

  @Test
  void nobodyEndsASessionOfAnotherButAnAdministrator() {
    client.signIn("ada", TestSite.PASSWORD);
    var id =
        Client.tree(client.get("/api/v1/sessions")).path("items").path(0).path("id").asString();
    site.person("eve", Role.DEVELOPER);
    site.person("root", Role.ADMINISTRATOR);
    var eve = new Client(site);
    eve.signIn("eve", TestSite.PASSWORD);
    var root = new Client(site);
    root.signIn("root", TestSite.PASSWORD);
    var ada = site.database().read(tx -> site.identity().userNamed(tx, "ada")).orElseThrow().id();
    var ofUser = "/administration/users/" + ada + "/sessions/" + id + "/end";

    assertThat(eve.form("/account/sessions/" + id + "/end", "csrf", eve.csrf()).statusCode())
        .isEqualTo(404);
    assertThat(eve.form(ofUser, "csrf", eve.csrf()).statusCode()).isEqualTo(403);
    assertThat(client.get("/account").statusCode()).isEqualTo(200);
    assertThat(root.form(ofUser, "csrf", root.csrf()).statusCode()).isEqualTo(303);
    assertThat(client.get("/account").statusCode()).isEqualTo(401);
  }

  @Test
  void theOldestSessionMakesRoomForOneTooMany() {
    client.signIn("ada", TestSite.PASSWORD);
    var ada = site.database().read(tx -> site.identity().userNamed(tx, "ada")).orElseThrow().id();
    var sessions = new Sessions(site.database(), clock, new Secrets(new SecureRandom()));
    for (int i = 0; i < Sessions.MAX_SESSIONS_OF_A_USER; i++) {
      clock.tick(Duration.ofSeconds(1));
      site.database().run(tx -> sessions.create(tx, ada, "127.0.0.1", "curl"));
    }

    assertThat(client.get("/account").statusCode()).isEqualTo(401);
    var left = site.database().read(tx -> sessions.of(tx, ada));
    assertThat(left).hasSize(Sessions.MAX_SESSIONS_OF_A_USER);
  }

  @Test
  void somebodyWithoutAnyRoleSeesTheAccountAndGoesOut() {
    site.person("ben");
    client.signIn("ben", TestSite.PASSWORD);

    assertThat(client.get("/account").statusCode()).isEqualTo(200);
    assertThat(client.get("/administration").statusCode()).isEqualTo(403);
    assertThat(client.form("/sign-out", "csrf", client.csrf()).statusCode()).isEqualTo(303);
  }

  @Test
  void aSignInFormThatAnotherSiteSendsIsRefused() {
    var answer =
        client.json(
            "POST",
            "/sign-in",
            "name=ada&password=x",
            "Content-Type",
            "application/x-www-form-urlencoded",
            "Sec-Fetch-Site",
            "cross-site");

    assertThat(answer.statusCode()).isEqualTo(403);
  }

  @Test
  void theWayBackAfterSigningInNeverLeavesThisServer() {
    for (var next :
        List.of(
            "https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:x")) {
      var answer =
          new Client(site)
              .form("/sign-in", "name", "ada", "password", TestSite.PASSWORD, "next", next);
      assertThat(answer.headers().firstValue("Location")).as(next).hasValue("/");
    }
  }

  @Test
  void changingThePasswordNeedsTheCurrentOneAndEndsEverySession() {
    client.signIn("ada", TestSite.PASSWORD);
    var other = new Client(site);
    other.signIn("ada", TestSite.PASSWORD);
    var next = "quite another phrase";

    assertThat(change("wrong", next).statusCode()).isEqualTo(403);
    assertThat(change(TestSite.PASSWORD, "short").statusCode()).isEqualTo(400);
    assertThat(change(TestSite.PASSWORD, next).statusCode()).isEqualTo(303);

    assertThat(other.get("/account").statusCode()).isEqualTo(401);
    assertThat(client.signIn("ada", TestSite.PASSWORD).statusCode()).isEqualTo(401);
    assertThat(client.signIn("ada", next).statusCode()).isEqualTo(303);
  }

  private java.net.http.HttpResponse<String> change(String current, String next) {
    return client.form(
        "/account/password",
        "csrf",
        client.csrf(),
        "current",
        current,
        "next",
        next,
        "next-again",
        next);
  }

  private List<String> predicates(String type) {
    return site.database()
        .read(tx ->
            tx.createQuery("SELECT predicate::text FROM ledger_entry WHERE type LIKE :type")
                .bind("type", "%/" + type + "/v1")
                .mapTo(String.class)
                .list());
  }
}
