package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.api.ResolvedAction;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.run.report.CoverageResults;
import dev.fairway.server.run.report.TestResults;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What the ledger says about runs and jobs.
public final class RunEvidence {
  private static final String US = "fairway";

  private final Evidence evidence;

  RunEvidence(Evidence evidence) {
    this.evidence = evidence;
  }

  /// A run ended.
  ///
  /// @param workflow the path of its file
  /// @param startedAt null where no job had to run
  /// @param cancelledBy null where nobody cancelled it
  /// @param tests null where no job uploaded a report
  /// @param coverage null where no report counts lines
  /// @param called the workflows that it calls
  public record RunPredicate(
      UUID project,
      String projectName,
      UUID run,
      long number,
      int attempt,
      String workflow,
      String event,
      String ref,
      String commit,
      String actor,
      Outcome outcome,
      @Nullable String cancelledBy,
      Instant createdAt,
      @Nullable Instant startedAt,
      Instant endedAt,
      List<JobLine> jobs,
      @Nullable Tests tests,
      @Nullable Coverage coverage,
      List<Called> called) {

    /// How one job of it ended.
    ///
    /// @param outcome null for a job that a failed workflow never came to
    public record JobLine(String name, int attempt, @Nullable Outcome outcome) {}

    /// @param failed those that are tolerated too
    public record Tests(int passed, int failed, int tolerated, int skipped) {}

    public record Coverage(long coveredLines, long lines, long coveredBranches, long branches) {}

    /// A workflow that it calls, directly or not.
    ///
    /// @param repository a project, or as an action is named
    public record Called(String repository, String path, String sha) {}

    public RunPredicate {
      jobs = List.copyOf(jobs);
      called = List.copyOf(called);
    }
  }

  /// An attempt of a job ended.
  ///
  /// @param agent empty where none had it
  /// @param sandbox how the agent isolated it
  /// @param startedAt null where it never ran
  /// @param actions the commits of the actions that it used
  public record JobPredicate(
      UUID project,
      UUID run,
      long number,
      UUID job,
      String name,
      int attempt,
      Outcome outcome,
      String reason,
      String agent,
      String sandbox,
      @Nullable Instant queuedAt,
      @Nullable Instant startedAt,
      Instant endedAt,
      List<ResolvedAction> actions) {
    public JobPredicate {
      actions = List.copyOf(actions);
    }
  }

  void runEnded(Handle tx, Run run, Outcome outcome, List<JobRun> jobs, Instant at) {
    var lines =
        jobs.stream()
            .map(job -> new RunPredicate.JobLine(job.name(), job.attempt(), job.outcome()))
            .toList();
    var predicate =
        new RunPredicate(
            run.projectId(),
            run.project(),
            run.id(),
            run.number(),
            run.attempt(),
            run.workflowPath(),
            run.event(),
            run.ref(),
            run.commit(),
            run.actor(),
            outcome,
            run.cancelledBy(),
            run.createdAt(),
            run.startedAt(),
            at,
            lines,
            tests(tx, run),
            coverage(tx, run),
            CalledFiles.of(tx, run.id()).files().stream()
                .map(file -> new RunPredicate.Called(file.repository(), file.path(), file.sha()))
                .toList());
    record(tx, PredicateType.RUN, run, predicate, US);
  }

  private static RunPredicate.@Nullable Tests tests(Handle tx, Run run) {
    var totals = TestResults.totals(tx, run.id());
    return totals.all() == 0
        ? null
        : new RunPredicate.Tests(
            totals.passed(), totals.failed(), totals.tolerated(), totals.skipped());
  }

  private static RunPredicate.@Nullable Coverage coverage(Handle tx, Run run) {
    return CoverageResults.totals(tx, run.id())
        .map(totals ->
            new RunPredicate.Coverage(
                totals.coveredLines(), totals.lines(), totals.coveredBranches(), totals.branches()))
        .orElse(null);
  }

  /// @param job as it was before
  /// @param told what its agent told last
  /// @param outputs JSON
  record JobEnd(JobRun job, JobRun.Told told, Outcome outcome, String reason, String outputs) {
    JobEnd(JobRun job, Outcome outcome, String reason, String outputs) {
      this(job, job.told(), outcome, reason, outputs);
    }
  }

  void jobsEnded(Handle tx, Run run, List<JobEnd> ends, Instant at) {
    var actions = JobActions.of(tx, ends.stream().map(end -> end.job().id()).toList());
    var statements = new ArrayList<Statement>();
    for (var end : ends) {
      var job = end.job();
      var predicate =
          new JobPredicate(
              run.projectId(),
              run.id(),
              run.number(),
              job.id(),
              job.name(),
              job.attempt(),
              end.outcome(),
              end.reason(),
              job.agent(),
              end.told().sandbox(),
              job.queuedAt(),
              job.startedAt(),
              at,
              actions.getOrDefault(job.id(), List.of()));
      var actor = job.agent().isEmpty() ? US : job.agent();
      statements.add(statement(PredicateType.JOB, run, predicate, actor));
    }
    evidence.recordAll(tx, statements);
  }

  /// Records anything else that is about a run and its commit.
  public void record(Handle tx, PredicateType type, Run run, Object predicate, String actor) {
    evidence.record(tx, statement(type, run, predicate, actor));
  }

  private static Statement statement(PredicateType type, Run run, Object predicate, String actor) {
    return new Statement(
        type,
        List.of(Subject.commit(run.project(), run.commit())),
        predicate,
        Set.of("project:" + run.projectId(), "commit:" + run.commit(), "run:" + run.id()),
        actor);
  }
}
