package dev.fairway.server.vault;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.ProjectPanel;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import gg.jte.Content;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Secrets and variables for people: one page, of the scope that its query names.
final class VaultPages implements Routes {
  static final String HOME = "/secrets";

  private final Database database;
  private final Web web;
  private final Vault vault;
  private final TokenDefaults tokens;
  private final Scopes scopes;

  VaultPages(Database database, Web web, Vault vault, TokenDefaults tokens, Scopes scopes) {
    this.database = database;
    this.web = web;
    this.vault = vault;
    this.tokens = tokens;
    this.scopes = scopes;
  }

  static NavigationItem item() {
    return new NavigationItem(
        NavigationItem.Area.INSTALLATION, "Secrets", HOME, Permission.PROJECT_READ);
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(
        HOME,
        Permission.PROJECT_READ,
        exchange ->
            show(
                exchange,
                exchange.query("project").orElse(""),
                exchange.query("environment").orElse(""),
                ""));
    routes.post(HOME + "/set", Permission.SECRET_WRITE, this::set);
    routes.post(HOME + "/remove", Permission.SECRET_WRITE, this::remove);
    routes.post(HOME + "/token", Permission.PROJECT_WRITE, this::token);
  }

  /// How much jobs of the project are given, with the way to it.
  ProjectPanel panel() {
    return new ProjectPanel(ProjectPanel.Place.SIDE, this::panel);
  }

  private Optional<Content> panel(Handle tx, Exchange exchange, Project project) {
    var scope = Scope.ofProject(project.id());
    return Optional.of(
        web.part(
            exchange,
            "vault/projectPanel.jte",
            Map.of(
                "project",
                project.name(),
                "secrets",
                vault.list(tx, Kind.SECRET, scope),
                "variables",
                vault.list(tx, Kind.VARIABLE, scope))));
  }

  private void token(Exchange exchange) {
    var project = exchange.form("project");
    var scope = scopes.of(named(project), Optional.empty());
    TokenApi.requireWrite(exchange.caller(), scope.project());
    var level = named(exchange.form("level")).map(TokenApi::level);
    database.run(tx -> tokens.decide(tx, scope.project(), level, exchange.caller().name()));
    exchange.redirect(path(project, ""));
  }

  private void set(Exchange exchange) {
    change(
        exchange,
        (tx, scope, kind) ->
            vault.set(
                tx,
                kind,
                scope,
                exchange.form("name").strip(),
                exchange.form("value").replace("\r\n", "\n"),
                exchange.caller().name()));
  }

  private void remove(Exchange exchange) {
    change(
        exchange,
        (tx, scope, kind) ->
            vault.remove(tx, kind, scope, exchange.form("name"), exchange.caller().name()));
  }

  private interface Change {
    void make(Handle tx, Scope scope, Kind kind);
  }

  private void change(Exchange exchange, Change change) {
    var project = exchange.form("project");
    var environment = exchange.form("environment");
    try {
      var scope = scopes.of(named(project), named(environment));
      Scopes.requireWrite(exchange.caller(), scope);
      var kind = exchange.form("kind").equals(Kind.SECRET.word()) ? Kind.SECRET : Kind.VARIABLE;
      database.run(tx -> change.make(tx, scope, kind));
      exchange.redirect(path(project, environment));
    } catch (FairwayException e) {
      if (e.code().status() >= 500) {
        throw e;
      }
      exchange.status(e.code().status());
      show(exchange, project, environment, e.getMessage() + ". " + e.next());
    }
  }

  private void show(Exchange exchange, String project, String environment, String refusal) {
    var scope = scopes.of(named(project), named(environment));
    var view =
        database.read(tx ->
            new VaultView(
                project,
                environment,
                scopes.projects(tx),
                scopes.environments(tx),
                vault.list(tx, Kind.SECRET, scope),
                vault.list(tx, Kind.VARIABLE, scope),
                Scopes.mayWrite(exchange.caller(), scope),
                new VaultView.Token(
                    tokens.decided(tx, scope.project()).map(TokenDefault::word).orElse(""),
                    TokenApi.mayWrite(exchange.caller(), scope.project())),
                refusal));
    web.render(
        exchange,
        Page.of("Secrets and variables").in(HOME),
        "vault/settings.jte",
        Map.of("view", view));
  }

  private static Optional<String> named(String name) {
    return Optional.of(name).filter(it -> !it.isEmpty());
  }

  private static String path(String project, String environment) {
    return String.format(
        Locale.ROOT, "%s?project=%s&environment=%s", HOME, encoded(project), encoded(environment));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
