package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.util.Map;
import java.util.Set;

/// The ways in and out for a person: sign-in, sign-out, the first administrator, invitations.
final class SignInPages {
  private static final Set<Role> FIRST_ROLES = Set.of(Role.ADMINISTRATOR, Role.DEVELOPER);

  private final Database database;
  private final Web web;
  private final Identity identity;
  private final SignIn signIn;
  private final Sessions sessions;

  SignInPages(Database database, Web web, Identity identity, SignIn signIn, Sessions sessions) {
    this.database = database;
    this.web = web;
    this.identity = identity;
    this.signIn = signIn;
    this.sessions = sessions;
  }

  void register(RouteTable routes) {
    routes.get("/sign-in", Permission.ANYONE, this::show);
    routes.post("/sign-in", Permission.ANYONE, this::signIn);
    routes.post("/sign-out", Permission.SIGNED_IN, this::signOut);
    routes.get("/setup", Permission.ANYONE, this::showSetup);
    routes.post("/setup", Permission.ANYONE, this::setUp);
    routes.get("/invite", Permission.ANYONE, this::showInvitation);
    routes.post("/invite", Permission.ANYONE, this::accept);
  }

  private void show(Exchange exchange) {
    var next = LocalPath.of(exchange.query("next").orElse("/"));
    if (exchange.caller().kind() == Caller.Kind.PERSON) {
      exchange.redirect(next);
      return;
    }
    form(exchange, "", next, "");
  }

  private void form(Exchange exchange, String name, String next, String refusal) {
    web.render(
        exchange,
        Page.of("Sign in"),
        "identity/sign-in.jte",
        Map.of("name", name, "next", next, "refusal", refusal));
  }

  private void signIn(Exchange exchange) {
    requireOwnForm(exchange);
    var name = exchange.form("name");
    var next = LocalPath.of(exchange.form("next"));
    try {
      enter(exchange, name, exchange.form("password"));
      exchange.redirect(next);
    } catch (FairwayException e) {
      refuse(exchange, e);
      form(exchange, name, next, sentence(e));
    }
  }

  /// Makes a new session, whatever session the browser came with: nobody can have planted it.
  private void enter(Exchange exchange, String name, String password) {
    var browser = exchange.header("User-Agent").orElse("");
    var signedIn = signIn.signIn(name, password, exchange.address(), browser);
    exchange
        .cookie(RequestAuthenticator.COOKIE)
        .ifPresent(old -> database.run(tx -> sessions.end(tx, old)));
    exchange.cookie(
        RequestAuthenticator.COOKIE, signedIn.secret(), (int) Sessions.ABSOLUTE.toSeconds());
  }

  private void signOut(Exchange exchange) {
    exchange
        .cookie(RequestAuthenticator.COOKIE)
        .ifPresent(secret -> database.run(tx -> sessions.end(tx, secret)));
    exchange.cookie(RequestAuthenticator.COOKIE, "", 0);
    exchange.redirect("/sign-in");
  }

  private void showSetup(Exchange exchange) {
    var token = exchange.query("token").orElse("");
    database.run(tx -> identity.requireSetup(tx, token));
    setupForm(exchange, token, "");
  }

  private void setupForm(Exchange exchange, String token, String refusal) {
    web.render(
        exchange,
        Page.of("Welcome"),
        "identity/setup.jte",
        Map.of(
            "token", token,
            "name", exchange.form("name"),
            "fullName", exchange.form("full-name"),
            "email", exchange.form("email"),
            "refusal", refusal));
  }

  private void setUp(Exchange exchange) {
    requireOwnForm(exchange);
    var token = exchange.form("token");
    database.run(tx -> identity.requireSetup(tx, token));
    try {
      var administrator =
          new NewUser(
              exchange.form("name"),
              exchange.form("full-name"),
              exchange.form("email"),
              FIRST_ROLES);
      var password = exchange.form("password");
      requireSame(password, exchange.form("password-again"));
      identity.setUp(token, administrator, password);
      enter(exchange, administrator.name(), password);
      exchange.redirect("/");
    } catch (FairwayException e) {
      refuse(exchange, e);
      setupForm(exchange, token, sentence(e));
    }
  }

  private void showInvitation(Exchange exchange) {
    invitationForm(exchange, exchange.query("token").orElse(""), "");
  }

  private void invitationForm(Exchange exchange, String token, String refusal) {
    var user = database.read(tx -> identity.invited(tx, token));
    web.render(
        exchange,
        Page.of("Welcome"),
        "identity/invite.jte",
        Map.of("token", token, "user", user, "refusal", refusal));
  }

  private void accept(Exchange exchange) {
    requireOwnForm(exchange);
    var token = exchange.form("token");
    var password = exchange.form("password");
    try {
      requireSame(password, exchange.form("password-again"));
      var user = identity.acceptInvitation(token, password);
      enter(exchange, user.name(), password);
      exchange.redirect("/");
    } catch (FairwayException e) {
      refuse(exchange, e);
      invitationForm(exchange, token, sentence(e));
    }
  }

  /// Nobody has no CSRF value yet. The browser itself says whether another site made it send this.
  private static void requireOwnForm(Exchange exchange) {
    var site = exchange.header("Sec-Fetch-Site").orElse("none");
    if (!site.equals("same-origin") && !site.equals("none")) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN, "Another site sent this form", "Open the page here and repeat it.");
    }
  }

  static void requireSame(String password, String again) {
    if (!password.equals(again)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The two passwords differ", "Type the same one twice.");
    }
  }

  static void refuse(Exchange exchange, FairwayException refusal) {
    if (refusal.code().status() >= 500) {
      throw refusal;
    }
    exchange.status(refusal.code().status());
    if (refusal.details().get("retryAfter") instanceof Number seconds) {
      exchange.header("Retry-After", seconds.toString());
    }
  }

  static String sentence(FairwayException e) {
    return e.getMessage() + ". " + e.next();
  }
}
