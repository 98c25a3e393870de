package dev.fairway.server.insight;

import dev.fairway.server.db.Database;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Web;
import java.time.InstantSource;

/// The delivery metrics, put together.
public final class InsightModule implements Routes {
  private final MetricsRoutes routes;

  private InsightModule(MetricsRoutes routes) {
    this.routes = routes;
  }

  /// Adds its place to the navigation of that site.
  public static InsightModule create(
      Database database, Projects projects, Web web, InstantSource clock) {
    web.add(
        new NavigationItem(
            NavigationItem.Area.PROVE, "Metrics", MetricsRoutes.PAGE, Permission.METRICS_READ));
    var reader = new HistoryReader(database, new Lineage(database, projects));
    return new InsightModule(new MetricsRoutes(new Metrics(reader, clock), web));
  }

  @Override
  public void register(RouteTable table) {
    routes.register(table);
  }
}
