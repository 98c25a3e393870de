package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A person's own page: password, tokens, sessions.
final class AccountPages {
  /// How long a token may live, as the form offers it.
  static final List<Integer> TOKEN_DAYS = List.of(7, 30, 90, 365);

  private final Database database;
  private final InstantSource clock;
  private final Web web;
  private final Identity identity;
  private final ApiTokens apiTokens;
  private final Sessions sessions;

  AccountPages(
      Database database,
      InstantSource clock,
      Web web,
      Identity identity,
      ApiTokens apiTokens,
      Sessions sessions) {
    this.database = database;
    this.clock = clock;
    this.web = web;
    this.identity = identity;
    this.apiTokens = apiTokens;
    this.sessions = sessions;
  }

  void register(RouteTable routes) {
    routes.get("/account", Permission.SIGNED_IN, exchange -> show(exchange, "", ""));
    routes.post("/account/password", Permission.SIGNED_IN, this::changePassword);
    routes.post("/account/tokens", Permission.SIGNED_IN, this::createToken);
    routes.post("/account/tokens/{id}/revoke", Permission.SIGNED_IN, this::revokeToken);
    routes.post("/account/sessions/{session}/end", Permission.SIGNED_IN, this::endSession);
    routes.post("/account/sessions/end", Permission.SIGNED_IN, this::endSessions);
  }

  private void show(Exchange exchange, String secret, String refusal) {
    var caller = exchange.caller();
    requireSession(caller);
    var account =
        database.read(tx ->
            new AccountView(
                identity.requireUser(tx, caller.knownId()),
                apiTokens.of(tx, caller.knownId()),
                sessions.of(tx, caller.knownId()),
                exchange
                    .cookie(RequestAuthenticator.COOKIE)
                    .flatMap(cookie -> sessions.idOf(tx, cookie))
                    .orElse(null),
                scopes(caller),
                TOKEN_DAYS,
                secret,
                refusal));
    web.render(
        exchange,
        Page.of("Your account").in("/account"),
        "identity/account.jte",
        Map.of("account", account));
  }

  private static List<String> scopes(Caller caller) {
    var implied = Set.of(Permission.ANYONE, Permission.SIGNED_IN);
    return Arrays.stream(Permission.values())
        .filter(permission -> caller.may(permission) && !implied.contains(permission))
        .map(Permission::word)
        .toList();
  }

  private void changePassword(Exchange exchange) {
    var caller = exchange.caller();
    requireSession(caller);
    try {
      SignInPages.requireSame(exchange.form("next"), exchange.form("next-again"));
      var user = database.read(tx -> identity.requireUser(tx, caller.knownId()));
      identity.changePassword(
          user, exchange.form("current"), exchange.form("next"), exchange.address());
      exchange.redirect("/sign-in");
    } catch (FairwayException e) {
      SignInPages.refuse(exchange, e);
      show(exchange, "", SignInPages.sentence(e));
    }
  }

  private void createToken(Exchange exchange) {
    var caller = exchange.caller();
    requireSession(caller);
    try {
      var days = days(exchange.form("days"));
      var scopes = ApiTokens.scopesOf(exchange.forms("scope"));
      var issued =
          database.transaction(tx ->
              identity.createToken(
                  tx,
                  caller.knownId(),
                  exchange.form("name"),
                  scopes,
                  clock.instant().plus(Duration.ofDays(days)),
                  caller.name()));
      // Shown in this answer and never again; the answer is not kept by the browser (no-store).
      show(exchange, issued.secret(), "");
    } catch (FairwayException e) {
      SignInPages.refuse(exchange, e);
      show(exchange, "", SignInPages.sentence(e));
    }
  }

  private static int days(String text) {
    return TOKEN_DAYS.stream()
        .filter(days -> text.equals(String.valueOf(days)))
        .findFirst()
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.INVALID_INPUT, "A token ends after one of " + TOKEN_DAYS + " days", ""));
  }

  private void revokeToken(Exchange exchange) {
    var caller = exchange.caller();
    requireSession(caller);
    database.run(
        tx -> identity.revokeToken(tx, caller.knownId(), exchange.pathId("id"), caller.name()));
    exchange.redirect("/account");
  }

  private void endSession(Exchange exchange) {
    var caller = exchange.caller();
    requireSession(caller);
    database.run(
        tx -> identity.endSession(tx, caller.knownId(), exchange.pathId("session"), caller.name()));
    exchange.redirect("/account");
  }

  private void endSessions(Exchange exchange) {
    requireSession(exchange.caller());
    database.run(tx -> sessions.endAll(tx, exchange.caller().knownId()));
    exchange.redirect("/sign-in");
  }

  /// A token must not make tokens, prolong itself or change the password of its owner.
  static void requireSession(Caller caller) {
    if (caller.kind() != Caller.Kind.PERSON || caller.csrf() == null) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          "This is for a person who signed in with a password, not for a token",
          "Do it in the browser.");
    }
  }
}
