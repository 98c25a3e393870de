package dev.fairway.server.delivery;

import dev.fairway.api.Outcome;
import dev.fairway.server.delivery.Deployment.Step;
import dev.fairway.server.source.CommitRecord;
import dev.fairway.server.web.Format;
import dev.fairway.server.web.Ribbon;
import dev.fairway.server.web.StateMark;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the templates of this package show.
public final class DeliveryViews {
  private DeliveryViews() {}

  /// The shape that goes with a state's word.
  public static StateMark mark(DeploymentState state) {
    return switch (state) {
      case SUCCEEDED -> StateMark.OK;
      case FAILED, ROLLED_BACK, REJECTED -> StateMark.BAD;
      case STARTING, HEALTHY, SWITCHED, VERIFYING, ROLLING_BACK -> StateMark.RUN;
      case REQUESTED, WAITING_APPROVAL, QUEUED -> StateMark.WAIT;
      case CANCELLED, SUPERSEDED -> StateMark.OFF;
    };
  }

  /// A state as people read it.
  public static String words(DeploymentState state) {
    return switch (state) {
      case WAITING_APPROVAL -> "waits for approval";
      case ROLLING_BACK -> "rolling back";
      case ROLLED_BACK -> "rolled back";
      case SUCCEEDED -> "stable";
      case REQUESTED,
          QUEUED,
          STARTING,
          HEALTHY,
          SWITCHED,
          VERIFYING,
          FAILED,
          REJECTED,
          CANCELLED,
          SUPERSEDED ->
          state.word();
    };
  }

  public static StateMark mark(Verification.Result result) {
    return switch (result) {
      case PASSED -> StateMark.OK;
      case INCONCLUSIVE -> StateMark.WAIT;
      case FAILED -> StateMark.BAD;
    };
  }

  public static String words(Verification.Result result) {
    return switch (result) {
      case PASSED -> "passed";
      case INCONCLUSIVE -> "passed on health alone";
      case FAILED -> "failed";
    };
  }

  /// The rules in one line.
  public static String words(VerificationRules rules) {
    return "watched for %s, at most %s errors of at least %,d requests; %s"
        .formatted(
            Durations.text(rules.duration()),
            Verification.percent(rules.maxErrorRate()),
            rules.minRequests(),
            switch (rules.littleTraffic()) {
              case PASS -> "with fewer, health alone decides";
              case FAIL -> "with fewer, it fails";
            });
  }

  /// How long a deployment was watched under traffic.
  public static String watched(Deployment deployment) {
    return deployment.switchedAt() instanceof Instant from
            && deployment.endedAt() instanceof Instant to
        ? Format.duration(Duration.between(from, to))
        : "–";
  }

  /// What the form for definitions begins with.
  public static final String EXAMPLE =
      """
      kind: Environment
      name: staging
      order: 10
      target:
        kind: local
      promotion: automatic
      verification:
        duration: 30s
        maxErrorRate: 0.05
        minRequests: 50
      """;

  /// A deployment with its release.
  public record Line(Deployment deployment, Release release) {
    public StateMark mark() {
      return DeliveryViews.mark(deployment.state());
    }

    public String word() {
      return DeliveryViews.words(deployment.state());
    }
  }

  /// What somebody can do about a deployment that waits for approval.
  ///
  /// @param refusal why this person's word does not count; empty where it does
  public record Waiting(
      Line line,
      int required,
      String role,
      int missing,
      List<Approval> decisions,
      String refusal,
      int commits,
      List<String> authors) {
    public boolean mayDecide() {
      return refusal.isEmpty();
    }

    /// Such as `1 of 2 approvals`.
    public String progress() {
      return "%d of %d %s"
          .formatted(required - missing, required, required == 1 ? "approval" : "approvals");
    }
  }

  /// What somebody can do about a job that waits for approval.
  ///
  /// @param refusal why this person's word does not count; empty where it does
  public record WaitingJob(
      JobGate gate,
      int required,
      String role,
      int missing,
      List<Approval> decisions,
      String refusal,
      int commits,
      List<String> authors) {
    public boolean mayDecide() {
      return refusal.isEmpty();
    }

    /// Such as `1 of 2 approvals`.
    public String progress() {
      return "%d of %d %s"
          .formatted(required - missing, required, required == 1 ? "approval" : "approvals");
    }
  }

  /// One release, as the list shows it.
  public record ReleaseLine(ReleaseRecord record, List<Line> deployments) {
    public Optional<Release> release() {
      return record instanceof Release release ? Optional.of(release) : Optional.empty();
    }

    public String failure() {
      return record instanceof FailedRelease failed ? failed.reason() : "";
    }
  }

  /// One entry of the ledger in a line.
  ///
  /// @param index null until it is sequenced
  public record EntryLine(@Nullable Long index, String word, String actor, Instant at) {}

  /// Who, what, when, where, which checks, who approved: one release on one screen.
  ///
  /// @param since the release that it is compared with; null where there is none
  /// @param promotable environments that it may be sent to now by this person
  public record ReleaseView(
      Release release,
      Ribbon ribbon,
      @Nullable Release since,
      List<CommitRecord> commits,
      boolean moreCommits,
      int files,
      int insertions,
      int deletions,
      List<String> authors,
      List<String> pushers,
      Tests tests,
      List<Line> deployments,
      List<Approval> approvals,
      List<Waiting> waiting,
      List<String> promotable,
      List<EntryLine> entries,
      String refusal) {}

  /// The counts of the run's tests; all 0 where it uploaded no report.
  ///
  /// @param failed those that are tolerated too
  /// @param tolerated failures of tests that were in quarantine
  public record Tests(int passed, int failed, int tolerated, int skipped, Duration took) {
    public StateMark mark() {
      return !any()
          ? StateMark.OFF
          : failed == 0 ? StateMark.OK : failed == tolerated ? StateMark.WAIT : StateMark.BAD;
    }

    public String words() {
      if (!any()) {
        return "no report";
      }
      return Format.number(passed)
          + " passed"
          + (failed > tolerated ? ", " + Format.number(failed - tolerated) + " failed" : "")
          + (tolerated > 0 ? ", " + Format.number(tolerated) + " failed in quarantine" : "")
          + (skipped > 0 ? ", " + Format.number(skipped) + " skipped" : "");
    }

    public boolean any() {
      return passed + failed + skipped > 0;
    }
  }

  /// A release that was not made.
  public record FailedReleaseView(FailedRelease release, Ribbon ribbon) {}

  /// A step of a deployment with how long it took.
  ///
  /// @param took null while it is the present one
  public record TimelineStep(Step step, @Nullable Duration took) {
    public StateMark mark() {
      var mark = DeliveryViews.mark(step.state());
      return took == null || mark == StateMark.BAD ? mark : StateMark.OK;
    }

    public String word() {
      return DeliveryViews.words(step.state());
    }
  }

  /// What the proxy counted and how the process is, now.
  public record Figures(
      String process,
      StateMark processMark,
      int port,
      String confinement,
      long requests,
      long failures,
      String errorRate,
      Duration median,
      Duration p95) {}

  /// One deployment.
  ///
  /// @param figures empty where no process of it is there
  public record DeploymentView(
      Line line,
      Ribbon ribbon,
      EnvironmentDefinition rules,
      List<TimelineStep> steps,
      Optional<Figures> figures,
      Optional<Waiting> waiting,
      List<Approval> approvals,
      boolean serving,
      boolean mayRollBack,
      String rollBackTo,
      String log,
      List<String> addresses,
      String refusal) {
    public boolean verdictPassed() {
      return line.deployment().verdict() instanceof Verification.Verdict verdict
          && verdict.result() != Verification.Result.FAILED;
    }

    public boolean failed() {
      return line.deployment().outcome() instanceof Outcome outcome
          && (outcome == Outcome.FAILURE || outcome == Outcome.ERROR);
    }
  }

  /// What a service does in an environment.
  ///
  /// @param serving what has the traffic; null where nothing has
  /// @param process a word on its process where it is not well; empty where it is
  /// @param open what is under way or waits there
  /// @param last the last one that ended without getting there, if nothing came since
  public record Cell(
      @Nullable Line serving,
      @Nullable Instant since,
      String process,
      List<Line> open,
      @Nullable Line last) {}

  /// A service in all environments.
  public record Row(Release latest, List<Cell> cells) {}

  /// What runs where.
  public record Board(
      List<Environment> environments,
      List<Row> rows,
      List<Waiting> waiting,
      List<Line> recent,
      String refusal,
      List<Environments.Applied> applied,
      String draft) {}

  /// The rules of one environment.
  ///
  /// @param present empty where it is about to be made
  /// @param yaml the same as [#form], as `fairway apply` takes it
  /// @param history the newest version first
  public record EnvironmentView(
      EnvironmentForm form,
      Optional<Environment> present,
      String yaml,
      List<Environment> history,
      String refusal,
      List<Environments.Applied> applied) {
    /// What one version changed, by the names of its keys.
    public String changed(int index) {
      return index + 1 < history.size()
          ? String.join(
              ", ",
              Environments.differences(
                      history.get(index + 1).definition(), history.get(index).definition())
                  .stream()
                  .map(Environments.Difference::key)
                  .toList())
          : history.get(index).version() == 1 ? "made" : "…";
    }
  }

  /// What waits for this person, and what for others.
  public record ApprovalsView(
      List<Waiting> mine, List<Waiting> others, List<WaitingJob> jobs, String refusal) {
    public List<WaitingJob> myJobs() {
      return jobs.stream().filter(WaitingJob::mayDecide).toList();
    }

    public List<WaitingJob> otherJobs() {
      return jobs.stream().filter(job -> !job.mayDecide()).toList();
    }
  }
}
