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
  /// @param deployments that succeeded, re-deployments and rollbacks left out
  /// @param redeployments of what served already
  /// @param rollbacks that succeeded: users got what they had before
  /// @param perDay deployments by the days of the window that have passed
  /// @param medianDaysPerWeek days with a deployment in an ISO week, weeks without one included
  /// @param weeks that the window touches
  /// @param partialWeeks those of them that are not wholly in the window, or not over
  /// @param medianInterval between the ends of one deployment and the next
  record Frequency(
      long deployments,
      long redeployments,
      long rollbacks,
      double perDay,
      Optional<Double> medianDaysPerWeek,
      long weeks,
      long partialWeeks,
      Optional<Duration> medianInterval) {}

  /// From the first push of a commit to the end of the first deployment that holds it.
  ///
  /// @param byCommitDate commits whose push nobody saw, counted from the committer's date
  /// @param byAuthorDate commits that have not even that, counted from the author's date
  /// @param unbaselined a service's first deployment ever: nothing says since when its commits were
  ///   changes
  /// @param anomalies commits deployed before they were pushed or made: a clock is wrong
  /// @param undated commits without any date
  record LeadTime(
      Distribution distribution,
      List<Point> points,
      long byCommitDate,
      long byAuthorDate,
      long unbaselined,
      List<Anomaly> anomalies,
      List<String> undated) {}

  /// One commit's lead time, for the scatter.
  record Point(String commit, UUID deployment, Instant finished, Duration lead) {}

  /// A time that ends before it begins.
  ///
  /// @param subject the commit, or the id of the deployment
  /// @param duration negative
  record Anomaly(String subject, UUID deployment, Duration duration) {}

  /// Deployments that failed in users' hands, of all that reached them.
  record FailRate(Proportion all, Proportion withoutRemediations) {}

  /// From the start of users' trouble to good service, once for each failed deployment.
  ///
  /// @param recovered the failed deployments that `distribution` is of
  /// @param open failed deployments without an end of the trouble so far, with its age
  /// @param deployToRemediation from the start of the failed deployment to the end of the one that
  ///   repaired it
  /// @param anomalies failed deployments whose service was good again before it was bad
  record Recovery(
      Distribution distribution,
      List<Recovered> recovered,
      List<Open> open,
      Distribution deployToRemediation,
      List<Anomaly> anomalies) {}

  /// A failure that is over.
  record Recovered(UUID deployment, Instant from, Instant restored) {
    Duration took() {
      return Duration.between(from, restored);
    }
  }

  /// A failure that lasts.
  record Open(UUID deployment, Instant from, Duration age) {}
}
