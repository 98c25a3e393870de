package dev.fairway.server.insight;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The metrics in figures and in words: what the page shows, the API answers and the command line
/// prints. Times of day are instants, lengths of time milliseconds.
///
/// @param definition the version of the rules
/// @param asOf when it was computed
/// @param scope what it is about, in one line
/// @param environment the production tier; null where there is no environment yet
/// @param service null for all of them together
/// @param services that were ever deployed there
/// @param commits the lead times that the median is of
/// @param notes what to know about the inputs: what was left out of all figures, and why
public record MetricsReport(
    String definition,
    Instant asOf,
    String scope,
    @Nullable String environment,
    @Nullable String service,
    List<String> services,
    Period window,
    Inputs inputs,
    List<Figure> figures,
    List<CommitLine> commits,
    List<DeploymentLine> deployments,
    List<FailureLine> failures,
    List<AnomalyLine> anomalies,
    List<String> notes) {

  /// @param from inclusive
  /// @param to exclusive
  /// @param partial whether it is not over yet
  public record Period(Instant from, Instant to, String zone, int days, boolean partial) {}

  /// How many records the figures are computed from.
  ///
  /// @param deployments that ended in the window
  /// @param exposed those of them that users' traffic reached
  public record Inputs(long deployments, long exposed, long commits, long failures) {}

  /// One of the five.
  ///
  /// @param metric its name for programs
  /// @param value with its unit, as people read it; a dash where there is none
  /// @param detail what else belongs to it
  /// @param n of how many things the value speaks
  /// @param counted what those things are
  /// @param interval of 95 %, after Wilson; empty where the figure has none
  /// @param how the definition in words
  /// @param numbers unrounded
  /// @param exclusions what does not count, and how much of it there was
  public record Figure(
      String metric,
      String name,
      String value,
      String detail,
      long n,
      String counted,
      String interval,
      String how,
      Map<String, @Nullable Object> numbers,
      List<String> exclusions) {}

  public record CommitLine(String commit, UUID deployment, Instant finished, long leadMillis) {}

  /// One deployment of the window.
  ///
  /// @param intent `planned`, `unplanned` or `rollback`
  /// @param commits whose lead time it ends
  public record DeploymentLine(
      UUID deployment,
      String service,
      String version,
      String commit,
      String intent,
      String state,
      boolean exposed,
      boolean failed,
      String requestedBy,
      Instant started,
      Instant finished,
      int commits,
      @Nullable Long medianLeadMillis) {}

  /// One failed deployment.
  ///
  /// @param restored null while it lasts
  /// @param millis from the start of the trouble to its end, or to now
  /// @param attribution how it is known
  public record FailureLine(
      UUID deployment,
      String service,
      String version,
      Instant from,
      @Nullable Instant restored,
      long millis,
      String attribution) {}

  /// Something that cannot be as it was recorded.
  public record AnomalyLine(String metric, UUID deployment, String subject, String what) {}

  public MetricsReport {
    services = List.copyOf(services);
    figures = List.copyOf(figures);
    commits = List.copyOf(commits);
    deployments = List.copyOf(deployments);
    failures = List.copyOf(failures);
    anomalies = List.copyOf(anomalies);
    notes = List.copyOf(notes);
  }

  /// Failures that last.
  public List<FailureLine> open() {
    return failures.stream().filter(failure -> failure.restored() == null).toList();
  }
}
