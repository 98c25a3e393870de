package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Ids;
import dev.fairway.server.vault.Vault;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Event;
import dev.fairway.workflow.InputDefinition;
import dev.fairway.workflow.Inputs;
import dev.fairway.workflow.ParseResult;
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

  RunStarter(Scheduler scheduler, RunEvidence evidence, Vault vault, InstantSource clock) {
    this.scheduler = scheduler;
    this.evidence = evidence;
    this.vault = vault;
    this.clock = clock;
  }

  /// Starts every workflow that the event triggers. One that is not valid becomes a failed run that
  /// says where the mistake is: whether it was meant to run cannot be known.
  ///
  /// @param files text by path, at the commit
  List<Run> onEvent(Handle tx, Origin origin, Event event, SequencedMap<String, String> files) {
    var runs = new ArrayList<Run>();
    files.sequencedEntrySet().stream()
        .limit(RunLimits.MAX_WORKFLOWS_OF_A_COMMIT)
        .forEach(file -> {
          switch (NotYet.refuse(WorkflowParser.parse(file.getKey(), file.getValue()))) {
            case ParseResult.Valid valid -> {
              if (valid.workflow().triggeredBy(event)) {
                runs.add(start(tx, origin, file.getValue(), valid, noInputs()));
              }
            }
            case ParseResult.Invalid invalid ->
                runs.add(refuse(tx, origin, file.getKey(), file.getValue(), invalid));
          }
        });
    return runs;
  }

  /// Starts one workflow by hand.
  ///
  /// @param given the inputs as text
  /// @param environments what an input of that type may be; anything where there are none
  Run dispatch(
      Handle tx,
      Origin origin,
      String path,
      String text,
      Map<String, String> given,
      List<String> environments) {
    var valid =
        switch (NotYet.refuse(WorkflowParser.parse(path, text))) {
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
    return start(tx, origin, text, valid, Json.MAPPER.readTree(inputs.toCompactJson()));
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
      Handle tx, Origin origin, String text, ParseResult.Valid valid, JsonNode inputs) {
    var workflow = valid.workflow();
    var name = workflow.name().orElse(workflow.file());
    var run = newRun(tx, origin, workflow.file(), name, text, inputs, null, workflow);
    RunStore.insert(tx, run);
    annotate(
        tx,
        run,
        Stream.concat(valid.warnings().stream(), WorkflowLint.check(workflow).stream()).toList());
    scheduler.addJobs(tx, run, workflow);
    scheduler.advance(tx, RunStore.lock(tx, run.id()));
    return run;
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
