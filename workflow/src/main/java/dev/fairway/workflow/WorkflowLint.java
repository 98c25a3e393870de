package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is valid in a workflow and yet cannot be what its author meant, or is dangerous. It is
/// looked for when people ask, not each time a workflow is read to run it.
public final class WorkflowLint {
  private static final String GITHUB_SCRIPT = "actions/github-script";

  /// Contexts whose members are not all known where a part of the file could not be read.
  private static final List<String> PARTIAL = List.of("inputs", "needs", "matrix", "secrets");

  private final Workflow workflow;
  private final boolean whole;
  private final Problems problems;
  private final ExpressionLint expressions;
  private final ScriptLint scripts;
  private final Reachability reachability;
  private final ContainerLint containers;
  private final CallLint calls;
  private final ActionLint actions;

  private WorkflowLint(Workflow workflow, boolean whole, LocalActions local) {
    this.workflow = workflow;
    this.whole = whole;
    this.problems = new Problems(workflow.file());
    this.expressions = new ExpressionLint(problems);
    this.scripts = new ScriptLint(problems);
    this.reachability = new Reachability(problems);
    this.containers = new ContainerLint(problems);
    this.calls = new CallLint(problems);
    this.actions = new ActionLint(problems, local);
  }

  /// Warnings, and errors about what can only fail, in the order of the file.
  public static List<Diagnostic> check(Workflow workflow) {
    return new WorkflowLint(workflow, true, LocalActions.UNKNOWN).check();
  }

  /// The same about as much of a file as could be read, and about the actions that it uses.
  public static List<Diagnostic> check(ParseResult result, LocalActions local) {
    return switch (result) {
      case ParseResult.Valid valid -> new WorkflowLint(valid.workflow(), true, local).check();
      case ParseResult.Invalid invalid ->
          invalid
              .readable()
              .map(part -> new WorkflowLint(part, false, local).check())
              .orElse(List.of());
    };
  }

  private List<Diagnostic> check() {
    Map<String, Type> types = known(KnownContexts.of(workflow));
    workflow.runNameTemplate().ifPresent(name -> expressions.text(name, types));
    environment(workflow.env(), types);
    workflow.concurrency().ifPresent(concurrency -> concurrency(concurrency, types));
    workflow
        .callable()
        .ifPresent(definition ->
            calls.definition(
                definition,
                types,
                whole ? Optional.of(KnownContexts.jobs(workflow)) : Optional.empty()));
    workflow.jobs().values().forEach(this::job);
    reachability.jobs(workflow.jobs());
    return problems.inOrder();
  }

  private Map<String, Type> known(Map<String, Type> types) {
    if (!whole) {
      types.keySet().removeAll(PARTIAL);
    }
    return types;
  }

  private void job(Job job) {
    Map<String, Type> types = known(KnownContexts.of(workflow, job));
    job.name().ifPresent(name -> expressions.text(name, types));
    expressions.value(job.condition().template(), types);
    job.strategy().ifPresent(strategy -> strategy(strategy, types));
    job.concurrency().ifPresent(concurrency -> concurrency(concurrency, types));
    switch (job) {
      case Job.Steps steps -> steps(steps, types);
      case Job.Call call -> calls.call(call, types);
    }
  }

  private void strategy(Strategy strategy, Map<String, Type> types) {
    expressions.members(strategy.tree(), types);
    strategy
        .matrix()
        .ifPresent(matrix -> {
          if (matrix instanceof Tree.Leaf leaf) {
            expressions.mapping(leaf.template(), types);
          }
          new MatrixLint(problems).check(matrix);
        });
  }

  private void concurrency(Concurrency concurrency, Map<String, Type> types) {
    expressions.members(
        concurrency.tree(),
        Shape.CONCURRENCY,
        Concurrency.GROUP,
        ExpressionLint.textExcept(Concurrency.CANCEL),
        types);
  }

  private void environment(Tree env, Map<String, Type> types) {
    expressions.texts(env, types);
    VariableNames.check(env, problems);
  }

  private void steps(Job.Steps job, Map<String, Type> types) {
    runsOn(job.runsOn(), types);
    job.timeoutMinutes().ifPresent(template -> expressions.value(template, types));
    expressions.value(job.continueOnError(), types);
    environment(job.env(), types);
    containers.check(job, types);
    job.defaults().trees().forEach(tree -> expressions.members(tree, types));
    KnownContexts.Steps ended = new KnownContexts.Steps();
    Map<String, Type> before =
        after(ended, "no step with the id '%s' has ended before this one", types);
    for (Step step : job.steps()) {
      ended.add(step, step(step, before));
    }
    ended.addAll();
    new PushLint(problems).check(job.steps());
    Map<String, Type> seen = after(ended, "no step of the job has the id '%s'", types);
    expressions.texts(job.outputs(), seen);
    job.environment()
        .ifPresent(environment -> {
          expressions.members(
              environment.target(),
              Shape.ENVIRONMENT,
              TargetEnvironment.NAME,
              ExpressionLint.textExcept(TargetEnvironment.DEPLOYMENT),
              types);
          environment.url().ifPresent(url -> expressions.text(url, seen));
        });
  }

  private void runsOn(RunsOn runsOn, Map<String, Type> types) {
    expressions.values(runsOn.tree(), types);
    if (runsOn.tree() instanceof Tree.Leaf leaf
        && ExpressionLint.type(leaf.template(), types) instanceof Type.Obj object) {
      ExpressionLint.unexpected(object, Shape.RUNS_ON)
          .or(() ->
              object.hasAny(RunsOn.GROUP, RunsOn.LABELS)
                  ? Optional.empty()
                  : Optional.of(RunsOn.NOTHING))
          .ifPresent(why -> problems.error(leaf.position(), why));
    }
  }

  private Map<String, Type> after(
      KnownContexts.Steps ended, String absence, Map<String, Type> types) {
    if (!whole) {
      return types;
    }
    Map<String, Type> seen = new LinkedHashMap<>(types);
    seen.put("steps", ended.type(absence));
    return seen;
  }

  /// @return the outputs of the step, if they are known
  private Optional<List<String>> step(Step step, Map<String, Type> types) {
    Step.Header header = step.header();
    header.name().ifPresent(name -> expressions.text(name, types));
    expressions.value(header.condition().template(), types);
    reachability.step(step);
    environment(header.env(), types);
    expressions.value(header.continueOnError(), types);
    header.timeoutMinutes().ifPresent(template -> expressions.value(template, types));
    return switch (step) {
      case Step.Run run -> {
        expressions.text(run.script(), types);
        run.ownFolder().ifPresent(folder -> expressions.text(folder, types));
        scripts.check(run.script());
        yield Optional.empty();
      }
      case Step.Uses uses -> {
        expressions.texts(uses.with(), types);
        githubScript(uses);
        yield actions.check(uses);
      }
      case Step.Wait _, Step.Cancel _ -> Optional.of(List.of());
    };
  }

  private void githubScript(Step.Uses uses) {
    if (uses.action() instanceof ActionReference.Repository action
        && action.repository().equalsIgnoreCase(GITHUB_SCRIPT)
        && uses.with() instanceof Tree.Mapping with) {
      with.entries().stream()
          .filter(
              entry -> entry.key().constant().map(Value::text).filter("script"::equals).isPresent())
          .forEach(entry -> {
            if (entry.value() instanceof Tree.Leaf leaf) {
              scripts.injection(leaf.template());
            }
          });
    }
  }
}
