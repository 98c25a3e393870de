package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Reads the steps of one job.
final class StepReader {
  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;
  private final Defaults defaults;
  private final Set<String> ids = new HashSet<>();

  /// @param defaults of the job, over those of the workflow
  StepReader(Problems problems, Scalars scalars, Trees trees, Defaults defaults) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
    this.defaults = defaults;
  }

  List<Step> read(Yaml node) {
    List<Step> steps = new ArrayList<>();
    Fields.sequence(node, problems)
        .ifPresent(sequence -> {
          for (Yaml item : sequence.items()) {
            Fields.mapping(item, problems)
                .flatMap(mapping -> step(mapping, steps.size()))
                .ifPresent(steps::add);
          }
        });
    return steps;
  }

  /// The first key that only one kind of step has decides which kind it is.
  private Optional<? extends Step> step(Yaml.Mapping mapping, int index) {
    for (Yaml.Pair pair : mapping.pairs()) {
      switch (pair.key().raw()) {
        case "run", "shell", "working-directory" -> {
          return run(Fields.of(mapping, Shape.RUN_STEP, problems), mapping.position(), index);
        }
        case "uses", "with" -> {
          return uses(Fields.of(mapping, Shape.USES_STEP, problems), mapping.position(), index);
        }
        case "wait", "wait-all", "cancel", "parallel" -> {
          problems.error(pair.key().position(), "'" + pair.key().raw() + "' is not supported yet");
          return Optional.empty();
        }
        default -> {}
      }
    }
    Fields.of(mapping, Shape.RUN_STEP, problems);
    problems.error(
        mapping.position(),
        "There's not enough info to determine what you meant. Add one of these properties: run,"
            + " shell, uses, with, working-directory");
    return Optional.empty();
  }

  private Optional<Step.Run> run(Fields fields, Position position, int index) {
    Step.Header header = header(fields, position, index);
    Optional<Template> shell = fields.value("shell").flatMap(node -> shell(node, Optional.empty()));
    Optional<Template> folder =
        fields.value("working-directory").flatMap(node -> scalars.text(node, Place.STEP));
    return fields
        .required("run")
        .flatMap(node -> scalars.template(node, Optional.of(Place.STEP)))
        .map(script ->
            new Step.Run(
                header, script, shell.or(defaults::shell), folder.or(defaults::workingDirectory)));
  }

  /// A shell that is not an expression must be one that we have.
  Optional<Template> shell(Yaml node, Optional<Place> place) {
    Optional<Template> template = scalars.template(node, place);
    Optional<String> word = template.flatMap(Template::constant).map(Value::text);
    if (word.isPresent() && Shell.named(word.get()).isEmpty()) {
      problems.error(
          node.position(),
          word.get().isEmpty()
              ? "Unexpected value ''"
              : "The shell '" + word.get() + "' is not supported yet; use bash, sh or python");
      return Optional.empty();
    }
    return template;
  }

  private Optional<Step.Uses> uses(Fields fields, Position position, int index) {
    Step.Header header = header(fields, position, index);
    Optional<Yaml> node = fields.required("uses");
    Optional<String> reference = node.flatMap(scalars::word);
    Optional<BuiltinAction> action = reference.flatMap(text -> builtin(text, node.orElseThrow()));
    Tree with =
        fields
            .value("with")
            .flatMap(value -> trees.strings(value, Place.STEP))
            .orElseGet(Tree::empty);
    action.ifPresent(known -> checkInputs(known, with));
    return action.map(known -> new Step.Uses(header, known, reference.orElseThrow(), with));
  }

  private Optional<BuiltinAction> builtin(String reference, Yaml node) {
    int at = reference.indexOf('@');
    if (reference.startsWith("./") || reference.startsWith("docker://")) {
      problems.error(
          node.position(),
          "Local and container actions are not supported yet: '" + reference + "'");
      return Optional.empty();
    }
    if (at < 0 || at == reference.length() - 1) {
      problems.error(
          node.position(),
          "Expected format {owner}/{repo}[/path]@{ref}. Actual '" + reference + "'");
      return Optional.empty();
    }
    Optional<BuiltinAction> action = BuiltinAction.of(reference.substring(0, at));
    if (action.isEmpty()) {
      problems.error(
          node.position(),
          "The action '%s' is not supported yet. Built in are %s; for anything else use `run`"
              .formatted(reference, BuiltinAction.names()));
    }
    return action;
  }

  private void checkInputs(BuiltinAction action, Tree with) {
    if (!(with instanceof Tree.Mapping mapping)) {
      return;
    }
    for (Tree.Entry entry : mapping.entries()) {
      entry
          .key()
          .constant()
          .map(Value::text)
          .filter(name -> !entry.insert())
          .filter(name -> action.inputs().stream().noneMatch(name::equalsIgnoreCase))
          .ifPresent(name ->
              problems.error(
                  entry.key().position(),
                  "The input '%s' of %s is not supported. Supported are %s"
                      .formatted(name, action.repository(), String.join(", ", action.inputs()))));
    }
  }

  private Step.Header header(Fields fields, Position position, int index) {
    return new Step.Header(
        position,
        index,
        fields.value("id").flatMap(this::id),
        fields.value("name").flatMap(node -> scalars.template(node, Optional.of(Place.STEP))),
        fields
            .value("if")
            .flatMap(node -> scalars.condition(node, Place.STEP_IF))
            .orElse(Condition.SUCCESS),
        fields.value("env").flatMap(this::env).orElseGet(Tree::empty),
        fields
            .value("continue-on-error")
            .flatMap(node -> scalars.bool(node, Place.STEP))
            .orElseGet(() -> Template.fixed(position, Value.of(false))),
        fields.value("timeout-minutes").flatMap(node -> scalars.minutes(node, Place.STEP)));
  }

  private Optional<Tree> env(Yaml node) {
    Optional<Tree> env = trees.strings(node, Place.STEP);
    env.ifPresent(tree -> new Settings(problems).refuseIn(tree));
    return env;
  }

  private Optional<String> id(Yaml node) {
    Optional<String> id =
        scalars.word(node).filter(text -> Identifiers.check(text, node, problems));
    if (id.isPresent() && !ids.add(id.get().toLowerCase(Locale.ROOT))) {
      problems.error(
          node.position(),
          "The identifier '"
              + id.get()
              + "' may not be used more than once within the same scope.");
    }
    return id;
  }
}
