package dev.fairway.workflow;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads `on`.
final class TriggerReader {
  /// Fairway looks at its schedules once a minute, but other engines that run the file do not.
  private static final int USUAL_MINUTES = 5;

  private final Problems problems;
  private final Scalars scalars;
  private final InputReader inputs;

  TriggerReader(Problems problems, Scalars scalars) {
    this.problems = problems;
    this.scalars = scalars;
    this.inputs = new InputReader(problems, scalars);
  }

  List<Trigger> read(Yaml node) {
    List<Trigger> triggers = new ArrayList<>();
    if (node instanceof Yaml.Mapping) {
      Fields.mapping(node, problems)
          .ifPresent(mapping ->
              mapping
                  .pairs()
                  .forEach(pair ->
                      event(pair.key(), pair.value(), mapping.pairs().size() == 1)
                          .ifPresent(triggers::add)));
    } else {
      List<Yaml> items = scalars.items(node);
      for (Yaml item : items) {
        scalars
            .scalar(item)
            .flatMap(name -> event(name, nothing(name), items.size() == 1))
            .ifPresent(triggers::add);
      }
    }
    if (triggers.isEmpty() && !problems.anyError()) {
      problems.error(node.position(), "The workflow must name at least one event");
    }
    return triggers;
  }

  private static Yaml nothing(Yaml.Scalar after) {
    return new Yaml.Scalar(after.position(), Value.nothing(), "");
  }

  private Optional<? extends Trigger> event(Yaml.Scalar name, Yaml settings, boolean only) {
    return switch (name.raw()) {
      case "push" -> fields(settings, Shape.PUSH).map(this::push);
      case "pull_request" -> fields(settings, Shape.PULL_REQUEST).map(this::pullRequest);
      case "workflow_dispatch" -> fields(settings, Shape.DISPATCH).map(inputs::dispatch);
      case "workflow_call" -> fields(settings, Shape.CALL).map(inputs::call);
      case "workflow_run" ->
          fields(settings, Shape.WORKFLOW_RUN).map(fields -> workflowRun(name, fields));
      case "repository_dispatch" ->
          fields(settings, Shape.TYPES)
              .map(fields -> new Trigger.RepositoryDispatch(words(fields, "types")));
      case "schedule" -> schedule(name, settings);
      case "release" ->
          fields(settings, Shape.TYPES)
              .map(fields ->
                  new Trigger.Release(
                      types(fields, EventName.RELEASE_TYPES, EventName.RELEASE_TYPES)));
      case "deployment" -> fields(settings, Shape.NO_SETTINGS).map(_ -> new Trigger.Deployment());
      case "deployment_status" ->
          fields(settings, Shape.NO_SETTINGS).map(_ -> new Trigger.DeploymentStatus());
      case String other -> neverRaised(name, other, settings, only);
    };
  }

  private Optional<Trigger> neverRaised(
      Yaml.Scalar name, String event, Yaml settings, boolean only) {
    Optional<EventName.Settings> known = EventName.neverRaised(event);
    if (known.isEmpty()) {
      problems.error(
          name.position(),
          Scalars.holdsExpression(name)
              ? Scalars.NO_EXPRESSION
              : "Unexpected value '" + event + "'");
      return Optional.empty();
    }
    problems.warning(
        name.position(),
        Rule.EVENT,
        only
            ? "Fairway never raises '%s', so this workflow never runs. Events that it raises: %s"
                .formatted(event, EventName.RAISED)
            : "Fairway never raises '%s': the workflow runs for its other events only"
                .formatted(event));
    if (!settings.isNull()) {
      Fields.mapping(settings, problems)
          .ifPresent(mapping -> {
            mapping.pairs().forEach(pair -> setting(pair, known.get()));
            onlyOne(mapping);
          });
    }
    return Optional.of(new Trigger.NeverRaised(event));
  }

  private void onlyOne(Yaml.Mapping settings) {
    List<String> keys = settings.pairs().stream().map(pair -> pair.key().raw()).toList();
    for (Yaml.Pair pair : settings.pairs()) {
      String key = pair.key().raw().replace("-ignore", "");
      if (!key.equals(pair.key().raw()) && keys.contains(key)) {
        notBoth(key, pair.key().position());
      }
    }
  }

  private void notBoth(String key, Position position) {
    problems.refuse(
        position,
        "you may only define one of `%s` and `%s-ignore` for a single event. To leave some out of"
                .formatted(key, key)
            + " `%s`, add patterns that begin with '!'".formatted(key));
  }

  private void setting(Yaml.Pair pair, EventName.Settings settings) {
    String key = pair.key().raw();
    if (key.equals("types") && !settings.types().isEmpty()) {
      types(pair.value(), settings.types());
    } else if (settings.filters().contains(key)) {
      globs(pair.value(), key.endsWith("-ignore"), key.startsWith("paths"));
    } else {
      problems.error(pair.key().position(), "Unexpected value '" + key + "'");
    }
  }

  private Optional<Fields> fields(Yaml settings, Shape shape) {
    return Fields.orEmpty(settings, shape, problems);
  }

  private Trigger.Push push(Fields fields) {
    return new Trigger.Push(
        filter(fields, "branches"), filter(fields, "tags"), filter(fields, "paths"));
  }

  private Trigger.PullRequest pullRequest(Fields fields) {
    return new Trigger.PullRequest(
        types(fields, EventName.PULL_REQUEST_TYPES, Trigger.PullRequest.DEFAULT_ACTIVITIES),
        filter(fields, "branches"),
        filter(fields, "paths"));
  }

  private Trigger.WorkflowRun workflowRun(Yaml.Scalar name, Fields fields) {
    List<String> workflows = words(fields, "workflows");
    if (workflows.isEmpty()) {
      problems.warning(
          name.position(),
          Rule.EVENT,
          "on.workflow_run does not reference any workflows, so it never starts this one. Name"
              + " them in `workflows`");
    }
    return new Trigger.WorkflowRun(
        workflows,
        types(fields, EventName.WORKFLOW_RUN_TYPES, EventName.WORKFLOW_RUN_TYPES),
        filter(fields, "branches"));
  }

  private Optional<Trigger> schedule(Yaml.Scalar name, Yaml settings) {
    List<Cron> times = new ArrayList<>();
    if (settings.isNull()
        || (settings instanceof Yaml.Sequence sequence && sequence.items().isEmpty())) {
      problems.warning(
          name.position(),
          Rule.EVENT,
          "This schedule has no `cron`, so it never starts the workflow");
    } else {
      Fields.sequence(settings, problems)
          .ifPresent(sequence ->
              sequence
                  .items()
                  .forEach(item ->
                      Fields.of(item, Shape.CRON, problems)
                          .flatMap(this::cron)
                          .ifPresent(times::add)));
    }
    return Optional.of(new Trigger.Schedule(times));
  }

  private Optional<Cron> cron(Fields fields) {
    Optional<ZoneId> zone = fields.value("timezone").flatMap(this::zone);
    Optional<Yaml> node = fields.required("cron");
    Optional<String> text = node.flatMap(scalars::word);
    try {
      Optional<Cron> cron =
          text.map(expression -> Cron.of(expression, zone.orElse(ZoneOffset.UTC)));
      cron.filter(one -> one.shortestGap() < USUAL_MINUTES)
          .ifPresent(_ ->
              problems.warning(
                  node.orElseThrow().position(),
                  Rule.EVENT,
                  "This is due more often than every %d minutes; GitHub runs it every %d minutes"
                      .formatted(USUAL_MINUTES, USUAL_MINUTES)));
      return cron;
    } catch (IllegalArgumentException e) {
      problems.error(
          node.orElseThrow().position(),
          "Invalid cron expression: %s. Expected format: '* * * * *' (minute hour day month"
                  .formatted(e.getMessage())
              + " weekday)");
      return Optional.empty();
    }
  }

  private Optional<ZoneId> zone(Yaml node) {
    Optional<String> name = scalars.word(node);
    Optional<ZoneId> zone =
        name.filter(text -> ZoneId.getAvailableZoneIds().contains(text)).map(ZoneId::of);
    if (name.isPresent() && zone.isEmpty()) {
      problems.error(
          node.position(),
          "Unexpected value '%s'. Expected the IANA name of a time zone, such as Europe/London"
              .formatted(name.get()));
    }
    return zone;
  }

  private List<String> words(Fields fields, String key) {
    List<String> words = new ArrayList<>();
    fields
        .value(key)
        .ifPresent(node -> items(node).forEach(item -> scalars.word(item).ifPresent(words::add)));
    return words;
  }

  /// One word or a sequence of words, which should hold some.
  private List<Yaml> items(Yaml node) {
    List<Yaml> items = scalars.items(node);
    if (items.isEmpty()) {
      problems.warning(
          node.position(), Rule.NO_EFFECT, "An empty list changes nothing: take it away");
    }
    return items;
  }

  private List<String> types(Fields fields, List<String> known, List<String> usual) {
    List<String> types = fields.value("types").map(node -> types(node, known)).orElse(List.of());
    return types.isEmpty() ? usual : types;
  }

  private List<String> types(Yaml node, List<String> known) {
    List<String> types = new ArrayList<>();
    for (Yaml item : items(node)) {
      Optional<String> type = scalars.word(item);
      type.ifPresent(types::add);
      if (type.isPresent() && !known.contains(type.get())) {
        problems.error(item.position(), "Unexpected value '" + type.get() + "'");
      }
    }
    return types;
  }

  private Filter filter(Fields fields, String key) {
    String ignoreKey = key + "-ignore";
    if (fields.has(key) && fields.has(ignoreKey)) {
      notBoth(key, fields.keyPosition(ignoreKey).orElseThrow());
    }
    boolean ignore = !fields.has(key);
    return fields
        .value(ignore ? ignoreKey : key)
        .map(node -> new Filter(globs(node, ignore, key.equals("paths")), ignore))
        .orElse(Filter.NONE);
  }

  private List<Glob> globs(Yaml node, boolean ignore, boolean paths) {
    List<Glob> globs = new ArrayList<>();
    for (Yaml item : items(node)) {
      scalars
          .word(item)
          .ifPresent(pattern -> {
            try {
              Glob glob = Glob.of(pattern);
              if (glob.negated() && ignore) {
                problems.refuse(
                    item.position(), "A pattern to ignore cannot begin with '!': " + pattern);
              }
              (paths ? glob.neverAPath() : glob.neverARef())
                  .ifPresent(why ->
                      problems.warning(
                          item.position(),
                          Rule.EVENT,
                          "Nothing matches the pattern '%s': %s".formatted(pattern, why)));
              globs.add(glob);
            } catch (IllegalArgumentException e) {
              problems.refuse(item.position(), "Invalid pattern: " + e.getMessage());
            }
          });
    }
    if (!globs.isEmpty() && !ignore && globs.stream().allMatch(Glob::negated)) {
      problems.warning(
          node.position(), Rule.EVENT, "Every pattern begins with '!', so nothing matches");
    }
    return globs;
  }
}
