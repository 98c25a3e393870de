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
  private final Places places;
  private final Set<String> ids = new HashSet<>();

  /// What the steps of a job and those of a composite action have different.
  private record Places(Place step, Place condition, Shape run, Shape uses, boolean needsShell) {
    static final Places JOB =
        new Places(Place.STEP, Place.STEP_IF, Shape.RUN_STEP, Shape.USES_STEP, false);
    static final Places COMPOSITE =
        new Places(
            Place.COMPOSITE_STEP,
            Place.COMPOSITE_STEP_IF,
            Shape.COMPOSITE_RUN_STEP,
            Shape.COMPOSITE_USES_STEP,
            true);
  }

  private StepReader(
      Problems problems, Scalars scalars, Trees trees, Defaults defaults, Places places) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
    this.defaults = defaults;
    this.places = places;
  }

  /// @param defaults of the job, over those of the workflow
  StepReader(Problems problems, Scalars scalars, Trees trees, Defaults defaults) {
    this(problems, scalars, trees, defaults, Places.JOB);
  }

  /// Reads the steps of a composite action, which no defaults reach.
  static StepReader composite(Problems problems, Scalars scalars, Trees trees) {
    return new StepReader(problems, scalars, trees, Defaults.NONE, Places.COMPOSITE);
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
          return run(Fields.of(mapping, places.run(), problems), mapping.position(), index);
        }
        case "uses", "with" -> {
          return uses(Fields.of(mapping, places.uses(), problems), mapping.position(), index);
        }
        case "wait", "wait-all", "cancel", "parallel" -> {
          problems.refuse(
              pair.key().position(),
              "'%s' is not supported: %s".formatted(pair.key().raw(), Shape.NO_BACKGROUND));
          return Optional.empty();
        }
        default -> {}
      }
    }
    Fields.of(mapping, places.run(), problems);
    problems.error(
        mapping.position(),
        "There's not enough info to determine what you meant. Add one of these properties:"
            + " parallel, run, shell, uses, with, working-directory. Fairway runs `run` and"
            + " `uses`");
    return Optional.empty();
  }

  private Optional<Step.Run> run(Fields fields, Position position, int index) {
    Step.Header header = header(fields, position, index);
    Optional<Template> shell =
        (places.needsShell() ? fields.required("shell") : fields.value("shell"))
            .flatMap(node ->
                shell(node, places.needsShell() ? Optional.of(places.step()) : Optional.empty()));
    Optional<Template> folder =
        fields.value("working-directory").flatMap(node -> scalars.text(node, places.step()));
    return fields
        .required("run")
        .flatMap(node -> scalars.template(node, Optional.of(places.step())))
        .map(script -> new Step.Run(header, script, shell, folder, defaults));
  }

  /// A shell that is not an expression must be one that we have.
  Optional<Template> shell(Yaml node, Optional<Place> place) {
    Optional<Template> template = scalars.template(node, place);
    Optional<String> word = template.flatMap(Template::constant).map(Value::text);
    if (word.isPresent() && Shell.named(word.get()).isEmpty()) {
      if (word.get().isEmpty()) {
        problems.error(node.position(), "Unexpected value ''");
      } else {
        problems.refuse(node.position(), Shell.problem(word.get()));
      }
      return Optional.empty();
    }
    return template;
  }

  private Optional<Step.Uses> uses(Fields fields, Position position, int index) {
    Step.Header header = header(fields, position, index);
    Optional<Yaml> node = fields.required("uses");
    Optional<String> reference = node.flatMap(scalars::word);
    Optional<ActionReference> action = reference.flatMap(text -> action(text, node.orElseThrow()));
    Tree with =
        fields
            .value("with")
            .flatMap(value -> trees.strings(value, places.step()))
            .orElseGet(Tree::empty);
    if (action.isPresent() && action.get() instanceof ActionReference.Builtin builtin) {
      checkInputs(builtin.action(), with);
    }
    return action.map(known -> new Step.Uses(header, known, with));
  }

  private Optional<ActionReference> action(String text, Yaml node) {
    return switch (ActionReference.read(text)) {
      case ActionReference.Reading.Named named -> Optional.of(named.reference());
      case ActionReference.Reading.Malformed malformed -> {
        problems.error(node.position(), malformed.reason());
        yield Optional.empty();
      }
      case ActionReference.Reading.Refused refused -> {
        problems.refuse(node.position(), refused.reason());
        yield Optional.empty();
      }
    };
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
          .ifPresent(name -> checkInput(action, name, entry.key().position()));
    }
  }

  private void checkInput(BuiltinAction action, String name, Position position) {
    String supported = String.join(", ", action.inputs());
    if (action.refuses(name)) {
      problems.refuse(
          position,
          "The input '%s' of %s is not supported. Supported are %s"
              .formatted(name, action.repository(), supported));
    } else if (!action.has(name)) {
      problems.warning(
          position,
          Rule.ACTION_INPUT,
          "%s has no input '%s', so it has no effect. Supported are %s"
              .formatted(action.repository(), name, supported));
    }
  }

  private Step.Header header(Fields fields, Position position, int index) {
    fields.value("background").ifPresent(this::foreground);
    return new Step.Header(
        position,
        index,
        fields.value("id").flatMap(this::id),
        fields.value("name").flatMap(node -> scalars.template(node, Optional.of(places.step()))),
        fields
            .value("if")
            .flatMap(node -> scalars.condition(node, places.condition()))
            .orElse(Condition.SUCCESS),
        fields.value("env").flatMap(this::env).orElseGet(Tree::empty),
        fields
            .value("continue-on-error")
            .flatMap(node -> scalars.bool(node, places.step()))
            .orElseGet(() -> Template.fixed(position, Value.of(false))),
        fields.value("timeout-minutes").flatMap(node -> scalars.minutes(node, places.step())));
  }

  /// Steps run one after the other here.
  private void foreground(Yaml node) {
    Optional<Boolean> background = scalars.fixedBool(node);
    if (background.orElse(false)) {
      problems.refuse(node.position(), Shape.NO_BACKGROUND);
    }
  }

  private Optional<Tree> env(Yaml node) {
    Optional<Tree> env = trees.strings(node, places.step());
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
