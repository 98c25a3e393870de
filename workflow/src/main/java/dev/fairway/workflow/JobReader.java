package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `jobs`.
final class JobReader {
  /// The most jobs of one workflow, before matrices multiply them.
  static final int MAX_JOBS = 500;

  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;
  private final Defaults defaults;
  private final JobSettings settings;
  private final Map<String, List<NeedsGraph.Need>> needs = new LinkedHashMap<>();

  /// @param defaults and `settings` of the workflow
  JobReader(
      Problems problems, Scalars scalars, Trees trees, Defaults defaults, JobSettings settings) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
    this.defaults = defaults;
    this.settings = settings;
  }

  Map<String, Job> read(Yaml node) {
    Map<String, Job> jobs = new LinkedHashMap<>();
    Fields.mapping(node, problems)
        .ifPresent(mapping -> {
          if (mapping.pairs().size() > MAX_JOBS) {
            problems.error(mapping.position(), "A workflow has at most " + MAX_JOBS + " jobs");
            return;
          }
          if (mapping.pairs().isEmpty()) {
            problems.error(mapping.position(), NeedsGraph.NO_START);
          }
          for (Yaml.Pair pair : mapping.pairs()) {
            if (Identifiers.check(pair.key().raw(), pair.key(), problems)) {
              job(pair).ifPresent(job -> jobs.put(job.id(), job));
            }
          }
          new NeedsGraph(needs, problems).check(node.position());
          jobs.values().forEach(new References(problems)::check);
        });
    return jobs;
  }

  private Optional<Job> job(Yaml.Pair pair) {
    String id = pair.key().raw();
    needs.put(id, List.of());
    return Fields.of(pair.value(), Shape.JOB, problems)
        .map(fields -> job(id, pair.key().position(), fields));
  }

  private Job job(String id, Position position, Fields fields) {
    fields.value("needs").ifPresent(node -> needs.put(id, needs(node)));
    Tree env =
        fields
            .value("env")
            .flatMap(node -> trees.strings(node, Place.JOB_ENV))
            .orElseGet(Tree::empty);
    Defaults own =
        fields
            .value("defaults")
            .map(node -> defaults(node, Place.JOB_DEFAULTS))
            .orElse(Defaults.NONE)
            .within(defaults);
    return new Job(
        id,
        position,
        fields.value("name").flatMap(node -> scalars.template(node, Optional.of(Place.JOB))),
        needs.getOrDefault(id, List.of()).stream().map(NeedsGraph.Need::job).toList(),
        fields
            .value("if")
            .flatMap(node -> scalars.condition(node, Place.JOB_IF))
            .orElse(Condition.SUCCESS),
        runsOn(fields),
        fields.value("strategy").flatMap(this::strategy),
        fields.value("timeout-minutes").flatMap(node -> scalars.minutes(node, Place.JOB)),
        fields
            .value("continue-on-error")
            .flatMap(node -> scalars.bool(node, Place.JOB))
            .orElseGet(() -> Template.fixed(position, Value.of(false))),
        env,
        fields
            .value("outputs")
            .flatMap(node -> trees.strings(node, Place.JOB_OUTPUT))
            .orElseGet(Tree::empty),
        own,
        new Settings(problems).read(env, settings),
        fields
            .required("steps", "uses")
            .map(node -> new StepReader(problems, scalars, trees, own).read(node))
            .orElse(List.of()));
  }

  private List<NeedsGraph.Need> needs(Yaml node) {
    List<NeedsGraph.Need> list = new ArrayList<>();
    for (Yaml item : scalars.items(node)) {
      scalars.word(item).ifPresent(job -> list.add(new NeedsGraph.Need(job, item.position())));
    }
    return list;
  }

  private Tree runsOn(Fields fields) {
    return fields
        .required("runs-on", "uses")
        .flatMap(node ->
            node instanceof Yaml.Mapping mapping
                ? Fields.of(mapping, Shape.RUNS_ON, problems).value("labels")
                : Optional.of(node))
        .flatMap(this::labels)
        .orElseGet(Tree::empty);
  }

  private Optional<Tree> labels(Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      List<Tree> labels = new ArrayList<>();
      sequence
          .items()
          .forEach(
              item -> scalars.text(item, Place.JOB).map(Tree.Leaf::new).ifPresent(labels::add));
      if (sequence.items().isEmpty()) {
        problems.error(node.position(), "'runs-on' needs at least one label");
      }
      return Optional.of(new Tree.Sequence(node.position(), labels));
    }
    return scalars.text(node, Place.JOB).map(Tree.Leaf::new);
  }

  /// `defaults` of a job; those of a workflow have no place for expressions.
  Defaults defaults(Yaml node, Place place) {
    return read(node, Optional.of(place));
  }

  Defaults defaults(Yaml node) {
    return read(node, Optional.empty());
  }

  private Defaults read(Yaml node, Optional<Place> place) {
    return Fields.of(node, Shape.DEFAULTS, problems)
        .flatMap(fields -> fields.value("run"))
        .flatMap(run -> Fields.of(run, Shape.DEFAULTS_RUN, problems))
        .map(run ->
            new Defaults(
                run.value("shell")
                    .flatMap(shell ->
                        new StepReader(problems, scalars, trees, Defaults.NONE)
                            .shell(shell, place)),
                run.value("working-directory").flatMap(folder -> scalars.template(folder, place))))
        .orElse(Defaults.NONE);
  }

  private Optional<Strategy> strategy(Yaml node) {
    return Fields.of(node, Shape.STRATEGY, problems)
        .map(fields ->
            new Strategy(
                node.position(),
                fields.value("matrix").flatMap(this::matrix),
                fields.value("fail-fast").flatMap(value -> scalars.bool(value, Place.STRATEGY)),
                fields
                    .value("max-parallel")
                    .flatMap(value -> scalars.count(value, Place.STRATEGY))));
  }

  private Optional<Tree> matrix(Yaml node) {
    Optional<Tree> expression = trees.expression(node, Place.STRATEGY);
    if (expression.isPresent()) {
      return expression;
    }
    int before = problems.count();
    Optional<Tree> matrix =
        Fields.mapping(node, problems)
            .map(mapping -> {
              for (Yaml.Pair pair : mapping.pairs()) {
                checkVector(pair);
              }
              return trees.entries(
                  mapping, Place.STRATEGY, value -> trees.any(value, Place.STRATEGY));
            });
    if (problems.count() == before) {
      matrix.ifPresent(tree -> checkSize(tree));
    }
    return matrix;
  }

  private void checkVector(Yaml.Pair pair) {
    boolean filter = Matrix.FILTERS.contains(pair.key().raw());
    boolean expression = pair.value() instanceof Yaml.Scalar scalar && scalar.raw().contains("${{");
    if (expression || Scalars.isInsert(pair.key())) {
      return;
    }
    Fields.sequence(pair.value(), problems)
        .ifPresent(sequence -> {
          if (!filter && sequence.items().isEmpty()) {
            problems.error(
                sequence.position(),
                "Matrix vector '" + pair.key().raw() + "' does not contain any values");
          }
          for (Yaml item : filter ? sequence.items() : List.<Yaml>of()) {
            if (!(item instanceof Yaml.Scalar scalar && scalar.raw().contains("${{"))) {
              Fields.mapping(item, problems);
            }
          }
        });
  }

  /// A matrix without expressions is known already now.
  private void checkSize(Tree matrix) {
    if (Matrix.constant(matrix)) {
      try {
        Matrix.expand(matrix.evaluate(Contexts.empty()));
      } catch (EvaluationException e) {
        problems.error(e.position().orElse(matrix.position()), String.valueOf(e.getMessage()));
      }
    }
  }
}
