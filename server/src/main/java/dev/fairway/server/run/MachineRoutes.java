package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.time.InstantSource;
import java.util.Map;

/// Which servers and agents there are and what they do: a page and `/api/v1/machines`.
final class MachineRoutes implements Routes {
  private static final String PAGE = "/machines";

  private final Database database;
  private final Web web;
  private final InstantSource clock;

  MachineRoutes(Database database, Web web, InstantSource clock) {
    this.database = database;
    this.web = web;
    this.clock = clock;
    web.add(
        new NavigationItem(
            NavigationItem.Area.INSTALLATION, "Machines", PAGE, Permission.SYSTEM_READ));
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(PAGE, Permission.SYSTEM_READ, this::page);
    routes.get("/api/v1/machines", Permission.SYSTEM_READ, exchange -> exchange.json(machines()));
  }

  private Machines machines() {
    return database.read(tx -> Machines.of(tx, clock.instant()));
  }

  private void page(Exchange exchange) {
    Map<String, Object> model = Map.of("machines", machines());
    if (exchange.wantsFragment()) {
      web.fragment(exchange, "run/machineTables.jte", model);
    } else {
      web.render(exchange, Page.of("Machines").in(PAGE), "run/machines.jte", model);
    }
  }
}
