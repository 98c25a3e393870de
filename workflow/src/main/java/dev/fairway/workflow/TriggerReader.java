package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Reads `on`.
final class TriggerReader {
  private static final List<String> PULL_REQUEST_ACTIVITIES =
      List.of(
          "assigned",
          "unassigned",
          "labeled",
          "unlabeled",
          "opened",
          "edited",
          "closed",
          "reopened",
          "synchronize",
          "converted_to_draft",
          "locked",
          "unlocked",
          "enqueued",
          "dequeued",
          "milestoned",
          "demilestoned",
          "ready_for_review",
          "review_requested",
          "review_request_removed",
          "auto_merge_enabled",
          "auto_merge_disabled");

  private final Problems problems;
  private final Scalars scalars;

  TriggerReader(Problems problems, Scalars scalars) {
    this.problems = problems;
    this.scalars = scalars;
  }

  List<Trigger> read(Yaml node) {
    List<Trigger> triggers = new ArrayList<>();
    if (node instanceof Yaml.Mapping) {
      Fields.mapping(node, problems)
          .ifPresent(mapping ->
              mapping
                  .pairs()
                  .forEach(pair -> event(pair.key(), pair.value()).ifPresent(triggers::add)));
    } else {
      for (Yaml item : scalars.items(node)) {
        scalars.scalar(item).flatMap(name -> event(name, nothing(name))).ifPresent(triggers::add);
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

  private Optional<? extends Trigger> event(Yaml.Scalar name, Yaml settings) {
    return switch (name.raw()) {
      case "push" -> fields(settings, Shape.PUSH).map(this::push);
      case "pull_request" -> fields(settings, Shape.PULL_REQUEST).map(this::pullRequest);
      case "workflow_dispatch" -> fields(settings, Shape.DISPATCH).map(this::dispatch);
      case String other -> {
        problems.error(
            name.position(),
            EventName.planned(other)
                ? "The event '%s' is not supported yet. Supported are %s"
                    .formatted(other, String.join(", ", EventName.SUPPORTED))
                : "Unexpected value '" + other + "'");
        yield Optional.empty();
      }
    };
  }

  private Optional<Fields> fields(Yaml settings, Shape shape) {
    return settings.isNull()
        ? Optional.of(Fields.of(new Yaml.Mapping(settings.position(), List.of()), shape, problems))
        : Fields.of(settings, shape, problems);
  }

  private Trigger.Push push(Fields fields) {
    return new Trigger.Push(
        filter(fields, "branches"), filter(fields, "tags"), filter(fields, "paths"));
  }

  private Trigger.PullRequest pullRequest(Fields fields) {
    List<String> activities = new ArrayList<>();
    fields
        .value("types")
        .ifPresent(types ->
            scalars
                .items(types)
                .forEach(item -> {
                  Optional<String> activity = scalars.word(item);
                  activity.ifPresent(activities::add);
                  if (activity.isPresent() && !PULL_REQUEST_ACTIVITIES.contains(activity.get())) {
                    problems.error(item.position(), "Unexpected value '" + activity.get() + "'");
                  }
                }));
    return new Trigger.PullRequest(
        activities.isEmpty() ? Trigger.PullRequest.DEFAULT_ACTIVITIES : activities,
        filter(fields, "branches"),
        filter(fields, "paths"));
  }

  private Filter filter(Fields fields, String key) {
    String ignoreKey = key + "-ignore";
    if (fields.has(key) && fields.has(ignoreKey)) {
      problems.error(
          fields.keyPosition(ignoreKey).orElseThrow(),
          "you may only define one of `%s` and `%s` for a single event. To leave some out of"
                  .formatted(key, ignoreKey)
              + " `%s`, add patterns that begin with '!'".formatted(key));
    }
    boolean ignore = !fields.has(key);
    return fields
        .value(ignore ? ignoreKey : key)
        .map(node -> new Filter(globs(node, ignore), ignore))
        .orElse(Filter.NONE);
  }

  private List<Glob> globs(Yaml node, boolean ignore) {
    List<Glob> globs = new ArrayList<>();
    for (Yaml item : scalars.items(node)) {
      scalars
          .word(item)
          .ifPresent(pattern -> {
            try {
              Glob glob = Glob.of(pattern);
              if (glob.negated() && ignore) {
                problems.error(
                    item.position(), "A pattern to ignore cannot begin with '!': " + pattern);
              }
              globs.add(glob);
            } catch (IllegalArgumentException e) {
              problems.error(item.position(), "Invalid pattern: " + e.getMessage());
            }
          });
    }
    if (!globs.isEmpty() && !ignore && globs.stream().allMatch(Glob::negated)) {
      problems.error(
          node.position(), "At least one pattern must not begin with '!', or nothing matches");
    }
    return globs;
  }

  private Trigger.Dispatch dispatch(Fields fields) {
    Map<String, InputDefinition> inputs = new LinkedHashMap<>();
    fields
        .value("inputs")
        .filter(node -> !node.isNull())
        .flatMap(node -> Fields.mapping(node, problems))
        .ifPresent(mapping -> {
          for (Yaml.Pair pair : mapping.pairs()) {
            if (pair.key().raw().isEmpty()) {
              problems.error(pair.key().position(), "Unexpected value ''");
            }
            fields(pair.value(), Shape.INPUT)
                .ifPresent(input -> inputs.put(pair.key().raw(), input(input)));
          }
        });
    return new Trigger.Dispatch(inputs);
  }

  private InputDefinition input(Fields fields) {
    InputDefinition.Type type =
        fields.value("type").flatMap(this::type).orElse(InputDefinition.Type.STRING);
    List<String> options = new ArrayList<>();
    fields
        .value("options")
        .flatMap(node -> Fields.sequence(node, problems))
        .ifPresent(sequence ->
            sequence.items().forEach(item -> scalars.constant(item).ifPresent(options::add)));
    if (type == InputDefinition.Type.CHOICE && options.isEmpty()) {
      problems.error(
          fields.keyPosition("type").orElseThrow(), "A choice needs `options` to choose from");
    }
    InputDefinition definition =
        new InputDefinition(
            fields.value("description").flatMap(scalars::constant).orElse(""),
            fields.value("required").map(this::required).orElse(false),
            type,
            fields.value("default").flatMap(scalars::constant),
            options);
    definition
        .defaultValue()
        .ifPresent(text -> {
          Map<String, String> wrong = new LinkedHashMap<>();
          definition.value("default", text, wrong);
          if (!wrong.isEmpty()) {
            problems.error(
                fields.value("default").orElseThrow().position(),
                "The default '" + text + "' is not a " + type.word() + " of this input");
          }
        });
    return definition;
  }

  private Optional<InputDefinition.Type> type(Yaml node) {
    Optional<String> word = scalars.word(node);
    Optional<InputDefinition.Type> type =
        word.flatMap(name ->
            Arrays.stream(InputDefinition.Type.values())
                .filter(known -> known.word().equals(name))
                .findFirst());
    if (word.isPresent() && type.isEmpty()) {
      problems.error(
          node.position(),
          "Unexpected value '%s'. Expected one of %s"
              .formatted(
                  word.get(),
                  Arrays.stream(InputDefinition.Type.values())
                      .map(InputDefinition.Type::word)
                      .collect(Collectors.joining(", "))));
    }
    return type;
  }

  private boolean required(Yaml node) {
    if (node instanceof Yaml.Scalar scalar && scalar.value() instanceof Value.Bool bool) {
      return bool.value();
    }
    scalars
        .scalar(node)
        .ifPresent(scalar ->
            problems.error(
                node.position(),
                "Unexpected value '" + scalar.raw() + "'. Expected true or false"));
    return false;
  }
}
