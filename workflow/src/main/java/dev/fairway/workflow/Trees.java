package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads values with expressions at any depth.
final class Trees {
  private final Problems problems;
  private final Scalars scalars;

  Trees(Problems problems, Scalars scalars) {
    this.problems = problems;
    this.scalars = scalars;
  }

  Optional<Tree> any(Yaml node, Place place) {
    return switch (node) {
      case Yaml.Scalar scalar -> scalars.template(scalar, Optional.of(place)).map(Tree.Leaf::new);
      case Yaml.Sequence sequence -> Optional.of(sequence(sequence, place));
      case Yaml.Mapping _ ->
          Fields.mapping(node, problems)
              .map(mapping -> entries(mapping, place, value -> any(value, place)));
    };
  }

  private Tree.Sequence sequence(Yaml.Sequence sequence, Place place) {
    List<Tree> items = new ArrayList<>();
    sequence.items().forEach(item -> any(item, place).ifPresent(items::add));
    return new Tree.Sequence(sequence.position(), items);
  }

  /// A mapping of names to strings, or one expression that makes one.
  Optional<Tree> strings(Yaml node, Place place) {
    return expression(node, place)
        .or(() ->
            Fields.mapping(node, problems)
                .map(mapping ->
                    entries(
                        mapping,
                        place,
                        value -> scalars.template(value, Optional.of(place)).map(Tree.Leaf::new))));
  }

  /// A scalar with an expression where a sequence or a mapping would stand.
  Optional<Tree> expression(Yaml node, Place place) {
    return node instanceof Yaml.Scalar scalar && scalar.raw().contains("${{")
        ? scalars.template(scalar, Optional.of(place)).map(Tree.Leaf::new)
        : Optional.empty();
  }

  /// Reads one value of a mapping.
  @FunctionalInterface
  interface ValueReader {
    Optional<? extends Tree> read(Yaml value);
  }

  Tree.Mapping entries(Yaml.Mapping mapping, Place place, ValueReader values) {
    List<Tree.Entry> entries = new ArrayList<>();
    for (Yaml.Pair pair : mapping.pairs()) {
      boolean insert = Scalars.isInsert(pair.key());
      Template none = Template.fixed(pair.key().position(), Value.of(""));
      Optional<Template> key = insert ? Optional.of(none) : scalars.text(pair.key(), place);
      Optional<? extends Tree> value =
          insert ? any(pair.value(), place) : values.read(pair.value());
      if (key.isPresent() && value.isPresent()) {
        entries.add(new Tree.Entry(key.get(), insert, value.get()));
      }
    }
    return new Tree.Mapping(mapping.position(), entries);
  }
}
