package dev.fairway.server.identity;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Who may do what: users with their roles, and the agents.
final class AdministrationPages {
  private static final String HOME = "/administration";

  private final Database database;
  private final Web web;
  private final Identity identity;
  private final Agents agents;

  AdministrationPages(Database database, Web web, Identity identity, Agents agents) {
    this.database = database;
    this.web = web;
    this.identity = identity;
    this.agents = agents;
  }

  void register(RouteTable routes) {
    routes.get(HOME, Permission.USER_READ, exchange -> show(exchange, Shown.NOTHING));
    routes.post(HOME + "/users", Permission.USER_WRITE, this::createUser);
    routes.get(
        HOME + "/users/{id}", Permission.USER_READ, exchange -> user(exchange, Shown.NOTHING));
    routes.post(HOME + "/users/{id}/roles", Permission.USER_WRITE, this::setRoles);
    routes.post(HOME + "/users/{id}/invite", Permission.USER_WRITE, this::invite);
    routes.post(HOME + "/users/{id}/deactivate", Permission.USER_WRITE, this::deactivate);
    routes.post(HOME + "/users/{id}/activate", Permission.USER_WRITE, this::activate);
    routes.post(
        HOME + "/users/{id}/sessions/{session}/end", Permission.USER_WRITE, this::endSession);
    routes.post(HOME + "/agents", Permission.AGENT_WRITE, this::createAgent);
    routes.post(HOME + "/agents/{id}/revoke", Permission.AGENT_WRITE, this::revokeAgent);
  }

  /// What an answer shows above the lists, once.
  private record Shown(String link, String agentToken, String refusal) {
    static final Shown NOTHING = new Shown("", "", "");

    static Shown refusal(FairwayException e) {
      return new Shown("", "", SignInPages.sentence(e));
    }
  }

  private void show(Exchange exchange, Shown shown) {
    var view =
        database.read(tx ->
            new AdministrationView(
                identity.users(tx),
                agents.all(tx),
                shown.link(),
                shown.agentToken(),
                shown.refusal()));
    web.render(
        exchange,
        Page.of("Administration").in(HOME),
        "identity/administration.jte",
        Map.of("view", view));
  }

  private void user(Exchange exchange, Shown shown) {
    var id = exchange.pathId("id");
    var view =
        database.read(tx ->
            new UserView(
                identity.requireUser(tx, id),
                identity.sessions(tx, id),
                shown.link(),
                shown.refusal()));
    web.render(
        exchange,
        Page.of(view.user().name()).in(HOME).under("Administration", HOME),
        "identity/user.jte",
        Map.of("view", view));
  }

  private void endSession(Exchange exchange) {
    var id = exchange.pathId("id");
    database.run(
        tx -> identity.endSession(tx, id, exchange.pathId("session"), exchange.caller().name()));
    exchange.redirect(HOME + "/users/" + id);
  }

  private void createUser(Exchange exchange) {
    var actor = exchange.caller().name();
    try {
      var newUser =
          new NewUser(
              exchange.form("name").strip().toLowerCase(Locale.ROOT),
              exchange.form("full-name"),
              exchange.form("email"),
              roles(exchange));
      var secret =
          database.transaction(
              tx -> identity.invite(tx, identity.createUser(tx, newUser, actor).id(), actor));
      show(exchange, new Shown(link(exchange, secret), "", ""));
    } catch (FairwayException e) {
      SignInPages.refuse(exchange, e);
      show(exchange, Shown.refusal(e));
    }
  }

  private void invite(Exchange exchange) {
    var id = exchange.pathId("id");
    var secret = database.transaction(tx -> identity.invite(tx, id, exchange.caller().name()));
    user(exchange, new Shown(link(exchange, secret), "", ""));
  }

  private static String link(Exchange exchange, String secret) {
    return exchange.origin() + "/invite?token=" + secret;
  }

  private void setRoles(Exchange exchange) {
    var id = exchange.pathId("id");
    changeUser(
        exchange,
        () ->
            database.run(
                tx -> identity.setRoles(tx, id, roles(exchange), exchange.caller().name())));
  }

  private void deactivate(Exchange exchange) {
    var id = exchange.pathId("id");
    changeUser(
        exchange, () -> database.run(tx -> identity.deactivate(tx, id, exchange.caller().name())));
  }

  private void activate(Exchange exchange) {
    var id = exchange.pathId("id");
    changeUser(
        exchange, () -> database.run(tx -> identity.activate(tx, id, exchange.caller().name())));
  }

  private void changeUser(Exchange exchange, Runnable change) {
    try {
      change.run();
      exchange.redirect(HOME + "/users/" + exchange.pathId("id"));
    } catch (FairwayException e) {
      SignInPages.refuse(exchange, e);
      user(exchange, Shown.refusal(e));
    }
  }

  private void createAgent(Exchange exchange) {
    try {
      var issued =
          database.transaction(
              tx -> identity.createAgent(tx, exchange.form("name"), exchange.caller().name()));
      show(exchange, new Shown("", issued.secret(), ""));
    } catch (FairwayException e) {
      SignInPages.refuse(exchange, e);
      show(exchange, Shown.refusal(e));
    }
  }

  private void revokeAgent(Exchange exchange) {
    database.run(tx -> identity.revokeAgent(tx, exchange.pathId("id"), exchange.caller().name()));
    exchange.redirect(HOME);
  }

  private static Set<Role> roles(Exchange exchange) {
    var words = Set.copyOf(exchange.forms("role"));
    return Arrays.stream(Role.values())
        .filter(role -> words.contains(role.word()))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class)));
  }
}
