package dev.fairway.server.actions;

import dev.fairway.api.FairwayException;
import dev.fairway.server.actions.ActionSettings.Source;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Whose actions may be used, where they come from, and what they are locked to, for people.
final class ActionsPages implements Routes {
  private static final String HOME = "/actions";

  private final Database database;
  private final Web web;
  private final Actions actions;

  ActionsPages(Database database, Web web, Actions actions) {
    this.database = database;
    this.web = web;
    this.actions = actions;
  }

  static NavigationItem item() {
    return new NavigationItem(
        NavigationItem.Area.INSTALLATION, "Actions", HOME, Permission.PROJECT_READ);
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(HOME, Permission.PROJECT_READ, this::show);
    routes.post(HOME, Permission.ORGANISATION_WRITE, this::save);
    routes.post(HOME + "/unlock", Permission.ORGANISATION_WRITE, this::unlock);
  }

  private void show(Exchange exchange) {
    show(exchange, "");
  }

  private void show(Exchange exchange, String refusal) {
    var settings = database.read(actions::settings);
    render(
        exchange,
        settings.sources().stream()
            .map(source -> source.repositories() + " = " + source.from())
            .collect(Collectors.joining("\n")),
        String.join("\n", settings.allowed()),
        refusal);
  }

  private void save(Exchange exchange) {
    var sources = exchange.form("sources");
    var allowed = exchange.form("allowed");
    try {
      var settings =
          new ActionSettings(
              lines(sources).stream().map(ActionsPages::source).toList(), lines(allowed));
      database.run(tx -> actions.change(tx, settings, exchange.caller().name()));
      exchange.redirect(HOME);
    } catch (FairwayException e) {
      render(exchange, sources, allowed, refusal(exchange, e));
    }
  }

  private void unlock(Exchange exchange) {
    try {
      database.run(tx -> actions.unlock(tx, exchange.form("reference"), exchange.caller().name()));
      exchange.redirect(HOME);
    } catch (FairwayException e) {
      show(exchange, refusal(exchange, e));
    }
  }

  private static String refusal(Exchange exchange, FairwayException e) {
    if (e.code().status() >= 500) {
      throw e;
    }
    exchange.status(e.code().status());
    return e.getMessage() + ". " + e.next();
  }

  private void render(Exchange exchange, String sources, String allowed, String refusal) {
    var view = new ActionsView(database.read(actions::locks), sources, allowed, refusal);
    web.render(exchange, Page.of("Actions").in(HOME), "actions/actions.jte", Map.of("view", view));
  }

  private static Source source(String line) {
    var equals = line.indexOf('=');
    return equals < 0
        ? new Source("*", line)
        : new Source(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
