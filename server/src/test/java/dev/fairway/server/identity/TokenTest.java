package dev.fairway.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import dev.fairway.server.TickingClock;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class TokenTest {
  private static final Duration MONTH = Duration.ofDays(30);

  private final TickingClock clock = new TickingClock(TestSite.NOON);
  private TestSite site;
  private Client client;
  private User ada;

  @BeforeEach
  void start() {
    site = TestSite.start(clock);
    client = new Client(site);
    ada = site.person("ada", Role.DEVELOPER);
    site.person("root", Role.ADMINISTRATOR);
  }

  @AfterEach
  void stop() {
    Schemas.requireLedgerToFit(site.database());
    site.close();
  }

  @Test
  void aTokenMayWhatItsScopesNameAndItsOwnerMay() {
    var token = token(Set.of(Permission.RUN_READ, Permission.USER_WRITE));

    assertThat(words(whoami("Bearer " + token.secret())))
        .containsExactlyInAnyOrder("anyone", "signed_in", "run_read");
  }

  @Test
  void aTokenFollowsTheRolesOfItsOwner() {
    var token = token(Set.of(Permission.RUN_READ, Permission.SOURCE_WRITE));

    site.database().run(tx -> site.identity().setRoles(tx, ada.id(), Set.of(Role.VIEWER), "root"));

    assertThat(words(whoami("Bearer " + token.secret()))).doesNotContain("source_write");
  }

  @Test
  void anEndedARevokedAndAnInventedTokenAreRefused() {
    var ends = token(Set.of(Permission.RUN_READ));
    var revoked = token(Set.of(Permission.RUN_READ));
    site.database().run(tx -> site.identity().revokeToken(tx, ada.id(), revoked.id(), "ada"));
    clock.tick(MONTH.minusSeconds(1));
    assertThat(status("Bearer " + ends.secret())).isEqualTo(200);

    clock.tick(Duration.ofSeconds(1));

    assertThat(status("Bearer " + ends.secret())).isEqualTo(401);
    assertThat(status("Bearer " + revoked.secret())).isEqualTo(401);
    assertThat(status("Bearer fwt_" + "A".repeat(43))).isEqualTo(401);
    assertThat(status("Digest x")).isEqualTo(401);
    assertThat(status("Basic !!!")).isEqualTo(401);
  }

  @Test
  void gitSendsTheTokenAsThePasswordOfItsOwner() {
    var token = token(Set.of(Permission.SOURCE_READ));

    assertThat(whoami(basic("ada", token.secret())).path("name").asString()).isEqualTo("ada");
    assertThat(status(basic("root", token.secret()))).isEqualTo(401);
    assertThat(status(basic("ada", TestSite.PASSWORD))).as("not the password").isEqualTo(401);
  }

  /// As a checkout does that was given somebody's token, and knows nothing else about it.
  @Test
  void theNameThatGitHubHasForAnyTokenIsTakenForEveryOwner() {
    var token = token(Set.of(Permission.SOURCE_READ));

    assertThat(whoami(basic("x-access-token", token.secret())).path("name").asString())
        .isEqualTo("ada");
    assertThat(status(basic("x-access-token", "fwt_" + "A".repeat(43)))).isEqualTo(401);
  }

  @Test
  void aBrowserCannotComeInByBasicAuthentication() {
    var token = token(Set.of(Permission.SOURCE_READ));
    var answer =
        client.get(
            "/api/v1/whoami",
            "Authorization",
            basic("ada", token.secret()),
            "Sec-Fetch-Site",
            "cross-site");

    assertThat(answer.statusCode()).isEqualTo(401);
  }

  @Test
  void aRunningJobComesInAsUserJob() {
    var job =
        new Caller(
            Caller.Kind.JOB,
            null,
            "job 7",
            Set.of(),
            Set.of(Permission.ANYONE, Permission.SOURCE_READ),
            null);
    site.identityModule()
        .jobTokens(secret -> secret.equals("lease") ? Optional.of(job) : Optional.empty());

    assertThat(status(basic("job", "other"))).isEqualTo(401);
    assertThat(client.get("/api/v1/whoami", "Authorization", basic("job", "lease")).body())
        .contains("source_read");
  }

  @Test
  void anAgentMayRunJobsAndNothingElse() {
    var agent =
        site.database().transaction(tx -> site.identity().createAgent(tx, "agent-1", "root"));

    var itself = whoami("Bearer " + agent.secret());

    assertThat(itself.path("kind").asString()).isEqualTo("agent");
    assertThat(words(itself)).containsExactlyInAnyOrder("anyone", "run_jobs");
  }

  @Test
  void anAgentsTokenIsWorthNothingAMomentAfterItWasRevoked() {
    var agent =
        site.database().transaction(tx -> site.identity().createAgent(tx, "agent-1", "root"));
    assertThat(status("Bearer " + agent.secret())).isEqualTo(200);

    site.database().run(tx -> site.identity().revokeAgent(tx, agent.id(), "root"));
    var end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    var status = status("Bearer " + agent.secret());
    while (status == 200 && System.nanoTime() < end) {
      status = status("Bearer " + agent.secret());
    }

    assertThat(status).isEqualTo(401);
  }

  @Test
  void makingAndRevokingTokensIsInEvidenceWithoutTheirSecrets() {
    var token = token(Set.of(Permission.RUN_READ));
    var agent =
        site.database().transaction(tx -> site.identity().createAgent(tx, "agent-1", "root"));
    site.database()
        .run(tx -> {
          site.identity().revokeToken(tx, ada.id(), token.id(), "ada");
          site.identity().revokeAgent(tx, agent.id(), "root");
        });

    var recorded =
        site.database()
            .read(tx ->
                tx.createQuery(
                        """
                        SELECT actor || ' ' || (predicate ->> 'event') || ' ' || (predicate ->> 'kind')
                          || ' ' || (predicate ->> 'name')
                        FROM ledger_entry
                        WHERE type LIKE '%/token/v1'
                        ORDER BY id
                        """)
                    .mapTo(String.class)
                    .list());
    var all =
        site.database()
            .read(tx ->
                tx.createQuery("SELECT string_agg(predicate::text, ' ') FROM ledger_entry")
                    .mapTo(String.class)
                    .one());

    assertThat(recorded)
        .containsExactlyInAnyOrder(
            "ada created api token test",
            "root created agent agent-1",
            "ada revoked api token test",
            "root revoked agent agent-1");
    assertThat(all).doesNotContain(token.secret(), agent.secret());
  }

  @Test
  void aTokenCannotMakeTokens() {
    var token = token(Set.of(Permission.RUN_READ));
    var wish =
        """
        {"name": "more", "scopes": ["source_write"], "expiresAt": "2026-12-01T00:00:00Z"}\
        """;

    var answer =
        client.json("POST", "/api/v1/tokens", wish, "Authorization", "Bearer " + token.secret());

    assertThat(answer.statusCode()).isEqualTo(403);
  }

  @Test
  void aTokenWithoutScopesWithoutEndOrThatRunsJobsIsNotMade() {
    assertThatThrownBy(() -> token(Set.of())).isInstanceOf(FairwayException.class);
    assertThatThrownBy(() -> token(Set.of(Permission.RUN_JOBS)))
        .isInstanceOf(FairwayException.class);
    assertThatThrownBy(() -> token(Set.of(Permission.RUN_READ), ApiTokens.MAX_LIFE.plusDays(1)))
        .isInstanceOf(FairwayException.class);
  }

  @Test
  void aPersonMakesATokenInTheBrowserAndSeesItOnce() {
    client.signIn("ada", TestSite.PASSWORD);

    var answer =
        client.form(
            "/account/tokens",
            "csrf",
            client.csrf(),
            "name",
            "laptop",
            "days",
            "30",
            "scope",
            "run_read",
            "scope",
            "source_write");

    var found = java.util.regex.Pattern.compile("fwt_[A-Za-z0-9_-]{43}").matcher(answer.body());
    assertThat(found.find()).isTrue();
    assertThat(words(whoami("Bearer " + found.group()))).contains("run_read", "source_write");
    assertThat(client.get("/account", "Accept", "text/html").body())
        .contains("laptop")
        .doesNotContain(found.group());
  }

  private IssuedToken token(Set<Permission> scopes) {
    return token(scopes, MONTH);
  }

  private IssuedToken token(Set<Permission> scopes, Duration life) {
    return site.database()
        .transaction(tx ->
            site.identity()
                .createToken(tx, ada.id(), "test", scopes, clock.instant().plus(life), "ada"));
  }

  private JsonNode whoami(String authorization) {
    return Client.tree(client.get("/api/v1/whoami", "Authorization", authorization));
  }

  private int status(String authorization) {
    return client.get("/api/v1/whoami", "Authorization", authorization).statusCode();
  }

  private static java.util.List<String> words(JsonNode whoami) {
    return whoami.path("permissions").valueStream().map(JsonNode::asString).toList();
  }

  private static String basic(String user, String password) {
    var pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
