package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
      throw new EvaluationException(position(), "A mapping was expected, not " + value.kind());
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
      Map<String, Value> members = new LinkedHashMap<>();
      for (Entry entry : mapping.entries()) {
        Value value = value(entry.value());
        if (!entry.insert()) {
          members.put(entry.key().text(contexts), value);
        } else if (value instanceof Value.Obj inserted) {
          members.putAll(inserted.members());
        } else {
          throw new EvaluationException(
              entry.value().position(), "Only a mapping can be inserted, not " + value.kind());
        }
      }
      return new Value.Obj(members);
    }
  }
}
