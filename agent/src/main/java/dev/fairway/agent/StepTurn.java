package dev.fairway.agent;

import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The turn of a step of the job or of a composite action.
final class StepTurn implements Turn {
  private final Step step;
  private final JobSteps steps;
  private final String file;
  private @Nullable ActionCall call;

  /// @param file in which the step stands
  StepTurn(Step step, JobSteps steps, String file) {
    this.step = step;
    this.steps = steps;
    this.file = file;
  }

  @Override
  public Map<String, String> environment(Contexts contexts) {
    return placed(() -> step.environment(contexts));
  }

  @Override
  public boolean shouldRun(Contexts contexts) {
    return placed(() -> step.shouldRun(contexts));
  }

  @Override
  public boolean toleratesFailure(Contexts contexts) {
    return placed(() -> step.toleratesFailure(contexts));
  }

  @Override
  public Optional<Duration> timeout(Contexts contexts) {
    return placed(() -> step.timeout(contexts));
  }

  /// What the step itself says, and not its action.
  private <T> T placed(Supplier<T> said) {
    return EvaluationException.within(file, said);
  }

  @Override
  public String word() {
    return step.id()
        .orElseGet(() ->
            switch (step) {
              case Step.Run _ -> "__run_" + (step.index() + 1);
              case Step.Uses uses -> JobActions.word(uses.action());
              case Step.Wait _, Step.Cancel _ -> throw noAction();
            });
  }

  @Override
  public void keep(Map<String, String> state) {
    if (call != null) {
      call.state().putAll(state);
    }
  }

  @Override
  public Action begin(Scene scene) throws IOException, InterruptedException {
    return switch (step) {
      case Step.Run run -> placed(() -> script(run, scene));
      case Step.Uses uses -> use(uses, scene);
      case Step.Wait _, Step.Cancel _ -> throw noAction();
    };
  }

  private static IllegalStateException noAction() {
    return new IllegalStateException("a step that is about other steps does nothing by itself");
  }

  private Action script(Step.Run run, Scene scene) {
    var job = scene.scope().job();
    var script = run.script().text(scene.contexts());
    var shell = run.shell(scene.contexts(), job.begun());
    var folder =
        job.workspace()
            .resolve(run.workingDirectory(scene.contexts(), job.begun()).orElse(""))
            .normalize();
    steps.announce(script, "shell: " + LaunchScript.invocation(shell), scene.own());
    return new RunScript(
        job.processes(),
        job.parts().folder(),
        scene.variables(),
        folder,
        shell,
        script,
        job.name());
  }

  private Action use(Step.Uses uses, Scene scene) throws IOException, InterruptedException {
    var with = placed(() -> uses.inputs(scene.contexts()));
    steps.announce(uses.action().text(), "with: " + with, scene.own());
    return switch (uses.action()) {
      case ActionReference.Builtin named ->
          new BuiltinActions(scene, steps, named.text())
              .of(named.action(), new ActionInputs(named.text(), known(named, with, scene)));
      case ActionReference.Docker docker -> ContainerAction.ofImage(docker, with, scene);
      case ActionReference.Repository _, ActionReference.Own _, ActionReference.Local _ -> {
        var code = steps.code(uses.action(), scene.scope()).orElseThrow();
        var used = steps.call(scene.spot(), uses, scene.scope(), code);
        call = used;
        yield main(used, with, scene);
      }
    };
  }

  /// Without what the original has no use for either.
  private static Map<String, String> known(
      ActionReference.Builtin named, Map<String, String> with, Scene scene) {
    var known = new HashMap<>(with);
    for (var name : with.keySet()) {
      if (!named.action().has(name)) {
        known.remove(name);
        scene
            .scope()
            .job()
            .parts()
            .log()
            .line("##[warning]%s has no input `%s`".formatted(named.action().repository(), name));
      }
    }
    return known;
  }

  private Action main(ActionCall used, Map<String, String> with, Scene scene) {
    var code = used.code();
    warn(code, with, scene);
    var inputs = code.placed(() -> code.definition().inputs(with, scene.contexts()));
    var around = new HashMap<>(scene.scope().around());
    around.putAll(scene.own());
    used.runsWith(around, inputs);
    steps.later(used);
    return switch (code.definition().runs()) {
      case ActionRuns.Composite composite ->
          new CompositeAction(composite, new ActionFrame(code, inputs, around), steps, scene);
      case ActionRuns.JavaScript script -> new JavaScriptAction(script, script.main(), used, scene);
      case ActionRuns.Container container ->
          ContainerAction.ofAction(container, container.entrypoint(), used, scene);
    };
  }

  /// Says what has no effect, and what will be missing; neither ends a job elsewhere, so neither
  /// does it here.
  private static void warn(ActionCode code, Map<String, String> with, Scene scene) {
    var log = scene.scope().job().parts().log();
    var known = code.definition().inputs();
    var container = code.definition().runs() instanceof ActionRuns.Container;
    for (var name : with.keySet()) {
      var input = known.get(name);
      if (input != null) {
        input
            .deprecationMessage()
            .ifPresent(
                why -> log.line("##[warning]The input `" + name + "` is deprecated: " + why));
      } else if (!container || !ContainerAction.OWN_INPUTS.contains(name)) {
        log.line(
            "##[warning]The action has no input `%s`; it has %s"
                .formatted(name, known.isEmpty() ? "none" : String.join(", ", known.keySet())));
      }
    }
    for (var input : known.values()) {
      if (input.required()
          && input.defaultValue().isEmpty()
          && with.keySet().stream().noneMatch(input.name()::equalsIgnoreCase)) {
        log.line(
            "##[warning]The action asks for the input `" + input.name() + "`, which is not given");
      }
    }
  }
}
