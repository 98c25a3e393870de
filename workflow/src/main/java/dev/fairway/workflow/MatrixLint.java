package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Warns of values of a matrix that change nothing: said twice, or excluded without being there.
/// What an expression makes is not looked at.
final class MatrixLint {
  private final Problems problems;

  MatrixLint(Problems problems) {
    this.problems = problems;
  }

  void check(Tree matrix) {
    if (!(matrix instanceof Tree.Mapping mapping)) {
      return;
    }
    Map<String, Tree.Sequence> vectors = Value.caseInsensitiveMap();
    boolean all = true;
    for (Tree.Entry entry : mapping.entries()) {
      Optional<String> name = name(entry);
      if (name.isEmpty() || !(entry.value() instanceof Tree.Sequence sequence)) {
        all &= name.filter(Matrix.FILTERS::contains).isPresent();
      } else if (!Matrix.FILTERS.contains(name.get())) {
        vectors.put(name.get(), sequence);
        duplicates(name.get(), sequence);
      }
    }
    for (Tree.Entry entry : mapping.entries()) {
      if (entry.value() instanceof Tree.Sequence filters && filters.items().isEmpty()) {
        problems.warning(
            filters.position(), Rule.NO_EFFECT, "An empty list changes nothing: take it away");
      }
      if (all
          && name(entry).filter("exclude"::equals).isPresent()
          && entry.value() instanceof Tree.Sequence filters) {
        filters.items().forEach(filter -> exclude(filter, vectors));
      }
    }
  }

  private void duplicates(String name, Tree.Sequence vector) {
    List<Value> seen = new ArrayList<>();
    for (Tree item : vector.items()) {
      constant(item)
          .ifPresent(value -> {
            if (seen.contains(value)) {
              problems.warning(
                  item.position(),
                  Rule.NO_EFFECT,
                  "The matrix has the value %s twice in '%s': the same job runs twice"
                      .formatted(value.toCompactJson(), name));
            }
            seen.add(value);
          });
    }
  }

  private void exclude(Tree filter, Map<String, Tree.Sequence> vectors) {
    if (!(filter instanceof Tree.Mapping mapping)) {
      return;
    }
    for (Tree.Entry entry : mapping.entries()) {
      Optional<String> name = name(entry);
      if (name.isEmpty()) {
        continue;
      }
      Tree.Sequence vector = vectors.get(name.get());
      if (vector == null) {
        problems.warning(
            entry.key().position(),
            Rule.NO_EFFECT,
            "This excludes nothing: the matrix has no '%s'".formatted(name.get()));
      } else if (matchesNone(entry.value(), vector)) {
        problems.warning(
            entry.value().position(),
            Rule.NO_EFFECT,
            "This excludes nothing: no value of '%s' is like that".formatted(name.get()));
      }
    }
  }

  private static boolean matchesNone(Tree filter, Tree.Sequence vector) {
    Optional<Value> wanted = constant(filter);
    return wanted.isPresent()
        && Matrix.constant(vector)
        && vector.items().stream()
            .map(MatrixLint::constant)
            .flatMap(Optional::stream)
            .noneMatch(value -> Matrix.matches(value, wanted.get()));
  }

  private static Optional<Value> constant(Tree tree) {
    return Matrix.constant(tree) ? Optional.of(tree.evaluate(Contexts.empty())) : Optional.empty();
  }

  private static Optional<String> name(Tree.Entry entry) {
    return entry.insert() ? Optional.empty() : entry.key().constant().map(Value::text);
  }

  /// What `matrix` can hold, as far as the file tells.
  static Type type(Tree matrix) {
    if (!(matrix instanceof Tree.Mapping mapping)) {
      return Type.Plain.ANY;
    }
    Map<String, List<Type>> members = new LinkedHashMap<>();
    for (Tree.Entry entry : mapping.entries()) {
      Optional<String> name = name(entry);
      if (name.isEmpty()) {
        return Type.Plain.ANY;
      }
      switch (name.get()) {
        case "exclude" -> {}
        case "include" -> {
          if (!include(entry.value(), members)) {
            return Type.Plain.ANY;
          }
        }
        case String vector -> {
          Type items =
              typeOf(entry.value()) instanceof Type.Arr array ? array.items() : Type.Plain.ANY;
          members.computeIfAbsent(vector, _ -> new ArrayList<>()).add(items);
        }
      }
    }
    Map<String, Type> types = new LinkedHashMap<>();
    members.forEach((name, all) -> types.put(name, Type.union(all)));
    return Type.Obj.of(types, "the matrix has no '%s'");
  }

  /// @return whether all of it is known
  private static boolean include(Tree include, Map<String, List<Type>> members) {
    if (!(include instanceof Tree.Sequence rows)) {
      return false;
    }
    for (Tree row : rows.items()) {
      if (!(row instanceof Tree.Mapping mapping)) {
        return false;
      }
      for (Tree.Entry entry : mapping.entries()) {
        Optional<String> name = name(entry);
        if (name.isEmpty()) {
          return false;
        }
        members.computeIfAbsent(name.get(), _ -> new ArrayList<>()).add(typeOf(entry.value()));
      }
    }
    return true;
  }

  private static Type typeOf(Tree tree) {
    return switch (tree) {
      case Tree.Leaf leaf -> ExpressionLint.type(leaf.template(), Map.of());
      case Tree.Sequence sequence ->
          new Type.Arr(Type.union(sequence.items().stream().map(MatrixLint::typeOf).toList()));
      case Tree.Mapping mapping -> {
        Map<String, Type> members = new LinkedHashMap<>();
        for (Tree.Entry entry : mapping.entries()) {
          Optional<String> name = name(entry);
          if (name.isEmpty()) {
            yield Type.Obj.open(Type.Plain.ANY);
          }
          members.put(name.get(), typeOf(entry.value()));
        }
        yield Type.Obj.of(members, "no value of the matrix has '%s' there");
      }
    };
  }
}
