package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the steps of one job. A group of parallel steps becomes background steps and one that
/// waits for them.
final class StepReader {
  /// Each keeps a pipe and a thread of the agent until the job ends.
  static final int MAX_BACKGROUND = 100;

  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;
  private final Defaults defaults;
  private final Places places;
  private final Set<String> ids = new HashSet<>();
  private final List<Step> steps = new ArrayList<>();

  /// The places of the steps read so far, by id.
  private final Map<String, Integer> named = new HashMap<>();

  private int inBackground;

  /// What the steps of a job, those of a group of parallel ones and those of a composite action
  /// have different.
  private enum Places {
    JOB(Place.STEP, Place.STEP_IF, Shape.RUN_STEP, Shape.USES_STEP),
    PARALLEL(Place.STEP, Place.STEP_IF, Shape.PARALLEL_RUN_STEP, Shape.PARALLEL_USES_STEP),
    COMPOSITE(
        Place.COMPOSITE_STEP,
        Place.COMPOSITE_STEP_IF,
        Shape.COMPOSITE_RUN_STEP,
        Shape.COMPOSITE_USES_STEP);

    private final Place step;
    private final Place condition;
    private final Shape run;
    private final Shape uses;

    Places(Place step, Place condition, Shape run, Shape uses) {
      this.step = step;
      this.condition = condition;
      this.run = run;
      this.uses = uses;
    }
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
    read(node, places);
    return steps;
  }

  private void read(Yaml node, Places where) {
    Fields.sequence(node, problems)
        .ifPresent(sequence ->
            sequence
                .items()
                .forEach(item ->
                    Fields.mapping(item, problems).ifPresent(mapping -> step(mapping, where))));
  }

  /// The first key that only one kind of step has decides which kind it is.
  private void step(Yaml.Mapping mapping, Places where) {
    for (Yaml.Pair pair : mapping.pairs()) {
      switch (pair.key().raw()) {
        case "run", "shell", "working-directory" -> {
          run(Fields.of(mapping, where.run, problems), mapping.position(), where)
              .ifPresent(this::add);
          return;
        }
        case "uses", "with" -> {
          uses(Fields.of(mapping, where.uses, problems), mapping.position(), where)
              .ifPresent(this::add);
          return;
        }
        case "wait", "wait-all", "cancel", "parallel" -> {
          if (where == Places.JOB) {
            control(mapping, pair.key().raw());
          } else {
            problems.error(
                pair.key().position(),
                "Unexpected value '%s'. %s"
                    .formatted(
                        pair.key().raw(),
                        where == Places.PARALLEL
                            ? "Parallel steps run scripts and use actions"
                            : "The steps of an action run one after the other"));
          }
          return;
        }
        default -> {}
      }
    }
    Fields.of(mapping, where.run, problems);
    problems.error(
        mapping.position(),
        "There's not enough info to determine what you meant. Add one of these properties:"
            + " parallel, run, shell, uses, with, working-directory"
            + (where == Places.JOB ? "; or wait, wait-all, cancel" : ""));
  }

  private void add(Step step) {
    step.id().ifPresent(id -> named.put(id, steps.size()));
    if (step.background() && ++inBackground > MAX_BACKGROUND) {
      problems.refuse(
          step.position(),
          "A job has at most %d background steps; put some of them into a job of their own"
              .formatted(MAX_BACKGROUND));
    }
    steps.add(step);
  }

  /// A step that is about background steps.
  private void control(Yaml.Mapping mapping, String key) {
    switch (key) {
      case "wait" -> await(Fields.of(mapping, Shape.WAIT_STEP, problems), mapping.position());
      case "wait-all" ->
          awaitAll(Fields.of(mapping, Shape.WAIT_ALL_STEP, problems), mapping.position());
      case "cancel" -> cancel(Fields.of(mapping, Shape.CANCEL_STEP, problems), mapping.position());
      default ->
          Fields.of(mapping, Shape.PARALLEL_STEP, problems)
              .value("parallel")
              .ifPresent(group -> parallel(group, mapping.position()));
    }
  }

  private void await(Fields fields, Position position) {
    Step.Header header = header(fields, position, places, false);
    List<Integer> targets = new ArrayList<>();
    List<String> words = new ArrayList<>();
    for (Yaml item : fields.required("wait").map(scalars::items).orElse(List.of())) {
      scalars
          .word(item)
          .ifPresent(word -> {
            words.add(word);
            target(word, item, header).ifPresent(targets::add);
          });
    }
    add(new Step.Wait(header, targets, "Wait for " + String.join(", ", words)));
  }

  private void awaitAll(Fields fields, Position position) {
    Step.Header header = header(fields, position, places, false);
    fields
        .required("wait-all")
        .filter(value -> !value.isNull())
        .flatMap(value -> scalars.fixedBool(value).filter(all -> !all).map(_ -> value))
        .ifPresent(value ->
            problems.error(value.position(), "The value of 'wait-all' must be true or omitted"));
    List<Integer> all = steps.stream().filter(Step::background).map(Step::index).toList();
    if (all.isEmpty()) {
      problems.warning(position, Rule.NO_EFFECT, "No step before this one has `background: true`");
    }
    add(new Step.Wait(header, all, "Wait for all"));
  }

  private void cancel(Fields fields, Position position) {
    Step.Header header = header(fields, position, places, false);
    fields
        .required("cancel")
        .ifPresent(node ->
            scalars
                .word(node)
                .ifPresent(word ->
                    target(word, node, header)
                        .ifPresent(
                            target -> add(new Step.Cancel(header, target, "Cancel " + word)))));
  }

  /// The place of a step that a later one names.
  private Optional<Integer> target(String id, Yaml node, Step.Header own) {
    Integer target = named.get(id);
    if (id.startsWith(Identifiers.RESERVED)) {
      problems.error(node.position(), Identifiers.reserved(id));
    } else if (own.id().filter(id::equalsIgnoreCase).isPresent()) {
      problems.error(node.position(), "Step '%s' cannot reference itself".formatted(id));
    } else if (target == null) {
      problems.error(node.position(), "Step references unknown step ID '%s'".formatted(id));
    } else if (!steps.get(target).background()) {
      problems.warning(
          node.position(),
          Rule.NO_EFFECT,
          "The step '%s' has no `background: true`: it has ended by now".formatted(id));
    }
    return Optional.ofNullable(target);
  }

  private void parallel(Yaml group, Position position) {
    int first = steps.size();
    read(group, Places.PARALLEL);
    List<Integer> all = steps.stream().skip(first).map(Step::index).toList();
    if (group instanceof Yaml.Sequence sequence && sequence.items().isEmpty()) {
      problems.refuse(group.position(), "'parallel' needs at least one step");
    }
    if (all.isEmpty()) {
      return;
    }
    Step.Header header =
        new Step.Header(
            position,
            steps.size(),
            Optional.empty(),
            Optional.empty(),
            Condition.ALWAYS,
            Tree.empty(),
            Template.fixed(position, Value.of(false)),
            Optional.empty(),
            false);
    add(new Step.Wait(header, all, "Wait for the parallel steps"));
  }

  private Optional<Step> run(Fields fields, Position position, Places where) {
    Step.Header header = header(fields, position, where, inBackground(fields, where));
    Optional<Template> shell =
        (where == Places.COMPOSITE ? fields.required("shell") : fields.value("shell"))
            .flatMap(node ->
                shell(
                    node, where == Places.COMPOSITE ? Optional.of(where.step) : Optional.empty()));
    Optional<Template> folder =
        fields.value("working-directory").flatMap(node -> scalars.text(node, where.step));
    return fields
        .required("run")
        .flatMap(node -> scalars.template(node, Optional.of(where.step)))
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

  private Optional<Step> uses(Fields fields, Position position, Places where) {
    Step.Header header = header(fields, position, where, inBackground(fields, where));
    Optional<Yaml> node = fields.required("uses");
    Optional<String> reference = node.flatMap(scalars::word);
    Optional<ActionReference> action = reference.flatMap(text -> action(text, node.orElseThrow()));
    Tree with =
        fields
            .value("with")
            .flatMap(value -> trees.strings(value, where.step))
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
          .ifPresent(name -> checkInput(action, name, entry));
    }
  }

  private void checkInput(BuiltinAction action, String name, Tree.Entry entry) {
    Optional<String> refusal =
        action.refusal(name, entry.value().constantText().map(String::strip));
    if (refusal.isPresent()) {
      problems.refuse(entry.key().position(), refusal.get());
    } else if (!action.has(name)) {
      problems.warning(
          entry.key().position(),
          Rule.ACTION_INPUT,
          "%s has no input '%s', so it has no effect. Supported are %s"
              .formatted(action.repository(), name, action.supported()));
    }
  }

  private boolean inBackground(Fields fields, Places where) {
    return where == Places.PARALLEL
        || fields.value("background").flatMap(scalars::fixedBool).orElse(false);
  }

  private Step.Header header(Fields fields, Position position, Places where, boolean background) {
    return new Step.Header(
        position,
        steps.size(),
        fields.value("id").flatMap(this::id),
        fields.value("name").flatMap(node -> scalars.template(node, Optional.of(where.step))),
        fields
            .value("if")
            .flatMap(node -> scalars.condition(node, where.condition))
            .orElse(Condition.SUCCESS),
        fields.value("env").flatMap(node -> env(node, where)).orElseGet(Tree::empty),
        fields
            .value("continue-on-error")
            .flatMap(node -> scalars.bool(node, where.step))
            .orElseGet(() -> Template.fixed(position, Value.of(false))),
        fields.value("timeout-minutes").flatMap(node -> scalars.minutes(node, where.step)),
        background);
  }

  private Optional<Tree> env(Yaml node, Places where) {
    Optional<Tree> env = trees.strings(node, where.step);
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
