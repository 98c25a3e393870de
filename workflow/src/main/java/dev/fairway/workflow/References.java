package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Warns of lookups that are always null, because a job does not need the job that it asks about,
/// or because no earlier step has the id. The language evaluates them without a word.
final class References {
  private final Problems problems;

  References(Problems problems) {
    this.problems = problems;
  }

  void check(Job job) {
    Set<String> needs = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    needs.addAll(job.needs());
    for (Template template : ofJob(job)) {
      checkNeeds(template, needs);
    }
    switch (job) {
      case Job.Steps steps -> check(steps, needs);
      case Job.Call _ -> {}
    }
  }

  private void check(Job.Steps job, Set<String> needs) {
    Set<String> ids = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (Step step : job.steps()) {
      for (Template template : ofStep(step)) {
        checkNeeds(template, needs);
        checkSteps(template, ids, "no earlier step");
      }
      step.id().ifPresent(ids::add);
    }
    for (Template output : leaves(job.outputs())) {
      checkNeeds(output, needs);
      checkSteps(output, ids, "no step");
    }
  }

  private void checkNeeds(Template template, Set<String> known) {
    for (String name : members(template, "needs")) {
      if (!known.contains(name)) {
        problems.warning(
            template.position(),
            "'needs.%s' is always null: the job does not need '%s'".formatted(name, name));
      }
    }
  }

  private void checkSteps(Template template, Set<String> known, String who) {
    for (String name : members(template, "steps")) {
      if (!known.contains(name)) {
        problems.warning(
            template.position(),
            "'steps.%s' is always null: %s of the job has the id '%s'".formatted(name, who, name));
      }
    }
  }

  private static Set<String> members(Template template, String context) {
    Set<String> names = new TreeSet<>();
    for (Template.Part part : template.parts()) {
      if (part instanceof Template.Part.Embedded embedded) {
        collect(embedded.expression().root(), context, names);
      }
    }
    return names;
  }

  private static void collect(Node node, String context, Set<String> names) {
    switch (node) {
      case Node.Literal _, Node.Context _ -> {}
      case Node.Index index -> {
        if (index.target() instanceof Node.Context target
            && target.name().toLowerCase(Locale.ROOT).equals(context)
            && index.key() instanceof Node.Literal key
            && key.value() instanceof Value.Str name) {
          names.add(name.value());
        }
        collect(index.target(), context, names);
        collect(index.key(), context, names);
      }
      case Node.Wildcard wildcard -> collect(wildcard.target(), context, names);
      case Node.Not not -> collect(not.operand(), context, names);
      case Node.Logical logical -> logical.operands().forEach(one -> collect(one, context, names));
      case Node.Comparison comparison -> {
        collect(comparison.left(), context, names);
        collect(comparison.right(), context, names);
      }
      case Node.Call call -> call.arguments().forEach(one -> collect(one, context, names));
    }
  }

  private static List<Template> ofJob(Job job) {
    List<Template> templates = new ArrayList<>();
    job.name().ifPresent(templates::add);
    templates.add(job.condition().template());
    job.strategy()
        .ifPresent(strategy -> {
          strategy.matrix().map(References::leaves).ifPresent(templates::addAll);
          strategy.failFast().ifPresent(templates::add);
          strategy.maxParallel().ifPresent(templates::add);
        });
    job.concurrency()
        .ifPresent(concurrency -> {
          templates.add(concurrency.group());
          templates.add(concurrency.cancelInProgress());
        });
    switch (job) {
      case Job.Steps steps -> {
        templates.addAll(leaves(steps.runsOn().labels()));
        steps.runsOn().group().ifPresent(templates::add);
        steps.timeoutMinutes().ifPresent(templates::add);
        steps.cancelTimeoutMinutes().ifPresent(templates::add);
        templates.add(steps.continueOnError());
        steps.environment().map(TargetEnvironment::name).ifPresent(templates::add);
        steps.environment().flatMap(TargetEnvironment::url).ifPresent(templates::add);
        steps.container().map(References::leaves).ifPresent(templates::addAll);
        steps.services().map(References::leaves).ifPresent(templates::addAll);
        templates.addAll(leaves(steps.env()));
      }
      case Job.Call call -> {
        templates.addAll(call.with().values());
        switch (call.secrets()) {
          case Job.Secrets.Inherit _ -> {}
          case Job.Secrets.Mapping mapping -> templates.addAll(mapping.templates().values());
        }
      }
    }
    return templates;
  }

  /// Without shell and folder: they may be defaults, which every step would repeat.
  private static List<Template> ofStep(Step step) {
    List<Template> templates = new ArrayList<>();
    Step.Header header = step.header();
    header.name().ifPresent(templates::add);
    templates.add(header.condition().template());
    templates.addAll(leaves(header.env()));
    templates.add(header.continueOnError());
    header.timeoutMinutes().ifPresent(templates::add);
    switch (step) {
      case Step.Run run -> templates.add(run.script());
      case Step.Uses uses -> templates.addAll(leaves(uses.with()));
    }
    return templates;
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
