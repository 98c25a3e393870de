package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.BuiltinAction;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Runs the steps of a job: decides whether a step runs, evaluates it, lets its action run, bounds
/// its time, reads what it says back, and remembers how it went.
final class StepRunner {
  /// As often a checkout is begun whose server goes away in the middle.
  private static final int MAX_CHECKOUTS = 5;

  private static final Set<ErrorCode> OURS =
      Set.of(
          ErrorCode.INTERNAL,
          ErrorCode.STORAGE_UNAVAILABLE,
          ErrorCode.DATABASE_UNAVAILABLE,
          ErrorCode.UNAUTHENTICATED);

  private final JobScope scope;
  private final JobParts parts;
  private final CompletableFuture<?> tooLate;

  /// @param tooLate completed when the time has passed that a cancelled job has to clean up
  StepRunner(JobScope scope, CompletableFuture<?> tooLate) {
    this.scope = scope;
    this.parts = scope.parts();
    this.tooLate = tooLate;
  }

  void run(Step step) throws InterruptedException {
    var index = step.index() + 1;
    scope.output().begin(index);
    parts.report().stepStarted(index, name(step), parts.log().size(), parts.log().lines() + 1);
    var outputs = new LinkedHashMap<String, String>();
    var ended = attempt(step, index, outputs);
    var countsAs = ended.outcome();
    if (ended.tolerated()) {
      countsAs = Outcome.SUCCESS;
    }
    step.id().ifPresent(id -> scope.stepEnded(id, outputs, ended.outcome(), ended.countsAs()));
    if (countsAs != Outcome.SUCCESS && countsAs != Outcome.SKIPPED) {
      scope.failed(countsAs, "Step `%s`: %s".formatted(name(step), ended.why()));
    }
    parts.log().flush();
    parts.report().stepFinished(index, ended.outcome(), countsAs);
  }

  /// @param tolerated whether the step failed and may
  private record Ended(Outcome outcome, String why, boolean tolerated) {
    Outcome countsAs() {
      return tolerated ? Outcome.SUCCESS : outcome;
    }
  }

  private Ended attempt(Step step, int index, Map<String, String> outputs)
      throws InterruptedException {
    var tolerated = false;
    try {
      var own = step.environment(scope.contexts());
      var contexts = scope.contexts(own);
      if (!step.shouldRun(contexts)) {
        return new Ended(Outcome.SKIPPED, "", false);
      }
      tolerated = step.toleratesFailure(contexts);
      var result = act(step, index, own, contexts, outputs);
      var refused = scope.output().refused();
      if (!refused.isEmpty()) {
        return new Ended(Outcome.FAILURE, refused.getFirst(), tolerated);
      }
      return ended(result, step, contexts, tolerated);
    } catch (EvaluationException e) {
      return refused(Outcome.FAILURE, e, tolerated);
    } catch (FairwayException e) {
      return OURS.contains(e.code())
          ? refused(Outcome.ERROR, e, false)
          : refused(Outcome.FAILURE, e, tolerated);
    } catch (IOException | UncheckedIOException e) {
      return refused(Outcome.ERROR, e, false);
    }
  }

  private Ended refused(Outcome outcome, Exception e, boolean tolerated) {
    var why = JobRunner.sentence(e);
    parts.log().line("##[error]" + why);
    return new Ended(outcome, why, tolerated);
  }

  private Ended ended(Action.Result result, Step step, Contexts contexts, boolean tolerated)
      throws IOException {
    return switch (result) {
      case Action.Result.Exited(var code) when code == 0 -> new Ended(Outcome.SUCCESS, "", false);
      case Action.Result.Exited(var code) -> {
        var why = "the process ended with exit code " + code;
        if (scope.sandbox().lostProcessToMemoryLimit()) {
          var limit = parts.assignment().limits().memoryBytes() >> 20;
          why += ", after the job had used up its %d MiB of memory".formatted(limit);
          parts
              .log()
              .line(
                  "##[error]The job used up its %d MiB of memory, and the kernel ended a process of it."
                      .formatted(limit));
        }
        parts.log().line("##[error]Process completed with exit code " + code + ".");
        yield new Ended(Outcome.FAILURE, why, tolerated);
      }
      case Action.Result.Stopped(var reason) ->
          switch (reason) {
            case CANCELLED, ABANDONED ->
                stopped(Outcome.CANCELLED, "The operation was canceled.", false);
            case JOB_TIMED_OUT -> stopped(Outcome.TIMED_OUT, scope.reason(), false);
            case STEP_TIMED_OUT ->
                stopped(
                    Outcome.TIMED_OUT,
                    "The step took longer than its %d minutes"
                        .formatted(step.timeout(contexts).orElseThrow().toMinutes()),
                    tolerated);
            case LOG_FULL ->
                stopped(
                    Outcome.FAILURE,
                    "The log has reached its limit of %d bytes"
                        .formatted(parts.assignment().limits().logBytes()),
                    false);
          };
    };
  }

  private Ended stopped(Outcome outcome, String why, boolean tolerated) {
    parts.log().line("##[error]" + why);
    return new Ended(outcome, why, tolerated);
  }

  private Action.Result act(
      Step step, int index, Map<String, String> own, Contexts contexts, Map<String, String> outputs)
      throws IOException, InterruptedException {
    var stop = new Stop();
    if (parts.cancellation().requested().isDone()) {
      stop.when(parts.cancellation().abandoned(), Stop.Reason.ABANDONED);
      stop.when(tooLate, Stop.Reason.CANCELLED);
    } else {
      stop.when(parts.cancellation());
    }
    stop.when(scope.output().logFull(), Stop.Reason.LOG_FULL);
    step.timeout(contexts).ifPresent(time -> stop.after(time, Stop.Reason.STEP_TIMED_OUT));
    var files = StepFiles.create(parts.folder(), index);
    try {
      var variables = new HashMap<>(scope.processVariables(own));
      variables.put("GITHUB_ACTION", step.id().orElse("__run_" + index));
      variables.putAll(files.variables());
      var result = result(action(step, contexts, own, variables, outputs), stop);
      takeOver(files, index, result, outputs);
      return result;
    } finally {
      files.delete();
    }
  }

  /// Who is stopped while he waits for the server has been stopped, whatever he says.
  private static Action.Result result(Action action, Stop stop)
      throws IOException, InterruptedException {
    try {
      return action.run(stop);
    } catch (IOException e) {
      if (stop.reason().isDone()) {
        return new Action.Result.Stopped(stop.reason().resultNow());
      }
      throw e;
    }
  }

  /// A step that failed or was stopped may have been in the middle of a line; that must not hide
  /// how it ended.
  private void takeOver(
      StepFiles files, int index, Action.Result result, Map<String, String> outputs)
      throws IOException {
    try {
      outputs.putAll(files.read(scope, parts.report(), index));
    } catch (FairwayException e) {
      if (result.equals(Action.Result.SUCCESS)) {
        throw e;
      }
      parts.log().line("##[warning]" + JobRunner.sentence(e));
    }
  }

  private Action action(
      Step step,
      Contexts contexts,
      Map<String, String> own,
      Map<String, String> variables,
      Map<String, String> outputs) {
    return switch (step) {
      case Step.Run run -> {
        var script = run.script().text(contexts);
        var shell = run.shell(contexts);
        var folder =
            scope
                .workspace()
                .resolve(run.workingDirectory().map(path -> path.text(contexts)).orElse(""))
                .normalize();
        announce(script, "shell: " + LaunchScript.invocation(shell), own);
        yield new RunScript(scope.sandbox(), parts.folder(), variables, folder, shell, script);
      }
      case Step.Uses uses -> {
        var with = uses.inputs(contexts);
        announce(uses.action().text(), "with: " + with, own);
        yield switch (uses.action()) {
          case ActionReference.Builtin named ->
              builtin(named.action(), new ActionInputs(named.text(), with), variables, outputs);
          case ActionReference.Local _, ActionReference.Repository _, ActionReference.Docker _ ->
              throw new FairwayException(
                  ErrorCode.UNSUPPORTED,
                  "The action `" + uses.action().text() + "` is not supported yet",
                  "Built in are " + BuiltinAction.names() + "; for anything else use `run`.");
        };
      }
    };
  }

  private Action builtin(
      BuiltinAction action,
      ActionInputs inputs,
      Map<String, String> variables,
      Map<String, String> outputs) {
    var assignment = parts.assignment();
    return switch (action) {
      case CHECKOUT -> stop -> checkout(inputs, variables, outputs, stop);
      case UPLOAD_ARTIFACT ->
          new UploadArtifact(
              inputs,
              parts.host(),
              parts.log(),
              parts.folder(),
              scope.workspace(),
              assignment.limits().artifactBytes(),
              outputs::put);
      case DOWNLOAD_ARTIFACT ->
          new DownloadArtifact(
              inputs,
              parts.host(),
              parts.log(),
              scope.sandbox(),
              parts.folder(),
              scope.workspace(),
              variables,
              outputs::put);
      case CACHE, CACHE_RESTORE, CACHE_SAVE, SETUP_JAVA, SETUP_NODE, SETUP_PYTHON ->
          throw new FairwayException(
              ErrorCode.UNSUPPORTED, "`" + action.repository() + "` is not supported yet", "");
    };
  }

  private Action.Result checkout(
      ActionInputs inputs, Map<String, String> variables, Map<String, String> outputs, Stop stop)
      throws IOException, InterruptedException {
    var sandbox = scope.sandboxReachesNetwork() ? scope.sandbox() : scope.openNetwork();
    try {
      var result = checkout(inputs, variables, outputs, sandbox).run(stop);
      for (var more = MAX_CHECKOUTS - 1;
          more > 0
              && result instanceof Action.Result.Exited(var code)
              && code != 0
              && parts.host().wasAway(stop.reason());
          more--) {
        parts.log().line("##[warning]The server was away; the checkout is made again.");
        result = checkout(inputs, variables, outputs, sandbox).run(stop);
      }
      return result;
    } finally {
      if (sandbox != scope.sandbox()) {
        sandbox.close();
      }
    }
  }

  private Checkout checkout(
      ActionInputs inputs, Map<String, String> variables, Map<String, String> outputs, Sandbox in) {
    var github = parts.assignment().contexts().path("github");
    return new Checkout(
        inputs,
        parts.host().checkout(),
        in,
        parts.folder(),
        scope.workspace(),
        variables,
        github.path("sha").asString(""),
        github.path("ref").asString(""),
        outputs::put);
  }

  private void announce(String what, String how, Map<String, String> own) {
    var first = what.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst();
    parts.log().line("##[group]Run " + first.orElse(""));
    parts.log().line(what);
    parts.log().line(how);
    if (!own.isEmpty()) {
      parts.log().line("env:");
      own.forEach((name, value) -> parts.log().line("  " + name + ": " + value));
    }
    parts.log().line("##[endgroup]");
    parts.log().flush();
  }

  private String name(Step step) {
    try {
      return step.displayName(scope.contexts());
    } catch (EvaluationException e) {
      return "Step " + (step.index() + 1);
    }
  }
}
