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
import dev.fairway.workflow.Permissions;
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
    var runs = new ArrayList<Run>();
    files.sequencedEntrySet().stream()
        .limit(RunLimits.MAX_WORKFLOWS_OF_A_COMMIT)
        .filter(file -> only.test(file.getKey()))
        .forEach(file -> {
          var path = file.getKey();
          var text = file.getValue();
          // Without those of other repositories: to fetch one may take long, and this transaction
          // has the events behind this one wait.
          var near =
              new CallLookup(
                  origin.project(),
                  origin.commit(),
                  files,
                  Optional.empty(),
                  Scheduler.standard(tx, origin.projectId()));
          var alone = WorkflowParser.parse(path, text);
          switch (alone) {
            case ParseResult.Valid valid -> {
              if (valid.workflow().triggeredBy(event)) {
                runs.add(start(tx, origin, text, valid, near));
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

  /// Starts a workflow that an event triggers. One that calls workflows of other repositories is a
  /// run without jobs until they are fetched, and so is one behind such a run.
  private Run start(
      Handle tx, Origin origin, String text, ParseResult.Valid alone, CallLookup near) {
    var path = alone.workflow().file();
    var whole = calls(alone.workflow()) ? WorkflowParser.parse(path, text, near) : alone;
    var fetch = near.leftOwnRepository() && sources.isPresent();
    if (fetch || CallFetches.pending(tx, origin.projectId(), path)) {
      var run = insert(tx, origin, text, alone.workflow(), noInputs());
      CallFetches.add(tx, run);
      Topics.changed(tx, run.id(), run.projectId());
      return run;
    }
    return switch (whole) {
      case ParseResult.Valid valid ->
          begin(
              tx,
              insert(tx, origin, text, valid.workflow(), noInputs()),
              valid,
              near.calledBy(path));
      case ParseResult.Invalid invalid -> refuse(tx, origin, path, text, invalid);
    };
  }

  /// A run's workflow with those that it calls.
  record Fetched(ParseResult workflow, CalledFiles called) {}

  /// Reads the run's workflow with everything that it calls. Call it outside of a transaction: it
  /// may have to ask another server.
  ///
  /// @param files text by path, at the run's commit
  /// @param standard see [Scheduler#standard]
  Fetched fetch(Run run, Map<String, String> files, Permissions standard) {
    var lookup = new CallLookup(run.project(), run.commit(), files, sources, standard);
    var read = WorkflowParser.parse(run.workflowPath(), run.workflowText(), lookup);
    return new Fetched(read, lookup.calledBy(run.workflowPath()));
  }

  /// Gives a run its jobs, or ends it where it has none to be given.
  void goOn(Handle tx, Run run, Fetched fetched) {
    switch (fetched.workflow()) {
      case ParseResult.Valid valid -> begin(tx, run, valid, fetched.called());
      case ParseResult.Invalid invalid -> fail(tx, run, invalid);
    }
  }

  /// Whether a job of it is another workflow.
  static boolean calls(Workflow workflow) {
    return workflow.jobs().values().stream().anyMatch(Job.Call.class::isInstance);
  }

  /// A workflow that somebody starts by hand, read with those that it calls.
  record Prepared(
      Origin origin, String path, String text, ParseResult.Valid workflow, CalledFiles called) {}

  /// Reads a workflow that is to be started by hand. Call it outside of a transaction: it may have
  /// to ask another server.
  ///
  /// @param files text by path, at the commit
  Prepared prepare(Origin origin, String path, Map<String, String> files, Permissions standard) {
    var lookup = new CallLookup(origin.project(), origin.commit(), files, sources, standard);
    var text = files.getOrDefault(path, "");
    return switch (WorkflowParser.parse(path, text, lookup)) {
      case ParseResult.Valid valid ->
          new Prepared(origin, path, text, valid, lookup.calledBy(path));
      case ParseResult.Invalid invalid ->
          throw new FairwayException(
              ErrorCode.UNPROCESSABLE,
              invalid.diagnostics().getFirst().toString(),
              "Correct the workflow and push it.");
    };
  }

  /// Starts one workflow by hand.
  ///
  /// @param given the inputs as text
  /// @param environments what an input of that type may be; anything where there are none
  Run dispatch(Handle tx, Prepared prepared, Map<String, String> given, List<String> environments) {
    var path = prepared.path();
    var valid = prepared.workflow();
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
    return begin(
        tx,
        insert(
            tx,
            prepared.origin(),
            prepared.text(),
            valid.workflow(),
            Json.MAPPER.readTree(inputs.toCompactJson())),
        valid,
        prepared.called());
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

  private Run insert(Handle tx, Origin origin, String text, Workflow workflow, JsonNode inputs) {
    var name = workflow.name().orElse(workflow.file());
    var run = newRun(tx, origin, workflow.file(), name, text, inputs, workflow);
    RunStore.insert(tx, run);
    if (origin.more().depth() > 0) {
      RunStore.depth(tx, run.id(), origin.more().depth());
    }
    return run;
  }

  private Run begin(Handle tx, Run run, ParseResult.Valid valid, CalledFiles called) {
    var workflow = valid.workflow();
    try {
      var _ = workflow.concurrency(Scheduler.contexts(run));
    } catch (EvaluationException e) {
      return fail(tx, run, new ParseResult.Invalid(List.of(Diagnostic.of(workflow, e))));
    }
    called.store(tx, run.id());
    annotate(
        tx,
        run,
        Stream.concat(valid.warnings().stream(), WorkflowLint.check(workflow).stream()).toList());
    JobRows.addAll(tx, run, workflow, clock.instant(), false);
    Events.run(tx, run, "requested", run.createdAt());
    scheduler.advance(tx, RunStore.lock(tx, run.id()));
    return run;
  }

  private Run refuse(
      Handle tx, Origin origin, String path, String text, ParseResult.Invalid invalid) {
    var run = newRun(tx, origin, path, path, text, noInputs(), null);
    RunStore.insert(tx, run);
    return fail(tx, run, invalid);
  }

  /// Ends a run that has no jobs, and says why.
  private Run fail(Handle tx, Run run, ParseResult.Invalid invalid) {
    var at = clock.instant();
    annotate(tx, run, invalid.diagnostics());
    RunStore.ended(tx, run.id(), Outcome.FAILURE, at);
    evidence.runEnded(tx, run, Outcome.FAILURE, List.of(), at);
    Topics.changed(tx, run.id(), run.projectId());
    return known(tx, run.id());
  }

  private Run newRun(
      Handle tx,
      Origin origin,
      String path,
      String name,
      String text,
      JsonNode inputs,
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
        RunPhase.QUEUED,
        null,
        null,
        at,
        null,
        null);
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
