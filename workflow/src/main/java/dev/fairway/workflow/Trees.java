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
    return expressionOr(
        node,
        place,
        written ->
            Fields.mapping(written, problems)
                .map(mapping ->
                    entries(
                        mapping,
                        place,
                        value -> scalars.template(value, Optional.of(place)).map(Tree.Leaf::new))));
  }

  /// One expression where a sequence or a mapping would stand, or what stands there.
  Optional<Tree> expressionOr(Yaml node, Place place, ValueReader written) {
    if (!(node instanceof Yaml.Scalar scalar && Scalars.holdsExpression(scalar))) {
      return written.read(node).map(Tree.class::cast);
    }
    Optional<Template> template = scalars.template(scalar, Optional.of(place));
    Optional<Value> text = template.flatMap(Template::constant);
    text.ifPresent(one -> problems.error(node.position(), "Unexpected value '" + one.text() + "'"));
    return text.isPresent() ? Optional.empty() : template.map(Tree.Leaf::new);
  }

  /// A mapping with fixed keys, of which expressions may make more, or one expression for all of
  /// it. Without a place, neither.
  Optional<Tree> shaped(Yaml node, Shape shape, Optional<Place> place, MemberReader members) {
    ValueReader written =
        yaml ->
            Fields.mapping(yaml, problems).map(mapping -> members(mapping, shape, place, members));
    return place.isPresent()
        ? expressionOr(node, place.get(), written)
        : written.read(node).map(Tree.class::cast);
  }

  private Tree.Mapping members(
      Yaml.Mapping mapping, Shape shape, Optional<Place> place, MemberReader members) {
    List<Tree.Entry> entries = new ArrayList<>();
    for (Yaml.Pair pair : mapping.pairs()) {
      Yaml.Scalar key = pair.key();
      if (place.isPresent() && Scalars.holdsExpression(key)) {
        entry(pair, place.get(), value -> any(value, place.get())).ifPresent(entries::add);
      } else if (Fields.known(key, shape, problems)) {
        members
            .read(key.raw(), pair.value())
            .ifPresent(value ->
                entries.add(
                    new Tree.Entry(
                        Template.fixed(key.position(), Value.of(key.raw())), false, value)));
      }
    }
    return new Tree.Mapping(mapping.position(), entries);
  }

  /// Reads one value of a mapping.
  @FunctionalInterface
  interface ValueReader {
    Optional<? extends Tree> read(Yaml value);
  }

  /// Reads one value of a mapping with fixed keys.
  @FunctionalInterface
  interface MemberReader {
    Optional<? extends Tree> read(String key, Yaml value);
  }

  Tree.Mapping entries(Yaml.Mapping mapping, Place place, ValueReader values) {
    List<Tree.Entry> entries = new ArrayList<>();
    mapping.pairs().forEach(pair -> entry(pair, place, values).ifPresent(entries::add));
    return new Tree.Mapping(mapping.position(), entries);
  }

  private Optional<Tree.Entry> entry(Yaml.Pair pair, Place place, ValueReader values) {
    boolean insert = Scalars.isInsert(pair.key());
    Template none = Template.fixed(pair.key().position(), Value.of(""));
    Optional<Template> key = insert ? Optional.of(none) : scalars.text(pair.key(), place);
    Optional<? extends Tree> value = insert ? any(pair.value(), place) : values.read(pair.value());
    return key.flatMap(name -> value.map(one -> new Tree.Entry(name, insert, one)));
  }
}
