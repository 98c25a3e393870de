package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResolvedAction;
import dev.fairway.api.ResourceUse;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs one job: sets up its folders and its sandbox, runs its steps one after the other, evaluates
/// its outputs, and leaves nothing behind.
///
/// ```
///  set up ──► step ──► step ──► … ──► outputs ──► result
///               │ failed, timed out: the next ones run only if they ask to
///               │ cancelled: it is stopped; the next ones as above, for CLEAN_UP at most
///               └ abandoned: everything is stopped
/// ```
public final class JobRunner implements AutoCloseable {
  /// How long all the steps together may take that run after a cancellation.
  static final Duration CLEAN_UP = Duration.ofMinutes(5);

  private static final int MAX_REASON_CHARS = 8 << 10;

  private final RunnerSettings settings;
  private final InstantSource clock;
  private final Duration cleanUp;
  private final Consumer<Path> deletion;
  private final ActionCache actionCache;
  private final ParsedWorkflows workflows = new ParsedWorkflows();
  private final ForkServer forks;

  public JobRunner(RunnerSettings settings, InstantSource clock) {
    this(settings, clock, CLEAN_UP);
  }

  /// @param deletion deletes each job's folder after the job has ended; it may do so later, or
  ///   leave it to whoever deletes the folder of all of them
  public JobRunner(RunnerSettings settings, InstantSource clock, Consumer<Path> deletion) {
    this(settings, clock, CLEAN_UP, deletion);
  }

  JobRunner(RunnerSettings settings, InstantSource clock, Duration cleanUp) {
    this(settings, clock, cleanUp, JobRunner::discard);
  }

  private JobRunner(
      RunnerSettings settings, InstantSource clock, Duration cleanUp, Consumer<Path> deletion) {
    this.deletion = deletion;
    this.settings = settings;
    this.clock = clock;
    this.cleanUp = cleanUp;
    this.forks = new ForkServer(ForkServer.beside(settings.jobs()), deletion);
    this.actionCache = new ActionCache(settings.actions(), clock, ActionCache.MAX_BYTES);
  }

  /// Makes the folder in which each job gets one of its own, and what else a runner needs beside
  /// it.
  public static void makeFolders(Path jobs) throws IOException {
    var folders = List.of(jobs, ForkServer.beside(jobs));
    for (var folder : folders) {
      Files.createDirectories(folder);
    }
    UnrelatedFolders.in(folders);
  }

  /// Takes a workflow that its caller has parsed, so that none of its jobs has to do that again.
  public void knows(Workflow workflow) {
    workflows.know(workflow);
  }

  /// Lets go of what jobs were started with; none runs any more.
  @Override
  public void close() {
    forks.close();
  }

  /// Runs the job to its end. What goes wrong is in the result; only an interruption is thrown.
  public JobResult run(JobAssignment assignment, JobHost host, Cancellation cancellation)
      throws InterruptedException {
    return run(assignment, host, cancellation, Runnable::run);
  }

  /// @param afterwards removes what the ended job had on the machine; nobody has to wait for that
  JobResult run(
      JobAssignment assignment, JobHost host, Cancellation cancellation, Executor afterwards)
      throws InterruptedException {
    var masker = new Masker(assignment.secretValues());
    masker.add(assignment.jobToken());
    var services = assignment.services();
    if (services != null) {
      masker.add(services.runtimeToken());
    }
    if (host.checkout() instanceof CheckoutSource.Remote remote) {
      masker.add(remote.password());
      masker.add(remote.basic());
    }
    var log = new JobLog(masker, clock, assignment.limits().logBytes(), host::log);
    var report = new JobReport(host, masker, clock);
    JobEnd end;
    try {
      end = onTheMachine(assignment, host, cancellation, masker, log, report, afterwards);
      log.flush();
    } catch (IOException | UncheckedIOException | FairwayException e) {
      end = new JobEnd(Outcome.ERROR, sentence(e));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // A mistake of ours that one job has found must not take its place from the next one.
      System.getLogger("agent")
          .log(System.Logger.Level.ERROR, "Job " + assignment.job() + " found a mistake", e);
      end = new JobEnd(Outcome.ERROR, "The agent made a mistake: " + e + ". See its log");
    }
    return new JobResult(
        end.outcome(),
        shown(masker, end.reason()),
        end.outputs(),
        report.events(),
        log.size(),
        end.actions(),
        end.environmentUrl().orElse(null),
        end.use());
  }

  private JobEnd onTheMachine(
      JobAssignment assignment,
      JobHost host,
      Cancellation cancellation,
      Masker masker,
      JobLog log,
      JobReport report,
      Executor afterwards)
      throws IOException, InterruptedException {
    var user = settings.isolation().ownUser() ? UserIds.OF_THE_MACHINE.acquire() : UserIds.shared();
    var root = settings.jobs().resolve(assignment.lease());
    try {
      var folder = JobFolder.create(root, user);
      return inFolder(
          new JobParts(assignment, host, cancellation, folder, masker, log, report, forks));
    } finally {
      afterwards.execute(() -> remove(assignment.lease(), root, user));
    }
  }

  /// The folder goes last: by it an agent that starts knows what a killed one has left.
  private void remove(String lease, Path root, UserIds.Lease user) {
    try (user) {
      settings.isolation().groups().left(lease).remove();
      deletion.accept(root);
    }
  }

  private static String shown(Masker masker, String reason) {
    var masked = masker.mask(reason);
    return masked.length() > MAX_REASON_CHARS
        ? masked.substring(0, MAX_REASON_CHARS) + "…"
        : masked;
  }

  /// What cannot be deleted is the machine's trouble and no part of the job's result; the agent
  /// tries again when it starts.
  private static void discard(Path folder) {
    try {
      JobFolder.deleteTree(folder);
    } catch (IOException | UncheckedIOException e) {
      System.getLogger("agent").log(System.Logger.Level.WARNING, "Cannot delete " + folder, e);
    }
  }

  /// What has gone wrong, for people.
  static String sentence(Exception e) {
    return switch (e) {
      case FairwayException refusal ->
          refusal.getMessage() + (refusal.next().isEmpty() ? "" : ". " + refusal.next());
      case EvaluationException evaluation -> evaluation.located();
      case UncheckedIOException unchecked -> String.valueOf(unchecked.getMessage());
      case InvalidPathException path ->
          "A path cannot be used: " + path.getReason() + " at character " + (path.getIndex() + 1);
      default -> e.getClass().getSimpleName() + ": " + e.getMessage();
    };
  }

  private record JobEnd(
      Outcome outcome,
      String reason,
      Map<String, String> outputs,
      List<ResolvedAction> actions,
      Optional<String> environmentUrl,
      ResourceUse use) {
    JobEnd(Outcome outcome, String reason) {
      this(outcome, reason, Map.of(), List.of(), Optional.empty(), ResourceUse.UNKNOWN);
    }
  }

  private JobEnd inFolder(JobParts parts) throws IOException, InterruptedException {
    var assignment = parts.assignment();
    var debug = JobEnvironment.debug(assignment);
    var workspace = parts.folder().workspace(assignment.project());
    var output =
        new JobOutput(
            parts.log(),
            parts.masker(),
            parts.report(),
            new ProblemMatchers(parts.folder(), workspace),
            debug);
    var isolation = settings.isolation();
    parts.report().stepStarted(0, "Set up job", 0, 1);
    var note =
        isolation.note(
            assignment.network(),
            assignment.limits().memoryBytes(),
            assignment.limits().processes());
    parts.report().sandbox(note);
    parts.log().line("Job " + assignment.jobName() + ", attempt " + assignment.attempt());
    parts.log().line("Agent " + settings.agent());
    parts.log().line("Isolation: " + note);
    var actions = new JobActions(parts, actionCache, settings.containers());
    try {
      var workflow = workflows.of(assignment);
      if (!(workflow.jobs().get(assignment.jobKey()) instanceof Job.Steps job)) {
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE,
            "%s has no job `%s`".formatted(assignment.workflowPath(), assignment.jobKey()),
            "");
      }
      if (job.usesContainers()) {
        var _ = settings.containers().engine("The job's `container` or `services`");
        parts.host().awaitConfirmation();
        if (parts.cancellation().isAbandoned()) {
          return new JobEnd(Outcome.CANCELLED, "The job was abandoned before it began");
        }
      }
      actions.fetch(job.steps());
      var scope = JobScope.open(parts, output, settings, workflow, job);
      try (scope) {
        parts.host().awaitConfirmation();
        var left = job.cancelTimeout(scope.steps().contexts()).orElse(cleanUp);
        parts.log().flush();
        parts.report().stepFinished(0, Outcome.SUCCESS, Outcome.SUCCESS);
        return steps(parts, scope, actions, job, left);
      }
    } catch (EvaluationException e) {
      return failedSetUp(parts, Outcome.FAILURE, e.in(file(parts)));
    } catch (FairwayException e) {
      var ours = e.code() != ErrorCode.UNPROCESSABLE;
      return failedSetUp(parts, ours ? Outcome.ERROR : Outcome.FAILURE, e);
    }
  }

  private static String file(JobParts parts) {
    return parts.assignment().workflowPath();
  }

  private static JobEnd failedSetUp(JobParts parts, Outcome outcome, Exception e) {
    parts.log().line("##[error]" + sentence(e));
    parts.report().stepFinished(0, outcome, outcome);
    return new JobEnd(outcome, sentence(e));
  }

  /// @param left how long steps may still run after a cancellation
  private JobEnd steps(
      JobParts parts, JobScope scope, JobActions actions, Job.Steps job, Duration left)
      throws IOException, InterruptedException {
    var cancellation = parts.cancellation();
    var seconds = parts.assignment().limits().timeoutSeconds();
    // Both are cancelled with the job: a clock that runs for hours yet would hold on to all of it.
    var timeUp = new CompletableFuture<Void>();
    var tooLate = new CompletableFuture<Void>();
    var _ = timeUp.thenRun(cancellation::timeOut);
    var _ = timeUp.completeOnTimeout(null, seconds, TimeUnit.SECONDS);
    try {
      var _ =
          cancellation
              .requested()
              .thenRun(
                  () -> tooLate.completeOnTimeout(null, left.toMillis(), TimeUnit.MILLISECONDS));
      new JobSteps(scope, actions, tooLate).run(job.steps());
      var outputs = outputs(parts, scope, job);
      return new JobEnd(
          scope.outcome(),
          scope.reason(),
          outputs,
          actions.fetched(),
          url(parts, scope, job),
          scope.sandbox().use());
    } finally {
      timeUp.cancel(false);
      tooLate.cancel(false);
    }
  }

  /// The address of the job's environment; none, with a warning, where it has no value or shows a
  /// secret.
  private static Optional<String> url(JobParts parts, JobScope scope, Job.Steps job) {
    try {
      var url = job.environment().flatMap(environment -> environment.url(scope.steps().contexts()));
      if (url.filter(text -> !parts.masker().mask(text).equals(text)).isPresent()) {
        parts.log().line("##[warning]The environment's url is left out: it shows a secret");
        return Optional.empty();
      }
      return url;
    } catch (EvaluationException e) {
      parts.log().line("##[warning]The environment's url: " + sentence(e.in(file(parts))));
      return Optional.empty();
    }
  }

  /// The job's outputs; none, and a job that failed, where they cannot be evaluated or are too
  /// long.
  private static Map<String, String> outputs(JobParts parts, JobScope scope, Job.Steps job) {
    var outputs = new LinkedHashMap<String, String>();
    try {
      job.outputs(scope.steps().contexts())
          .forEach((name, value) -> {
            if (parts.masker().mask(value).equals(value)) {
              outputs.put(name, value);
            } else {
              parts
                  .log()
                  .line("##[warning]The output `" + name + "` is left out: it shows a secret");
            }
          });
    } catch (EvaluationException e) {
      return withoutOutputs(parts, scope, "The job's outputs: " + sentence(e.in(file(parts))));
    }
    var size = outputs.isEmpty() ? 0 : Json.MAPPER.writeValueAsString(outputs).length();
    return size <= JobCompletion.MAX_OUTPUT_CHARS
        ? outputs
        : withoutOutputs(
            parts,
            scope,
            "The job's outputs have %d characters, the limit is %d. Put large values into an artifact."
                .formatted(size, JobCompletion.MAX_OUTPUT_CHARS));
  }

  private static Map<String, String> withoutOutputs(JobParts parts, JobScope scope, String why) {
    parts.log().line("##[error]" + why);
    scope.steps().failed(Outcome.FAILURE, why);
    return Map.of();
  }
}
