package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.api.ResourceUse;
import dev.fairway.server.run.report.TestResults;
import dev.fairway.server.web.Format;
import dev.fairway.server.web.Ribbon;
import dev.fairway.server.web.StateMark;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Step;
import dev.fairway.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What the page of a run shows.
///
/// @param job the job whose steps and log are shown; null where the run has none
/// @param ahead the names of the job's steps that have not begun, while it may still come to them
/// @param attempts of that job, the latest first
/// @param waiting what the run waits for
/// @param use what the shown job used
public record RunPage(
    Run run,
    Ribbon ribbon,
    List<JobRun> jobs,
    @Nullable JobRun job,
    List<JobRun> attempts,
    List<StepRun> steps,
    List<String> ahead,
    JobGraph graph,
    RunTimes times,
    List<Annotation> annotations,
    RunTests reports,
    List<Summary> summaries,
    List<RunArtifacts.Item> artifacts,
    List<Wait> waiting,
    ResourceUse use,
    Instant now) {
  private static final Duration WORTH_SAYING = Duration.ofMillis(10);

  /// @param html made of escaped text, see [Markdown]
  public record Summary(String job, String step, String html) {}

  public RunPage {
    jobs = List.copyOf(jobs);
    attempts = List.copyOf(attempts);
    steps = List.copyOf(steps);
    ahead = List.copyOf(ahead);
    annotations = List.copyOf(annotations);
    summaries = List.copyOf(summaries);
    artifacts = List.copyOf(artifacts);
    waiting = List.copyOf(waiting);
  }

  /// What is asked for: an open page asks for its parts again with every change of the run.
  enum Extent {
    WHOLE,
    /// Head, graph, jobs and steps, without what the run found and how long it took.
    HEAD
  }

  /// @param wanted the job to show; null for the one that most needs looking at
  static RunPage of(
      Handle tx,
      Run run,
      Extent extent,
      String defaultRef,
      @Nullable UUID wanted,
      Ribbon ribbon,
      RunArtifacts artifacts,
      Instant now) {
    var all = JobStore.all(tx, run.id());
    var jobs = all.stream().filter(JobRun::current).toList();
    var job = shown(all, jobs, wanted);
    var calls = calls(tx, run);
    var critical = CriticalPath.of(jobs, calls, now);
    var whole = extent == Extent.WHOLE;
    var steps = job.map(one -> DetailStore.steps(tx, one.id())).orElse(List.of());
    return new RunPage(
        run,
        ribbon,
        jobs,
        job.orElse(null),
        job.map(one -> attempts(all, one)).orElse(List.of()),
        steps,
        job.map(one -> ahead(tx, run, one, steps)).orElse(List.of()),
        JobGraph.of(jobs, calls, critical),
        whole ? times(tx, run, jobs, critical, now) : RunTimes.NONE,
        whole ? DetailStore.annotations(tx, run.id()) : List.of(),
        whole ? RunTests.of(tx, run, defaultRef, now) : RunTests.NONE,
        whole ? summaries(tx, run.id()) : List.of(),
        whole ? artifacts.of(tx, run.id()) : List.of(),
        Wait.of(tx, run, jobs, now),
        job.map(one -> DetailStore.uses(tx, run.id()).get(one.id())).orElse(ResourceUse.UNKNOWN),
        now);
  }

  private static RunTimes times(
      Handle tx, Run run, List<JobRun> jobs, CriticalPath critical, Instant now) {
    var steps = DetailStore.stepsOfRun(tx, run.id());
    return RunTimes.of(run, jobs, steps, critical, UsualTimes.before(tx, run), now);
  }

  private static Optional<JobRun> shown(
      List<JobRun> all, List<JobRun> jobs, @Nullable UUID wanted) {
    return all.stream()
        .filter(job -> job.id().equals(wanted))
        .findFirst()
        .or(() -> first(jobs, StateMark.BAD))
        .or(() -> first(jobs, StateMark.RUN))
        .or(() -> jobs.stream().findFirst());
  }

  private static Optional<JobRun> first(List<JobRun> jobs, StateMark mark) {
    return jobs.stream().filter(job -> Marks.of(job) == mark).findFirst();
  }

  private static List<String> ahead(Handle tx, Run run, JobRun job, List<StepRun> begun) {
    if (job.phase().terminal() || !(Definitions.of(tx, run) instanceof ParseResult.Valid valid)) {
      return List.of();
    }
    var definition =
        valid
            .workflow()
            .locate(job.key())
            .map(Workflow.Located::job)
            .filter(Job.Steps.class::isInstance)
            .map(Job.Steps.class::cast)
            .orElse(null);
    if (definition == null) {
      return List.of();
    }
    // "Set up job" comes first, and the workflow does not have it; what actions do before the job
    // and
    // behind it has the places behind its steps.
    var next =
        begun.stream()
            .mapToInt(StepRun::index)
            .filter(index -> index <= definition.steps().size())
            .max()
            .orElse(0);
    return definition.steps().stream()
        .filter(step -> step.index() >= next)
        .map(Step::plannedName)
        .limit(RunLimits.MAX_STEPS_AHEAD)
        .toList();
  }

  private static List<JobRun> attempts(List<JobRun> all, JobRun of) {
    return all.stream()
        .filter(job -> job.key().equals(of.key()) && job.index() == of.index())
        .toList();
  }

  private static List<Summary> summaries(Handle tx, UUID run) {
    return DetailStore.summaries(tx, run).stream()
        .map(one -> new Summary(one.job(), one.step(), Markdown.html(one.summary())))
        .toList();
  }

  public TestResults.Totals tests() {
    return reports.totals();
  }

  public List<TestResults.Shown> cases() {
    return reports.cases();
  }

  private static Map<String, List<String>> calls(Handle tx, Run run) {
    return Definitions.of(tx, run) instanceof ParseResult.Valid valid
        ? Dependents.calls(valid.workflow())
        : Map.of();
  }

  /// Where the place that an annotation names is shown; empty where it names none of ours.
  public String source(Annotation found) {
    return RunSource.address(run, found);
  }

  public String path() {
    return run.path();
  }

  /// The address of the page with that job shown.
  public String path(JobRun one) {
    return run.path() + "?job=" + one.id();
  }

  public boolean shows(JobRun one) {
    return shows(one.id());
  }

  public boolean shows(UUID one) {
    return job != null && job.id().equals(one);
  }

  /// The lines of the log at which steps begin, separated by commas.
  public String stepLines() {
    return steps.stream()
        .map(step -> Long.toString(step.logLine()))
        .collect(Collectors.joining(","));
  }

  /// Where the log of the shown job is.
  public String logPath() {
    return "/api/v1" + run.path() + "/jobs/" + Objects.requireNonNull(job).id() + "/log";
  }

  /// Whether it can still be stopped, and nobody has asked for that yet.
  public boolean mayCancel(JobRun one) {
    return one.cancelReason() == null
        && (one.phase().leased() || one.phase() == JobPhase.QUEUED)
        && jobs.size() > 1;
  }

  /// Whether it has ended, is the attempt that counts, and may begin again now.
  public boolean mayRerun(JobRun one) {
    return one.current()
        && one.phase().terminal()
        && (run.phase().terminal() || run.cancelledBy() == null);
  }

  public boolean anyFailed() {
    return jobs.stream().anyMatch(one -> Marks.of(one) == StateMark.BAD)
        || run.outcome() == Outcome.CANCELLED;
  }

  /// How long the run was queued, once it is known and long enough to speak of.
  public Optional<String> queueTime() {
    return jobs.stream().findFirst().flatMap(RunPage::queueTime);
  }

  /// How long the job was queued, as above.
  public static Optional<String> queueTime(JobRun one) {
    var from = one.queuedAt();
    var to = one.claimedAt();
    return from == null || to == null || Duration.between(from, to).compareTo(WORTH_SAYING) < 0
        ? Optional.empty()
        : Optional.of(between(from, to));
  }

  /// What started the run, before the name of its branch or tag.
  public String startedBy() {
    return switch (run.event()) {
      case "push" -> "push to";
      case "workflow_dispatch" -> "started by hand on";
      case "schedule" -> "started by the clock on";
      default -> "started by " + Marks.words(run.event()) + " on";
    };
  }

  /// What there is to say of a job that has not begun, in a few words.
  public String notBegun(JobRun one) {
    if (one.waitsForSomething()) {
      return one.waitsForGroup() ? "for its group" : "for approval";
    }
    if (one.phase() != JobPhase.WAITING) {
      return Marks.words(one.stateWord());
    }
    var scope = Dependents.scope(one.key());
    var open = one.needs().stream().filter(need -> isOpen(scope + need)).toList();
    return open.isEmpty() ? "for its turn" : "needs " + String.join(", ", open);
  }

  private boolean isOpen(String need) {
    return jobs.stream()
        .anyMatch(one -> Dependents.isPart(one.key(), need) && !one.phase().terminal());
  }

  public static String between(@Nullable Instant from, @Nullable Instant to) {
    return from == null || to == null ? "" : Format.duration(Duration.between(from, to));
  }

  /// The jobs by the place in the workflow where they stand.
  public List<JobGroup> groups() {
    return JobGroup.of(jobs);
  }

  /// How many of the jobs have ended.
  public long endedJobs() {
    return jobs.stream().filter(one -> one.phase().terminal()).count();
  }

  /// The step at which a reader of the log should begin.
  public long firstLine() {
    return steps.stream()
        .filter(step -> Marks.of(step) == StateMark.BAD)
        .mapToLong(StepRun::logLine)
        .findFirst()
        .orElse(1);
  }
}
