package dev.fairway.cli;

import java.io.PrintWriter;

/// The last lines of a local run.
final class RunSummary {
  private RunSummary() {}

  static void print(LocalRun.Result result, PrintWriter out, Style style) {
    var width = result.jobs().stream().mapToInt(job -> Columns.width(shown(job))).max().orElse(0);
    for (var job : result.jobs()) {
      var name = shown(job);
      var line =
          "%s %-10s %s%s  %7s  %s"
              .formatted(
                  style.sign(job.outcome()),
                  job.outcome().word(),
                  name,
                  " ".repeat(width - Columns.width(name)),
                  job.millis() == 0 ? "" : Durations.text(job.millis()),
                  LogText.safe(job.reason().lines().findFirst().orElse(""), false));
      out.println(line.stripTrailing());
    }
    out.println(
        style.bold(
            "%s: %s in %s"
                .formatted(
                    result.outcome().word(), result.workflow(), Durations.text(result.millis()))));
    out.flush();
  }

  private static String shown(LocalRun.EndedJob job) {
    return LogText.safe(job.name(), false);
  }
}
