package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A value of a workflow that is not evaluated yet, with expressions at any depth: a matrix, an
/// `env`, the inputs of an action.
public sealed interface Tree {
  /// What all leaves of one tree may come to, in characters.
  int MAX_CHARACTERS = 10 * 1024 * 1024;

  Position position();

  record Leaf(Template template) implements Tree {
    @Override
    public Position position() {
      return template.position();
    }
  }

  record Sequence(Position position, List<Tree> items) implements Tree {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  record Mapping(Position position, List<Entry> entries) implements Tree {
    public Mapping {
      entries = List.copyOf(entries);
    }
  }

  /// A member of a mapping. An `insert` entry, written `${{ insert }}: VALUE`, puts the members of
  /// its value in its place.
  record Entry(Template key, boolean insert, Tree value) {}

  static Mapping empty() {
    return new Mapping(Position.START, List.of());
  }

  default Value evaluate(Contexts contexts) {
    return new Evaluation(contexts).value(this);
  }

  /// Its members as strings, as `env` and `with` want them; null becomes an empty string.
  default Map<String, String> strings(Contexts contexts) {
    Value value = evaluate(contexts);
    if (value instanceof Value.Null) {
      return Map.of();
    }
    if (!(value instanceof Value.Obj object)) {
      throw noMapping(value, position());
    }
    Map<String, String> strings = new LinkedHashMap<>();
    object
        .members()
        .forEach((name, member) -> {
          if (Coercion.composite(member)) {
            throw new EvaluationException(
                position(), "A string was expected for '" + name + "', not " + member.kind());
          }
          strings.put(name, member.text());
        });
    return strings;
  }

  /// A member of an evaluated mapping with fixed keys.
  ///
  /// @param position where it comes from
  /// @param written whether its key stands in the file, and not only its value is an expression's
  record Member(Value value, Position position, boolean written) {
    /// A part of it, which stands where it stands.
    Member of(Value part) {
      return new Member(part, position, written);
    }
  }

  /// Its members by name, which must be names that the shape has.
  default Map<String, Member> members(Shape shape, Contexts contexts) {
    if (!(this instanceof Mapping mapping)) {
      return known(shape, made(this, contexts));
    }
    Members<Member> members = new Members<>();
    for (Entry entry : mapping.entries()) {
      if (entry.insert()) {
        members.putAll(made(entry.value(), contexts), entry.value().position());
      } else {
        boolean written = entry.key().constant().isPresent();
        members.put(
            entry.key().text(contexts),
            new Member(entry.value().evaluate(contexts), entry.value().position(), written),
            entry.key().position());
      }
    }
    return known(shape, members.all());
  }

  /// The same where a text may stand for the mapping.
  ///
  /// @param alone the member that such a text is
  default Map<String, Member> members(Shape shape, String alone, Contexts contexts) {
    return this instanceof Leaf leaf
        ? members(leaf.evaluate(contexts), position(), shape, alone)
        : members(shape, contexts);
  }

  /// The same of what one expression has made.
  static Map<String, Member> members(Value value, Position position, Shape shape, String alone) {
    return switch (value) {
      case Value.Obj object -> known(shape, made(object, position));
      case Value.Arr _ ->
          throw new EvaluationException(
              position, "A string or a mapping was expected, not " + value.kind());
      case Value.Null _, Value.Bool _, Value.Num _, Value.Str _ ->
          Map.of(alone, new Member(value, position, true));
    };
  }

  private static Map<String, Member> known(Shape shape, Map<String, Member> members) {
    members.forEach((name, member) -> {
      if (!shape.supports(name)) {
        throw new EvaluationException(member.position(), shape.unexpected(name));
      }
    });
    return members;
  }

  private static Map<String, Member> made(Tree tree, Contexts contexts) {
    Value value = tree.evaluate(contexts);
    if (!(value instanceof Value.Obj object)) {
      throw noMapping(value, tree.position());
    }
    return made(object, tree.position());
  }

  private static Map<String, Member> made(Value.Obj object, Position position) {
    Map<String, Member> members = new LinkedHashMap<>();
    object
        .members()
        .forEach((name, member) -> members.put(name, new Member(member, position, false)));
    return members;
  }

  static EvaluationException noMapping(Value value, Position position) {
    return new EvaluationException(
        position,
        "A mapping was expected, not "
            + value.kind()
            + (value instanceof Value.Str ? "; fromJSON makes one of JSON text" : ""));
  }

  /// Whether its keys are known before it is evaluated.
  default boolean knowsKeys() {
    return switch (this) {
      case Leaf _, Sequence _ -> false;
      case Mapping mapping ->
          mapping.entries().stream()
              .noneMatch(entry -> entry.insert() || entry.key().constant().isEmpty());
    };
  }

  /// What the file has under this key.
  default Optional<Tree> written(String key) {
    return switch (this) {
      case Leaf _, Sequence _ -> Optional.empty();
      case Mapping mapping ->
          mapping.entries().stream()
              .filter(entry -> !entry.insert())
              .filter(
                  entry -> entry.key().constant().map(Value::text).filter(key::equals).isPresent())
              .findFirst()
              .map(Entry::value);
    };
  }

  /// Its text, if it is one without expressions.
  default Optional<String> constantText() {
    return this instanceof Leaf leaf
        ? leaf.template().constant().map(Value::text)
        : Optional.empty();
  }

  /// One evaluation of a tree, with its budget.
  final class Evaluation {
    private final Contexts contexts;
    private long characters;

    private Evaluation(Contexts contexts) {
      this.contexts = contexts;
    }

    private Value value(Tree tree) {
      return switch (tree) {
        case Leaf leaf -> leaf(leaf);
        case Sequence sequence -> {
          List<Value> items = new ArrayList<>(sequence.items().size());
          sequence.items().forEach(item -> items.add(value(item)));
          yield new Value.Arr(items);
        }
        case Mapping mapping -> mapping(mapping);
      };
    }

    private Value leaf(Leaf leaf) {
      Value value = leaf.template().evaluate(contexts);
      if (value instanceof Value.Str string) {
        characters += string.value().length();
        if (characters > MAX_CHARACTERS) {
          throw new EvaluationException(leaf.position(), "Maximum object size exceeded");
        }
      }
      return value;
    }

    private Value mapping(Mapping mapping) {
      Members<Value> members = new Members<>();
      for (Entry entry : mapping.entries()) {
        Value value = value(entry.value());
        if (!entry.insert()) {
          members.put(entry.key().text(contexts), value, entry.key().position());
        } else if (value instanceof Value.Obj inserted) {
          members.putAll(inserted.members(), entry.value().position());
        } else {
          throw new EvaluationException(
              entry.value().position(), "Only a mapping can be inserted, not " + value.kind());
        }
      }
      return new Value.Obj(members.all());
    }
  }
}
