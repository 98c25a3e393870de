package dev.fairway.agent;

import dev.fairway.api.Outcome;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One list of steps while it runs, the job's own or that of a composite action: what its steps
/// have left, how it has gone so far, and what its expressions see.
final class StepScope {
  /// Contexts of the job that an action does not see: it gets what its caller passes on.
  private static final Set<String> CALLERS_OWN = Set.of("vars", "secrets", "needs", "inputs");

  private final JobScope job;
  private final Optional<ActionFrame> frame;
  private final Map<String, Value> steps = new LinkedHashMap<>();
  private Outcome outcome = Outcome.SUCCESS;
  private String reason = "";

  private StepScope(JobScope job, Optional<ActionFrame> frame) {
    this.job = job;
    this.frame = frame;
  }

  static StepScope ofJob(JobScope job) {
    return new StepScope(job, Optional.empty());
  }

  /// These steps as they have gone so far, for one that goes on beside them.
  StepScope beside(JobScope other) {
    var beside = new StepScope(other, frame);
    beside.steps.putAll(steps);
    beside.outcome = outcome;
    beside.reason = reason;
    return beside;
  }

  StepScope ofAction(ActionFrame inner) {
    return new StepScope(job, Optional.of(inner));
  }

  JobScope job() {
    return job;
  }

  /// Whose steps they are, if they are not the job's own.
  Optional<ActionCode> action() {
    return frame.map(ActionFrame::code);
  }

  /// In which its steps stand, as people know it.
  String file() {
    return frame
        .map(action -> action.code().file())
        .orElseGet(() -> job.parts().assignment().workflowPath());
  }

  /// How its steps have gone so far; what went wrong first counts.
  Outcome outcome() {
    return outcome;
  }

  String reason() {
    return reason;
  }

  void failed(Outcome how, String why) {
    if (outcome == Outcome.SUCCESS) {
      outcome = how;
      reason = why;
    }
  }

  void stepEnded(String id, Map<String, String> outputs, StepEnd end) {
    steps.put(
        id,
        new Value.Obj(
            Map.of(
                "outputs", Value.ofStrings(outputs),
                "outcome", Value.of(JobScope.word(end.outcome()).result()),
                "conclusion", Value.of(JobScope.word(end.countsAs()).result()))));
  }

  /// The variables of the action around these steps; later ones of the job lie under them.
  Map<String, String> around() {
    return frame.map(ActionFrame::environment).orElse(Map.of());
  }

  /// What an expression sees now.
  Contexts contexts() {
    return contexts(Map.of());
  }

  /// What the expressions of a step see, with the step's own variables.
  Contexts contexts(Map<String, String> own) {
    var environment = new LinkedHashMap<>(job.additions().variables());
    environment.putAll(around());
    environment.putAll(own);
    var contexts =
        job.contexts(
            Map.of("env", Value.ofStrings(environment), "steps", new Value.Obj(steps)), status());
    return frame.map(action -> inside(action, contexts)).orElse(contexts);
  }

  private Contexts inside(ActionFrame action, Contexts contexts) {
    var inside = contexts;
    for (var name : CALLERS_OWN) {
      inside = inside.with(name, Value.nothing());
    }
    var github =
        contexts.values().get("github") instanceof Value.Obj object ? object : Value.object();
    return inside
        .with("inputs", Value.ofStrings(action.inputs()))
        .with(
            "github",
            github
                .with("action_path", Value.of(action.code().folder().toString()))
                .with("action_repository", Value.of(action.code().repository()))
                .with("action_ref", Value.of(action.code().ref()))
                .with("action_status", Value.of(status().result())));
  }

  private dev.fairway.workflow.Outcome status() {
    return job.cancelled() ? dev.fairway.workflow.Outcome.CANCELLED : JobScope.word(outcome);
  }

  /// The variables of a process of these steps, see [JobScope#processVariables].
  Map<String, String> processVariables(Map<String, String> own) {
    var strongest = new LinkedHashMap<>(around());
    strongest.putAll(own);
    var all = job.processVariables(strongest);
    frame.ifPresent(action -> all.putAll(identity(action.code())));
    return all;
  }

  /// How a process learns which action it belongs to.
  static Map<String, String> identity(ActionCode code) {
    return Map.of(
        "GITHUB_ACTION_PATH", code.folder().toString(),
        "GITHUB_ACTION_REPOSITORY", code.repository(),
        "GITHUB_ACTION_REF", code.ref());
  }
}
