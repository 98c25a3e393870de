package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads `container` and `services` of a job into trees that [Container] evaluates, each part with
/// what it may see.
final class ContainerReader {
  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;

  ContainerReader(Problems problems, Scalars scalars, Trees trees) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
  }

  /// `container`: an image, or a mapping.
  Optional<Tree> container(Yaml node) {
    return container(node, Shape.CONTAINER);
  }

  /// `services`: a container for each name.
  Optional<Tree> services(Yaml node) {
    return trees.expressionOr(
        node,
        Place.JOB,
        written ->
            Fields.mapping(written, problems)
                .map(mapping ->
                    trees.entries(mapping, Place.JOB, value -> container(value, Shape.SERVICE))));
  }

  private Optional<Tree> container(Yaml node, Shape shape) {
    if (!(node instanceof Yaml.Mapping mapping)) {
      Optional<Template> image = scalars.template(node, Optional.of(Place.JOB));
      Optional<Value> constant = image.flatMap(Template::constant);
      if (constant.filter(one -> Container.image(one.text()).isEmpty()).isPresent()) {
        if (shape == Shape.CONTAINER && constant.get().text().isBlank()) {
          problems.warning(
              node.position(), Rule.NO_EFFECT, "An empty `container` is none: take it away");
        } else {
          noImage(node);
        }
        return Optional.empty();
      }
      return image.map(Tree.Leaf::new);
    }
    int before = problems.count();
    Optional<Tree> container = trees.shaped(node, shape, Optional.of(Place.JOB), this::part);
    if (!Fields.mayHave(mapping, Container.IMAGE) && problems.count() == before) {
      noImage(node);
    }
    return container;
  }

  private void noImage(Yaml node) {
    problems.error(node.position(), Container.NO_IMAGE);
  }

  private Optional<Tree> part(String key, Yaml node) {
    return switch (key) {
      case "image" -> scalars.text(node, Place.JOB).map(Tree.Leaf::new);
      case "env" -> trees.strings(node, Place.JOB_OUTPUT);
      case "credentials" ->
          trees.shaped(
              node,
              Shape.CREDENTIALS,
              Optional.of(Place.CONTAINER_CREDENTIALS),
              (_, value) ->
                  scalars
                      .template(value, Optional.of(Place.CONTAINER_CREDENTIALS))
                      .map(Tree.Leaf::new));
      case "ports", "volumes" ->
          trees.expressionOr(
              node, Place.JOB, written -> Fields.sequence(written, problems).map(this::texts));
      case String _ -> scalars.template(node, Optional.of(Place.JOB)).map(Tree.Leaf::new);
    };
  }

  private Tree texts(Yaml.Sequence sequence) {
    List<Tree> items = new ArrayList<>();
    sequence
        .items()
        .forEach(item -> scalars.text(item, Place.JOB).map(Tree.Leaf::new).ifPresent(items::add));
    return new Tree.Sequence(sequence.position(), items);
  }
}
