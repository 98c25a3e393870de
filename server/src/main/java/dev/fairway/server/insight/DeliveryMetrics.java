package dev.fairway.server.insight;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// DORA's five metrics of one service (or of several together) over one window.
///
/// @param definition names the rules by which they were computed
/// @param partial whether the window has not ended yet
record DeliveryMetrics(
    String definition,
    Window window,
    boolean partial,
    Frequency deploymentFrequency,
    LeadTime changeLeadTime,
    FailRate changeFailRate,
    Recovery failedDeploymentRecoveryTime,
    Proportion deploymentReworkRate) {

  /// How often users get something new.
  ///
  /// @param deployments that succeeded, re-deployments left out
  /// @param redeployments of what served already
  /// @param perDay deployments by the days of the window
  /// @param medianDaysPerWeek days with a deployment in an ISO week, weeks without one included
  record Frequency(
      long deployments,
      long redeployments,
      double perDay,
      Optional<Double> medianDaysPerWeek,
      Optional<Duration> medianInterval) {}

  /// From the first push of a commit to the end of the first deployment that holds it.
  ///
  /// @param byCommitDate commits whose push nobody saw, counted from the committer's date
  /// @param unbaselined commits of a service's first deployment ever: nothing says since when they
  ///   were changes
  /// @param anomalies commits deployed before they were pushed or made: a clock is wrong
  record LeadTime(
      Distribution distribution,
      List<Point> points,
      long byCommitDate,
      long unbaselined,
      List<String> anomalies) {}

  /// One commit's lead time, for the scatter.
  record Point(String commit, UUID deployment, Instant finished, Duration lead) {}

  /// Deployments that failed in users' hands, of all that reached them.
  record FailRate(Proportion all, Proportion withoutRemediations) {}

  /// From the start of users' trouble to good service.
  ///
  /// @param open failures without an end so far, with their age
  /// @param deployToRemediation from the start of the failed deployment to the end of the one that
  ///   repaired it
  record Recovery(Distribution distribution, List<Open> open, Distribution deployToRemediation) {}

  /// A failure that lasts.
  record Open(UUID deployment, Duration age) {}
}
