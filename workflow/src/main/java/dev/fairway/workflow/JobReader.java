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
  private final OptionReader options;
  private final Defaults defaults;
  private final JobSettings settings;
  private final Calls calls;
  private final Map<String, List<NeedsGraph.Need>> needs = new LinkedHashMap<>();

  /// As the file writes them, by what `needs` may write, which may be in another case.
  private final Map<String, String> ids = Value.caseInsensitiveMap();

  /// @param defaults and `settings` of the workflow
  /// @param calls looks up what jobs call
  JobReader(
      Problems problems,
      Scalars scalars,
      Trees trees,
      Defaults defaults,
      JobSettings settings,
      Calls calls) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
    this.options = new OptionReader(problems, scalars, trees);
    this.defaults = defaults;
    this.settings = settings;
    this.calls = calls;
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
          mapping.pairs().forEach(pair -> ids.putIfAbsent(pair.key().raw(), pair.key().raw()));
          for (Yaml.Pair pair : mapping.pairs()) {
            boolean named = Identifiers.check(pair.key().raw(), pair.key(), problems);
            Optional<Job> job = job(pair);
            if (named) {
              job.ifPresent(one -> jobs.put(one.id(), one));
            }
          }
          new NeedsGraph(needs, problems).check(node.position());
        });
    return jobs;
  }

  private Optional<Job> job(Yaml.Pair pair) {
    needs.put(pair.key().raw(), List.of());
    return Fields.mapping(pair.value(), problems).flatMap(mapping -> job(pair.key(), mapping));
  }

  /// The first key that only one kind of job has decides which kind it is.
  private Optional<Job> job(Yaml.Scalar id, Yaml.Mapping mapping) {
    for (Yaml.Pair pair : mapping.pairs()) {
      String key = pair.key().raw();
      boolean steps = Shape.STEPS_JOB.supports(key) || Shape.STEPS_JOB.refusal(key).isPresent();
      boolean call = Shape.CALL_JOB.supports(key);
      if (steps && !call) {
        return Optional.of(steps(id, Fields.of(mapping, Shape.STEPS_JOB, problems)));
      }
      if (call && !steps) {
        return call(id, Fields.of(mapping, Shape.CALL_JOB, problems));
      }
    }
    Fields.of(mapping, Shape.STEPS_JOB, problems);
    problems.error(
        mapping.position(),
        "There's not enough info to determine what you meant. Add one of these properties:"
            + " cancel-timeout-minutes, container, continue-on-error, defaults, env, environment,"
            + " outputs, runs-on, secrets, services, snapshot, steps, timeout-minutes, uses, with");
    return Optional.empty();
  }

  private Job.Header header(Yaml.Scalar id, Fields fields) {
    fields.value("needs").ifPresent(node -> needs.put(id.raw(), needs(node)));
    return new Job.Header(
        id.raw(),
        id.position(),
        fields.value("name").flatMap(node -> scalars.template(node, Optional.of(Place.JOB))),
        needs.getOrDefault(id.raw(), List.of()).stream().map(NeedsGraph.Need::job).toList(),
        fields
            .value("if")
            .flatMap(node -> scalars.condition(node, Place.JOB_IF))
            .orElse(Condition.SUCCESS),
        fields
            .value("strategy")
            .flatMap(node -> new StrategyReader(problems, scalars, trees).read(node)),
        fields.value("permissions").flatMap(options::permissions),
        fields.value("concurrency").flatMap(node -> options.concurrency(node, Place.JOB)));
  }

  private Optional<Job> call(Yaml.Scalar id, Fields fields) {
    Job.Header header = header(id, fields);
    return new CallReader(problems, scalars, calls).read(header, fields).map(Job.class::cast);
  }

  private Job.Steps steps(Yaml.Scalar id, Fields fields) {
    Job.Header header = header(id, fields);
    if (!fields.has("steps")) {
      problems.refuse(
          fields.position(),
          "The job does nothing: give it `steps`, or call a workflow with `uses`");
    }
    ContainerReader containers = new ContainerReader(problems, scalars, trees);
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
    return new Job.Steps(
        header,
        fields.required("runs-on").map(this::runsOn).orElseGet(() -> new RunsOn(Tree.empty())),
        fields.value("timeout-minutes").flatMap(node -> scalars.minutes(node, Place.JOB)),
        fields.value("cancel-timeout-minutes").flatMap(node -> scalars.minutes(node, Place.JOB)),
        fields
            .value("continue-on-error")
            .flatMap(node -> scalars.bool(node, Place.JOB))
            .orElseGet(() -> Template.fixed(id.position(), Value.of(false))),
        fields.value("environment").flatMap(options::environment),
        fields.value("container").flatMap(containers::container),
        fields.value("services").flatMap(containers::services),
        env,
        fields
            .value("outputs")
            .flatMap(node -> trees.strings(node, Place.JOB_OUTPUT))
            .orElseGet(Tree::empty),
        own,
        new Settings(problems).read(env, settings),
        fields
            .value("steps")
            .map(node -> new StepReader(problems, scalars, trees, own).read(node))
            .orElse(List.of()));
  }

  private List<NeedsGraph.Need> needs(Yaml node) {
    Map<String, NeedsGraph.Need> needed = new LinkedHashMap<>();
    for (Yaml item : scalars.items(node)) {
      scalars
          .word(item)
          .map(job -> new NeedsGraph.Need(ids.getOrDefault(job, job), item.position()))
          .ifPresent(need -> {
            if (needed.putIfAbsent(need.job(), need) != null) {
              problems.warning(
                  need.position(), Rule.NO_EFFECT, "'%s' is needed twice".formatted(need.job()));
            }
          });
    }
    return List.copyOf(needed.values());
  }

  private RunsOn runsOn(Yaml node) {
    if (!(node instanceof Yaml.Mapping mapping)) {
      return new RunsOn(labels(node));
    }
    if (!Fields.mayHave(mapping, RunsOn.GROUP) && !Fields.mayHave(mapping, RunsOn.LABELS)) {
      problems.refuse(node.position(), RunsOn.NOTHING);
    }
    return new RunsOn(
        trees
            .shaped(
                node,
                Shape.RUNS_ON,
                Optional.of(Place.JOB),
                (key, value) ->
                    key.equals(RunsOn.GROUP)
                        ? group(value).map(Tree.Leaf::new)
                        : Optional.of(labels(value)))
            .orElseGet(Tree::empty));
  }

  private Optional<Template> group(Yaml node) {
    Optional<Template> group = scalars.text(node, Place.JOB);
    group
        .flatMap(Template::constant)
        .map(Value::text)
        .flatMap(RunsOn::invalidGroup)
        .ifPresent(problem -> problems.error(node.position(), problem));
    return group;
  }

  private Tree labels(Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      List<Tree> labels = new ArrayList<>();
      sequence
          .items()
          .forEach(
              item -> scalars.text(item, Place.JOB).map(Tree.Leaf::new).ifPresent(labels::add));
      if (sequence.items().isEmpty()) {
        problems.refuse(node.position(), "'runs-on' needs at least one label");
      }
      return new Tree.Sequence(node.position(), labels);
    }
    return scalars.text(node, Place.JOB).<Tree>map(Tree.Leaf::new).orElseGet(Tree::empty);
  }

  /// `defaults` of a job; those of a workflow have no place for expressions.
  Defaults defaults(Yaml node, Place place) {
    return read(node, Optional.of(place));
  }

  Defaults defaults(Yaml node) {
    return read(node, Optional.empty());
  }

  private Defaults read(Yaml node, Optional<Place> place) {
    if (place.isPresent()
        && node instanceof Yaml.Scalar scalar
        && Scalars.holdsExpression(scalar)) {
      problems.error(
          node.position(),
          Scalars.NO_EXPRESSION
              + ". Write it behind `run`, which it may stand for: `run: ${{ … }}`");
      return Defaults.NONE;
    }
    return Fields.of(node, Shape.DEFAULTS, problems)
        .flatMap(fields -> fields.value("run"))
        .flatMap(run ->
            trees.shaped(run, Shape.DEFAULTS_RUN, place, (key, value) -> text(key, value, place)))
        .map(Defaults::of)
        .orElse(Defaults.NONE);
  }

  private Optional<Tree> text(String key, Yaml node, Optional<Place> place) {
    Optional<Template> text =
        key.equals(Defaults.SHELL)
            ? new StepReader(problems, scalars, trees, Defaults.NONE).shell(node, place)
            : scalars.nonEmpty(node, place);
    return text.map(Tree.Leaf::new);
  }
}
