package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.actions.WorkflowSources;
import dev.fairway.server.db.Ids;
import dev.fairway.server.vault.Vault;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Event;
import dev.fairway.workflow.InputDefinition;
import dev.fairway.workflow.Inputs;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Position;
import dev.fairway.workflow.Rule;
import dev.fairway.workflow.Trigger;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowLint;
import dev.fairway.workflow.WorkflowParser;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes runs.
final class RunStarter {
  /// The detail of a refusal that says what is wrong with each input, by its name.
  static final String INPUTS = "inputs";

  private final Scheduler scheduler;
  private final RunEvidence evidence;
  private final Vault vault;
  private final InstantSource clock;
  private volatile Optional<WorkflowSources> sources = Optional.empty();

  RunStarter(Scheduler scheduler, RunEvidence evidence, Vault vault, InstantSource clock) {
    this.scheduler = scheduler;
    this.evidence = evidence;
    this.vault = vault;
    this.clock = clock;
  }

  /// Where workflows of other repositories come from.
  void sources(WorkflowSources others) {
    sources = Optional.of(others);
  }

  /// Starts every workflow that the event triggers. One that is not valid becomes a failed run that
  /// says where the mistake is: whether it was meant to run cannot be known.
  ///
  /// @param files text by path, at the commit
  List<Run> onEvent(Handle tx, Origin origin, Event event, SequencedMap<String, String> files) {
    return onEvent(tx, origin, event, files, _ -> true, true);
  }

  /// Starts what waits for an event that is not a push. Of a workflow that is not valid the push
  /// has told already.
  ///
  /// @param only which files may start
  List<Run> onDefaultBranch(
      Handle tx,
      Origin origin,
      Event event,
      SequencedMap<String, String> files,
      Predicate<String> only) {
    return onEvent(tx, origin, event, files, only, false);
  }

  private List<Run> onEvent(
      Handle tx,
      Origin origin,
      Event event,
      SequencedMap<String, String> files,
      Predicate<String> only,
      boolean tellInvalid) {
    var lookup = new CallLookup(origin, files, sources);
    // All are read before the first one starts: a workflow of another repository may have to be
    // fetched, and a run holds locks of its project.
    var read = new LinkedHashMap<String, ParseResult>();
    files.sequencedEntrySet().stream()
        .limit(RunLimits.MAX_WORKFLOWS_OF_A_COMMIT)
        .filter(file -> only.test(file.getKey()))
        .forEach(file ->
            read.put(
                file.getKey(), read(file.getKey(), file.getValue(), Optional.of(event), lookup)));
    var runs = new ArrayList<Run>();
    read.forEach((path, result) -> {
      var text = files.getOrDefault(path, "");
      switch (result) {
        case ParseResult.Valid valid -> {
          if (valid.workflow().triggeredBy(event)) {
            runs.add(start(tx, origin, text, valid, noInputs(), lookup.calledBy(path)));
          }
        }
        case ParseResult.Invalid invalid -> {
          if (tellInvalid) {
            runs.add(refuse(tx, origin, path, text, invalid));
          }
        }
      }
    });
    return runs;
  }

  /// Reads a workflow with those that it calls. One that the event does not start is read alone, so
  /// that a push does not have to wait for what other events need.
  private static ParseResult read(
      String path, String text, Optional<Event> event, CallLookup lookup) {
    var alone = WorkflowParser.parse(path, text);
    return switch (alone) {
      case ParseResult.Invalid _ -> alone;
      case ParseResult.Valid valid
          when event.filter(one -> !valid.workflow().triggeredBy(one)).isPresent() ->
          alone;
      case ParseResult.Valid valid when calls(valid.workflow()) ->
          WorkflowParser.parse(path, text, lookup);
      case ParseResult.Valid _ -> alone;
    };
  }

  private static boolean calls(Workflow workflow) {
    return workflow.jobs().values().stream().anyMatch(Job.Call.class::isInstance);
  }

  /// Starts one workflow by hand.
  ///
  /// @param files text by path, at the commit
  /// @param given the inputs as text
  /// @param environments what an input of that type may be; anything where there are none
  Run dispatch(
      Handle tx,
      Origin origin,
      String path,
      Map<String, String> files,
      Map<String, String> given,
      List<String> environments) {
    var lookup = new CallLookup(origin, files, sources);
    var text = files.getOrDefault(path, "");
    var valid =
        switch (read(path, text, Optional.empty(), lookup)) {
          case ParseResult.Valid it -> it;
          case ParseResult.Invalid invalid ->
              throw new FairwayException(
                  ErrorCode.UNPROCESSABLE,
                  invalid.diagnostics().getFirst().toString(),
                  "Correct the workflow and push it.");
        };
    var dispatch =
        valid
            .workflow()
            .dispatch()
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.UNPROCESSABLE,
                    path + " cannot be started by hand",
                    "Add workflow_dispatch to its 'on'."));
    var inputs =
        switch (dispatch.check(given)) {
          case Inputs.Accepted accepted -> accepted.values();
          case Inputs.Rejected rejected -> throw refused(path, rejected.byInput());
        };
    requireEnvironments(path, dispatch, inputs, environments);
    return start(
        tx,
        origin,
        text,
        valid,
        Json.MAPPER.readTree(inputs.toCompactJson()),
        lookup.calledBy(path));
  }

  private static void requireEnvironments(
      String path, Trigger.Dispatch dispatch, Value.Obj inputs, List<String> environments) {
    var problems = new LinkedHashMap<String, String>();
    dispatch
        .inputs()
        .forEach((name, input) -> {
          var value = inputs.member(name).map(Value::text).orElse("");
          if (input.type() == InputDefinition.Type.ENVIRONMENT
              && !environments.isEmpty()
              && !value.isEmpty()
              && !environments.contains(value)) {
            problems.put(
                name,
                "There is no environment '%s'. There are: %s."
                    .formatted(value, String.join(", ", environments)));
          }
        });
    if (!problems.isEmpty()) {
      throw refused(path, problems);
    }
  }

  private static FairwayException refused(String path, Map<String, String> byInput) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        String.join(" ", byInput.values()),
        "Give the inputs that " + path + " defines.",
        Map.of(INPUTS, byInput),
        null);
  }

  private Run start(
      Handle tx,
      Origin origin,
      String text,
      ParseResult.Valid valid,
      JsonNode inputs,
      CalledFiles called) {
    var workflow = valid.workflow();
    var name = workflow.name().orElse(workflow.file());
    var run = newRun(tx, origin, workflow.file(), name, text, inputs, null, workflow);
    var contexts = Scheduler.contexts(run);
    try {
      var _ = workflow.concurrency(contexts);
    } catch (EvaluationException e) {
      return refuse(tx, origin, workflow.file(), text, unusable(workflow, e));
    }
    RunStore.insert(tx, run);
    called.store(tx, run.id());
    annotate(
        tx,
        run,
        Stream.concat(valid.warnings().stream(), WorkflowLint.check(workflow).stream()).toList());
    JobRows.addAll(tx, run, workflow, clock.instant(), false);
    if (origin.more().depth() > 0) {
      RunStore.depth(tx, run.id(), origin.more().depth());
    }
    Events.run(tx, run, "requested", run.createdAt());
    scheduler.advance(tx, RunStore.lock(tx, run.id()));
    return run;
  }

  private static ParseResult.Invalid unusable(Workflow workflow, EvaluationException e) {
    var position = e.position().orElse(new Position(1, 1));
    return new ParseResult.Invalid(
        List.of(
            new Diagnostic(
                workflow.file(),
                position.line(),
                position.column(),
                Diagnostic.Severity.ERROR,
                Rule.SYNTAX,
                String.valueOf(e.getMessage()))));
  }

  private Run refuse(
      Handle tx, Origin origin, String path, String text, ParseResult.Invalid invalid) {
    var run = newRun(tx, origin, path, path, text, noInputs(), Outcome.FAILURE, null);
    RunStore.insert(tx, run);
    annotate(tx, run, invalid.diagnostics());
    evidence.runEnded(tx, run, Outcome.FAILURE, List.of(), run.createdAt());
    Topics.changed(tx, run.id(), run.projectId());
    return run;
  }

  private Run newRun(
      Handle tx,
      Origin origin,
      String path,
      String name,
      String text,
      JsonNode inputs,
      @Nullable Outcome outcome,
      @Nullable Workflow workflow) {
    var id = Ids.next();
    var at = clock.instant();
    var number = RunStore.nextNumber(tx, origin.projectId());
    var variables = vault.variablesOf(tx, origin.projectId(), Optional.empty());
    var contexts = origin.contexts(id, number, 1, name, path, inputs, variables);
    return new Run(
        id,
        origin.projectId(),
        origin.project(),
        number,
        1,
        path,
        RunLimits.cut(name, RunLimits.MAX_NAME_CHARS),
        text,
        RunLimits.cut(title(origin, workflow, contexts), RunLimits.MAX_NAME_CHARS),
        origin.event(),
        origin.ref(),
        origin.commit(),
        origin.actor(),
        contexts,
        outcome == null ? RunPhase.QUEUED : RunPhase.ENDED,
        outcome,
        null,
        at,
        null,
        outcome == null ? null : at);
  }

  private static String title(Origin origin, @Nullable Workflow workflow, String contexts) {
    var fallback = origin.title().isBlank() ? origin.commit() : origin.title();
    if (workflow == null) {
      return fallback;
    }
    try {
      var seen = Contexts.empty();
      if (Value.ofJson(contexts) instanceof Value.Obj all) {
        for (var context : all.members().entrySet()) {
          seen = seen.with(context.getKey(), context.getValue());
        }
      }
      return workflow.runName(seen).orElse(fallback);
    } catch (EvaluationException e) {
      return fallback;
    }
  }

  private static void annotate(Handle tx, Run run, List<Diagnostic> diagnostics) {
    var number = 0L;
    for (var diagnostic : diagnostics) {
      var level =
          switch (diagnostic.severity()) {
            case ERROR -> "error";
            case WARNING -> "warning";
          };
      if (number == RunLimits.MAX_ANNOTATIONS_OF_A_JOB) {
        return;
      }
      DetailStore.annotate(
          tx,
          run.id(),
          number++,
          new Annotation(
              null,
              -1,
              level,
              diagnostic.message(),
              diagnostic.file(),
              diagnostic.line(),
              diagnostic.column()));
    }
  }

  private static JsonNode noInputs() {
    return Json.MAPPER.createObjectNode();
  }

  /// The run of that id, for callers that know it exists.
  static Run known(Handle tx, UUID id) {
    return RunStore.find(tx, id)
        .orElseThrow(() -> new FairwayException(ErrorCode.NOT_FOUND, "There is no run " + id, ""));
  }
}
