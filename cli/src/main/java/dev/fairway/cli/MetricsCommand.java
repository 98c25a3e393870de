package dev.fairway.cli;

import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The delivery metrics, in the words of the server's page.
@Command(
    name = "metrics",
    description = "DORA's five metrics of what was delivered to production.",
    mixinStandardHelpOptions = true)
final class MetricsCommand extends RemoteCommand {
  @Option(
      names = "--service",
      paramLabel = "SERVICE",
      description = "Of this service only; of all together without it.")
  private @Nullable String service;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "30",
      description = "So many calendar days, today included. Default: ${DEFAULT-VALUE}.")
  private int days;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      defaultValue = "UTC",
      description = "Whose days and weeks count, such as Europe/Berlin. Default: UTC.")
  @SuppressWarnings("NullAway.Init")
  private String zone;

  @Override
  int ask(ApiClient api) {
    var query = new StringJoiner("&", "/api/v1/metrics?", "");
    query.add("days=" + days).add("zone=" + ApiClient.segment(zone));
    if (service != null) {
      query.add("service=" + ApiClient.segment(service));
    }
    var answer = api.get(query.toString());
    output.print(answer, () -> tell(answer));
    return ExitCode.SUCCESS;
  }

  /// Prints a report as the server answers it.
  void tell(JsonNode report) {
    var out = output.writer();
    out.println(text(report, "scope"));
    out.println();
    output.table(
        List.of("METRIC", "VALUE", "95 % INTERVAL", "N", ""),
        report
            .path("figures")
            .valueStream()
            .map(figure ->
                List.of(
                    text(figure, "name"),
                    text(figure, "value"),
                    text(figure, "interval"),
                    text(figure, "n") + " " + text(figure, "counted"),
                    text(figure, "detail")))
            .toList());
    for (var figure : report.path("figures")) {
      for (var exclusion : figure.path("exclusions")) {
        out.println("  " + text(figure, "name") + ": " + exclusion.asString());
      }
    }
    for (var failure : report.path("failures")) {
      if (failure.path("restored").isNull()) {
        out.println(
            "OPEN  %s %s since %s: %s"
                .formatted(
                    text(failure, "service"),
                    text(failure, "version"),
                    text(failure, "from"),
                    text(failure, "attribution")));
      }
    }
    for (var anomaly : report.path("anomalies")) {
      out.println("ANOMALY  " + text(anomaly, "what"));
    }
    for (var note : report.path("notes")) {
      out.println("NOTE  " + note.asString());
    }
    out.println();
    out.println("Definition: " + text(report, "definition"));
  }
}
