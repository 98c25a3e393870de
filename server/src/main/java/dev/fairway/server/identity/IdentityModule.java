package dev.fairway.server.identity;

import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Authenticator;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Web;
import java.security.SecureRandom;
import java.time.InstantSource;

/// The parts of this package, put together.
public final class IdentityModule implements Routes {
  private final Identity identity;
  private final RequestAuthenticator authenticator;
  private final SignInPages signInPages;
  private final AccountPages accountPages;
  private final AdministrationPages administrationPages;
  private final IdentityApi api;

  private IdentityModule(
      Identity identity,
      RequestAuthenticator authenticator,
      SignInPages signInPages,
      AccountPages accountPages,
      AdministrationPages administrationPages,
      IdentityApi api) {
    this.identity = identity;
    this.authenticator = authenticator;
    this.signInPages = signInPages;
    this.accountPages = accountPages;
    this.administrationPages = administrationPages;
    this.api = api;
  }

  public static IdentityModule create(
      Database database,
      Evidence evidence,
      Web web,
      InstantSource clock,
      SecureRandom random,
      HashingCost cost) {
    var secrets = new Secrets(random);
    var statements = new Statements(evidence);
    var passwords = new Passwords(secrets, cost);
    var users = new Users(clock, statements);
    var sessions = new Sessions(database, clock, secrets);
    var apiTokens = new ApiTokens(clock, secrets, statements);
    var agents = new Agents(clock, secrets, statements);
    var links = new OneTimeLinks(clock, secrets);
    var limit = new AttemptLimit(clock);
    var signIn = new SignIn(database, users, passwords, sessions, limit, statements);
    var identity =
        new Identity(
            database, users, passwords, sessions, apiTokens, agents, links, signIn, statements);
    web.add(
        new NavigationItem(
            NavigationItem.Area.INSTALLATION,
            "Administration",
            "/administration",
            Permission.USER_READ));
    return new IdentityModule(
        identity,
        new RequestAuthenticator(database, sessions, apiTokens, agents),
        new SignInPages(database, web, identity, signIn, sessions),
        new AccountPages(database, clock, web, identity, apiTokens, sessions),
        new AdministrationPages(database, web, identity, agents),
        new IdentityApi(database, identity, apiTokens, agents));
  }

  /// What other features call.
  public Identity identity() {
    return identity;
  }

  /// Who asks, for the HTTP server.
  public Authenticator authenticator() {
    return authenticator;
  }

  /// Tells how running jobs are known; without it none is.
  public void jobTokens(JobTokens tokens) {
    authenticator.jobTokens(tokens);
  }

  @Override
  public void register(RouteTable routes) {
    signInPages.register(routes);
    accountPages.register(routes);
    administrationPages.register(routes);
    api.register(routes);
  }
}
