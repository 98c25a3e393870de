package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is valid in a workflow and yet cannot be what its author meant, or is dangerous. It is
/// looked for when people ask, not each time a workflow is read to run it.
public final class WorkflowLint {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern REMOVED =
      Pattern.compile("::(set-output|save-state|set-env|add-path)\\s*(::|\\s\\w+=)");

  private final Workflow workflow;
  private final Problems problems;

  private WorkflowLint(Workflow workflow) {
    this.workflow = workflow;
    this.problems = new Problems(workflow.file());
  }

  /// Warnings, in the order of the file.
  public static List<Diagnostic> check(Workflow workflow) {
    WorkflowLint lint = new WorkflowLint(workflow);
    Map<String, Type> types = KnownContexts.of(workflow);
    workflow.runNameTemplate().ifPresent(name -> lint.expressions(name, types, true));
    leaves(workflow.env()).forEach(leaf -> lint.expressions(leaf, types, true));
    workflow.concurrency().ifPresent(concurrency -> lint.concurrency(concurrency, types));
    workflow.jobs().values().forEach(lint::job);
    lint.unreachable();
    return lint.problems.inOrder();
  }

  private void job(Job job) {
    Map<String, Type> types = KnownContexts.of(workflow, job);
    job.name().ifPresent(name -> expressions(name, types, true));
    expressions(job.condition().template(), types, false);
    job.strategy().ifPresent(strategy -> strategy(strategy, types));
    job.concurrency().ifPresent(concurrency -> concurrency(concurrency, types));
    switch (job) {
      case Job.Steps steps -> steps(steps, types);
      case Job.Call call -> call(call, types);
    }
  }

  private void strategy(Strategy strategy, Map<String, Type> types) {
    strategy
        .matrix()
        .ifPresent(matrix -> leaves(matrix).forEach(leaf -> expressions(leaf, types, false)));
    strategy.failFast().ifPresent(template -> expressions(template, types, false));
    strategy.maxParallel().ifPresent(template -> expressions(template, types, false));
  }

  private void concurrency(Concurrency concurrency, Map<String, Type> types) {
    expressions(concurrency.group(), types, true);
    expressions(concurrency.cancelInProgress(), types, false);
  }

  private void call(Job.Call call, Map<String, Type> types) {
    call.with().values().forEach(template -> expressions(template, types, true));
    switch (call.secrets()) {
      case Job.Secrets.Inherit _ -> {}
      case Job.Secrets.Mapping mapping ->
          mapping.templates().values().forEach(template -> expressions(template, types, true));
    }
  }

  private void steps(Job.Steps job, Map<String, Type> types) {
    leaves(job.runsOn().labels()).forEach(leaf -> expressions(leaf, types, false));
    job.timeoutMinutes().ifPresent(template -> expressions(template, types, false));
    expressions(job.continueOnError(), types, false);
    leaves(job.env()).forEach(leaf -> expressions(leaf, types, true));
    job.container().ifPresent(tree -> leaves(tree).forEach(leaf -> expressions(leaf, types, true)));
    job.services().ifPresent(tree -> leaves(tree).forEach(leaf -> expressions(leaf, types, true)));
    List<Step> ended = new ArrayList<>();
    for (Step step : job.steps()) {
      Map<String, Type> seen = new LinkedHashMap<>(types);
      seen.put("steps", KnownContexts.steps(ended, "no earlier step of the job has the id '%s'"));
      step(step, seen);
      ended.add(step);
    }
    Map<String, Type> seen = new LinkedHashMap<>(types);
    seen.put("steps", KnownContexts.steps(ended, "no step of the job has the id '%s'"));
    leaves(job.outputs()).forEach(leaf -> expressions(leaf, seen, true));
    job.environment()
        .ifPresent(environment -> {
          expressions(environment.name(), types, true);
          environment.url().ifPresent(url -> expressions(url, seen, true));
        });
  }

  private void step(Step step, Map<String, Type> types) {
    Step.Header header = step.header();
    header.name().ifPresent(name -> expressions(name, types, true));
    expressions(header.condition().template(), types, false);
    if (never(header.condition())) {
      problems.warning(
          step.position(), Rule.UNREACHABLE, "The step never runs: its condition is always false");
    }
    leaves(header.env()).forEach(leaf -> expressions(leaf, types, true));
    expressions(header.continueOnError(), types, false);
    header.timeoutMinutes().ifPresent(template -> expressions(template, types, false));
    switch (step) {
      // Without shell and folder: they may be defaults, which every step would repeat.
      case Step.Run run -> {
        expressions(run.script(), types, true);
        script(run.script());
      }
      case Step.Uses uses -> uses(uses, types);
    }
  }

  private void uses(Step.Uses uses, Map<String, Type> types) {
    leaves(uses.with()).forEach(leaf -> expressions(leaf, types, true));
    if (uses.action() instanceof ActionReference.Repository action) {
      if (!COMMIT.matcher(action.ref()).matches()) {
        problems.warning(
            uses.position(),
            Rule.UNPINNED_ACTION,
            "'%s' names a branch or a tag, which its owner can move to other code; name a commit"
                    .formatted(action.text())
                + " with its 40 digits");
      }
      if (action.repository().equalsIgnoreCase("actions/github-script")
          && uses.with() instanceof Tree.Mapping with) {
        with.entries().stream()
            .filter(entry ->
                entry.key().constant().map(Value::text).filter("script"::equals).isPresent())
            .flatMap(entry -> leaves(entry.value()).stream())
            .forEach(this::injection);
      }
    }
  }

  private void script(Template script) {
    injection(script);
    for (Template.Part part : script.parts()) {
      if (part instanceof Template.Part.Fixed fixed) {
        Matcher command = REMOVED.matcher(fixed.value().text());
        if (command.find()) {
          problems.warning(
              script.position(),
              Rule.REMOVED_COMMAND,
              "'::%s::' is refused when it runs; write to the file $%s"
                  .formatted(command.group(1), file(command.group(1))));
        }
      }
    }
  }

  private static String file(String command) {
    return switch (command) {
      case "set-env" -> "GITHUB_ENV";
      case "add-path" -> "GITHUB_PATH";
      case "save-state" -> "GITHUB_STATE";
      default -> "GITHUB_OUTPUT";
    };
  }

  private void injection(Template script) {
    Set<String> found = new LinkedHashSet<>();
    for (Expression expression : expressions(script)) {
      Untrusted.in(expression.root()).ifPresent(found::add);
    }
    for (String source : found) {
      problems.warning(
          script.position(),
          Rule.SCRIPT_INJECTION,
          "'%s' is text that strangers choose, and here it becomes part of the script; pass it"
                  .formatted(source)
              + " through `env` and use the variable");
    }
  }

  /// @param text whether its value is used as text, in which an object has no place
  private void expressions(Template template, Map<String, Type> types, boolean text) {
    Set<String> found = new LinkedHashSet<>();
    for (Expression expression : expressions(template)) {
      Type type = new TypeCheck(types, found::add).check(expression.root());
      if (type.composite() && (text || template.parts().size() > 1)) {
        found.add("'%s' is %s and has no text; use toJSON".formatted(expression.source(), type));
      }
    }
    found.forEach(finding -> problems.warning(template.position(), Rule.EXPRESSION, finding));
  }

  private static List<Expression> expressions(Template template) {
    List<Expression> expressions = new ArrayList<>();
    for (Template.Part part : template.parts()) {
      if (part instanceof Template.Part.Embedded embedded) {
        expressions.add(embedded.expression());
      }
    }
    return expressions;
  }

  /// Jobs whose condition is always false, and those that need one of them.
  private void unreachable() {
    Set<String> never = new LinkedHashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (Job job : workflow.jobs().values()) {
        Optional<String> reason = never(job, never);
        if (reason.isPresent() && never.add(job.id())) {
          problems.warning(job.position(), Rule.UNREACHABLE, "The job never runs: " + reason.get());
          more = true;
        }
      }
    }
  }

  private static Optional<String> never(Job job, Set<String> never) {
    if (never(job.condition())) {
      return Optional.of("its condition is always false");
    }
    return job.condition().asksForStatus()
        ? Optional.empty()
        : job.needs().stream()
            .filter(never::contains)
            .findFirst()
            .map("it needs '%s', which never runs"::formatted);
  }

  private static boolean never(Condition condition) {
    Template template = condition.template();
    if (template.constant().isPresent()) {
      return !template.constant().get().truthy();
    }
    return template.parts().size() == 1
        && expressions(template).stream()
            .anyMatch(expression -> Constant.truth(expression.root()).equals(Optional.of(false)));
  }

  private static List<Template> leaves(Tree tree) {
    return switch (tree) {
      case Tree.Leaf leaf -> List.of(leaf.template());
      case Tree.Sequence sequence ->
          sequence.items().stream().flatMap(item -> leaves(item).stream()).toList();
      case Tree.Mapping mapping ->
          mapping.entries().stream().flatMap(entry -> leaves(entry.value()).stream()).toList();
    };
  }
}
