package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads `permissions`, `concurrency` and `environment`.
final class OptionReader {
  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;

  OptionReader(Problems problems, Scalars scalars, Trees trees) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
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
    if (!(node instanceof Yaml.Mapping mapping)) {
      return scalars.text(node, place).map(Tree.Leaf::new).map(Concurrency::new);
    }
    require(mapping, Concurrency.GROUP);
    Optional<Tree> tree =
        trees.shaped(
            node,
            Shape.CONCURRENCY,
            Optional.of(place),
            (key, value) -> concurrency(key, value, place).map(Tree.Leaf::new));
    tree.ifPresent(this::checkQueue);
    return tree.map(Concurrency::new);
  }

  private Optional<Template> concurrency(String key, Yaml node, Place place) {
    return switch (key) {
      case Concurrency.CANCEL -> scalars.bool(node, place);
      case Concurrency.QUEUE -> queue(node, place);
      case String _ -> scalars.text(node, place);
    };
  }

  private Optional<Template> queue(Yaml node, Place place) {
    Optional<Template> queue = scalars.text(node, place);
    queue
        .flatMap(Template::constant)
        .map(Value::text)
        .filter(word -> Concurrency.Queue.named(word).isEmpty())
        .ifPresent(word -> problems.error(node.position(), "Unexpected value '" + word + "'"));
    return queue;
  }

  private void checkQueue(Tree concurrency) {
    boolean max =
        concurrency
            .written(Concurrency.QUEUE)
            .flatMap(Tree::constantText)
            .flatMap(Concurrency.Queue::named)
            .filter(Concurrency.Queue.MAX::equals)
            .isPresent();
    concurrency
        .written(Concurrency.CANCEL)
        .filter(cancel -> max && cancel.constantText().filter("true"::equals).isPresent())
        .ifPresent(cancel -> problems.error(cancel.position(), Concurrency.NOTHING_TO_QUEUE));
  }

  Optional<TargetEnvironment> environment(Yaml node) {
    if (!(node instanceof Yaml.Mapping mapping)) {
      return scalars
          .template(node, Optional.of(Place.JOB))
          .map(name -> new TargetEnvironment(new Tree.Leaf(name), Optional.empty()));
    }
    require(mapping, TargetEnvironment.NAME);
    List<Template> url = new ArrayList<>();
    return trees
        .shaped(
            node,
            Shape.ENVIRONMENT,
            Optional.of(Place.JOB),
            (key, value) -> environment(key, value, url::add).map(Tree.Leaf::new))
        .map(target -> new TargetEnvironment(target, url.stream().findFirst()));
  }

  /// @param url is given the one that the file has, which sees more than the rest
  private Optional<Template> environment(String key, Yaml node, Consumer<Template> url) {
    return switch (key) {
      case TargetEnvironment.URL -> {
        scalars.template(node, Optional.of(Place.ENVIRONMENT_URL)).ifPresent(url);
        yield Optional.empty();
      }
      case TargetEnvironment.DEPLOYMENT -> scalars.bool(node, Place.JOB);
      case String _ -> scalars.template(node, Optional.of(Place.JOB));
    };
  }

  private void require(Yaml.Mapping mapping, String key) {
    if (!Fields.mayHave(mapping, key)) {
      problems.error(mapping.position(), Fields.missing(key));
    }
  }
}
