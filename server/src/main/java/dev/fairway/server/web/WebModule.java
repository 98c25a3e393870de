package dev.fairway.server.web;

import dev.fairway.server.db.Database;
import dev.fairway.server.http.ErrorPage;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.time.InstantSource;
import java.util.Map;

/// The parts of this package, put together: create it first, give [#web] to the features, register
/// its routes, and close it before the HTTP server, so that open streams end.
public final class WebModule implements Routes, AutoCloseable {
  private static final int MAX_QUERY_CHARS = 200;

  private final Assets assets;
  private final Web web;
  private final LiveEvents liveEvents;

  private WebModule(Assets assets, Web web, LiveEvents liveEvents) {
    this.assets = assets;
    this.web = web;
    this.liveEvents = liveEvents;
  }

  public static WebModule create(Database database, InstantSource clock) {
    var assets = new Assets();
    return new WebModule(assets, new Web(database, clock, assets), new LiveEvents(database, clock));
  }

  public Web web() {
    return web;
  }

  /// How refusals look in a browser.
  public ErrorPage errorPage() {
    return new Refusal(web);
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/", Permission.SIGNED_IN, this::home);
    routes.get("/static/{hash}/{name}", Permission.ANYONE, assets::serve);
    routes.get("/live", Permission.SIGNED_IN, liveEvents::serve);
    routes.get("/navigation", Permission.SIGNED_IN, this::navigation);
    routes.get("/palette", Permission.SIGNED_IN, this::palette);
  }

  private void home(Exchange exchange) {
    exchange.redirect(web.home(exchange.caller()).orElse("/account"));
  }

  private void navigation(Exchange exchange) {
    web.navigation(exchange, exchange.query("section").orElse(""));
  }

  private void palette(Exchange exchange) {
    var query = exchange.query("q").orElse("").strip();
    var bounded = query.substring(0, Math.min(query.length(), MAX_QUERY_CHARS));
    exchange.json(Map.of("entries", web.find(exchange.caller(), bounded)));
  }

  @Override
  public void close() {
    liveEvents.close();
  }
}
