package dev.fairway.server.insight;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The metrics for programs and for people.
///
/// Both take `service` (all without it), `days` (calendar days, today included) and `zone` (whose
/// days and weeks count, UTC without it).
final class MetricsRoutes implements Routes {
  /// Beside `/metrics`, where the server tells of itself.
  static final String PAGE = "/metrics/delivery";

  /// What the page offers; any number can be asked for.
  private static final List<Integer> WINDOWS = List.of(7, 30, 90, 365);

  private static final int MAX_LINES = 100;

  private final Metrics metrics;
  private final Web web;

  MetricsRoutes(Metrics metrics, Web web) {
    this.metrics = metrics;
    this.web = web;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(
        "/api/v1/metrics", Permission.METRICS_READ, exchange -> exchange.json(report(exchange)));
    routes.get(PAGE, Permission.METRICS_READ, this::page);
  }

  private MetricsReport report(Exchange exchange) {
    return metrics.report(
        exchange.query("service").orElse(null),
        (int) exchange.queryNumber("days", Metrics.DEFAULT_DAYS, 1, Metrics.MAX_DAYS),
        exchange.query("zone").map(MetricsRoutes::zone).orElse(ZoneId.of("UTC")));
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "zone is '" + name + "'",
          "Give a name of the time zone database, such as Europe/Berlin, or UTC.",
          e);
    }
  }

  private void page(Exchange exchange) {
    var report = report(exchange);
    var lead =
        report.figures().stream()
            .filter(figure -> figure.metric().equals("change_lead_time"))
            .findFirst()
            .orElseThrow();
    var median = lead.numbers().get("medianMillis") instanceof Long millis ? millis : null;
    web.render(
        exchange,
        Page.of("Metrics").in(PAGE),
        "insight/metrics.jte",
        Map.of(
            "report",
            report,
            "scatter",
            Scatter.of(report, median),
            "lines",
            report.deployments().stream().limit(MAX_LINES).toList(),
            "windows",
            Stream.concat(WINDOWS.stream(), Stream.of(report.window().days()))
                .distinct()
                .sorted()
                .toList()));
  }
}
