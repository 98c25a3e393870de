package dev.fairway.workflow;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// Reads `permissions`, `concurrency` and `environment`.
final class OptionReader {
  private final Problems problems;
  private final Scalars scalars;

  OptionReader(Problems problems, Scalars scalars) {
    this.problems = problems;
    this.scalars = scalars;
  }

  /// A mapping of levels by scope, or one word for all of them.
  Optional<Permissions> permissions(Yaml node) {
    if (!(node instanceof Yaml.Scalar)) {
      return Fields.mapping(node, problems).map(this::levels);
    }
    Optional<String> word = scalars.constant(node);
    Optional<Permissions> all =
        word.flatMap(text ->
            switch (text) {
              case "read-all" -> Optional.of(Permissions.all(Permissions.Level.READ));
              case "write-all" -> Optional.of(Permissions.all(Permissions.Level.WRITE));
              case String _ -> Optional.empty();
            });
    if (word.isPresent() && all.isEmpty()) {
      problems.error(
          node.position(),
          "Unexpected value '%s'. Expected read-all, write-all, or a mapping of scopes"
              .formatted(word.get()));
    }
    return all;
  }

  private Permissions levels(Yaml.Mapping mapping) {
    Map<Permissions.Scope, Permissions.Level> levels = new EnumMap<>(Permissions.Scope.class);
    for (Yaml.Pair pair : mapping.pairs()) {
      Optional<Permissions.Scope> scope = Permissions.Scope.named(pair.key().raw());
      if (scope.isEmpty()) {
        problems.error(pair.key().position(), "Unexpected value '" + pair.key().raw() + "'");
        continue;
      }
      Optional<String> word = scalars.constant(pair.value());
      Optional<Permissions.Level> level =
          word.flatMap(Permissions.Level::named).filter(scope.get()::has);
      level.ifPresent(one -> levels.put(scope.get(), one));
      if (word.isPresent() && level.isEmpty()) {
        problems.error(pair.value().position(), "Unexpected value '" + word.get() + "'");
      }
    }
    return new Permissions(levels);
  }

  /// @param place what the group may see
  Optional<Concurrency> concurrency(Yaml node, Place place) {
    if (!(node instanceof Yaml.Mapping)) {
      return scalars
          .text(node, place)
          .map(group -> new Concurrency(group, no(node), Concurrency.Queue.SINGLE));
    }
    return Fields.of(node, Shape.CONCURRENCY, problems)
        .flatMap(fields -> {
          Optional<Template> cancel =
              fields.value("cancel-in-progress").flatMap(value -> scalars.bool(value, place));
          Concurrency.Queue queue =
              fields.value("queue").flatMap(this::queue).orElse(Concurrency.Queue.SINGLE);
          if (queue == Concurrency.Queue.MAX
              && cancel.flatMap(Template::constant).filter(Value::truthy).isPresent()) {
            problems.error(
                fields.keyPosition("cancel-in-progress").orElseThrow(),
                "'cancel-in-progress: true' leaves nothing to queue with 'queue: max'; use one of"
                    + " them");
          }
          return fields
              .required("group")
              .flatMap(group -> scalars.text(group, place))
              .map(group -> new Concurrency(group, cancel.orElseGet(() -> no(node)), queue));
        });
  }

  private Optional<Concurrency.Queue> queue(Yaml node) {
    return scalars
        .word(node)
        .flatMap(word ->
            switch (word) {
              case "single" -> Optional.of(Concurrency.Queue.SINGLE);
              case "max" -> Optional.of(Concurrency.Queue.MAX);
              case String other -> {
                problems.error(node.position(), "Unexpected value '" + other + "'");
                yield Optional.empty();
              }
            });
  }

  Optional<TargetEnvironment> environment(Yaml node) {
    if (!(node instanceof Yaml.Mapping)) {
      return scalars
          .template(node, Optional.of(Place.JOB))
          .map(name -> new TargetEnvironment(name, Optional.empty(), yes(node)));
    }
    return Fields.of(node, Shape.ENVIRONMENT, problems)
        .flatMap(fields -> {
          Optional<Template> url =
              fields
                  .value("url")
                  .flatMap(value -> scalars.template(value, Optional.of(Place.ENVIRONMENT_URL)));
          Template deployment =
              fields
                  .value("deployment")
                  .flatMap(value -> scalars.bool(value, Place.JOB))
                  .orElseGet(() -> yes(node));
          return fields
              .required("name")
              .flatMap(name -> scalars.template(name, Optional.of(Place.JOB)))
              .map(name -> new TargetEnvironment(name, url, deployment));
        });
  }

  private static Template no(Yaml node) {
    return Template.fixed(node.position(), Value.of(false));
  }

  private static Template yes(Yaml node) {
    return Template.fixed(node.position(), Value.of(true));
  }
}
