package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The combinations of a matrix: the product of its vectors, less what `exclude` matches, with what
/// `include` adds to combinations or as new ones.
public final class Matrix {
  /// The most combinations of one job.
  public static final int MAX_COMBINATIONS = 256;

  static final Set<String> FILTERS = Set.of("include", "exclude");

  private Matrix() {}

  /// The combinations in order, the last vector changing fastest; none only where all of them are
  /// excluded.
  ///
  /// @param matrix the evaluated `strategy.matrix`
  public static List<Value.Obj> expand(Value matrix) {
    if (!(matrix instanceof Value.Obj object)) {
      throw new EvaluationException("A matrix must be a mapping, not " + matrix.kind());
    }
    Map<String, List<Value>> vectors = new LinkedHashMap<>();
    object
        .members()
        .forEach((name, value) -> {
          if (!FILTERS.contains(name)) {
            vectors.put(name, vector(name, value));
          }
        });
    List<Value.Obj> included = filters(object, "include");
    if (vectors.isEmpty() && included.isEmpty()) {
      throw new EvaluationException(
          "Matrix must define at least one vector; where there may be none, say so in the job's"
              + " `if`");
    }
    List<Value.Obj> excluded = filters(object, "exclude");
    List<Map<String, Value>> combinations = new ArrayList<>();
    for (Map<String, Value> combination : product(vectors)) {
      if (excluded.stream().noneMatch(filter -> matches(combination, filter))) {
        combinations.add(combination);
      }
    }
    include(combinations, vectors.keySet(), included);
    if (combinations.size() > MAX_COMBINATIONS) {
      throw tooMany(combinations.size());
    }
    return combinations.stream().map(Value.Obj::new).toList();
  }

  /// Whether no expression is in it.
  static boolean constant(Tree tree) {
    return switch (tree) {
      case Tree.Leaf leaf -> leaf.template().constant().isPresent();
      case Tree.Sequence sequence -> sequence.items().stream().allMatch(Matrix::constant);
      case Tree.Mapping mapping ->
          mapping.entries().stream()
              .allMatch(entry ->
                  !entry.insert() && entry.key().constant().isPresent() && constant(entry.value()));
    };
  }

  private static List<Value> vector(String name, Value value) {
    if (!(value instanceof Value.Arr array)) {
      throw new EvaluationException(
          "Matrix vector '" + name + "' must be a sequence, not " + value.kind());
    }
    if (array.items().isEmpty()) {
      throw new EvaluationException("Matrix vector '" + name + "' does not contain any values");
    }
    return array.items();
  }

  private static List<Value.Obj> filters(Value.Obj matrix, String key) {
    Value value = Optional.ofNullable(matrix.members().get(key)).orElse(Value.nothing());
    if (value instanceof Value.Null) {
      return List.of();
    }
    if (!(value instanceof Value.Arr array)) {
      throw new EvaluationException(
          "'" + key + "' of a matrix must be a sequence, not " + value.kind());
    }
    List<Value.Obj> filters = new ArrayList<>();
    for (Value item : array.items()) {
      if (!(item instanceof Value.Obj filter)) {
        throw new EvaluationException(
            "'" + key + "' of a matrix must hold mappings, not " + item.kind());
      }
      filters.add(filter);
    }
    return filters;
  }

  /// Guarded while it grows: a product of ten vectors of ten must not be made to be refused. What
  /// `exclude` takes away counts here too, with room for that.
  private static List<Map<String, Value>> product(Map<String, List<Value>> vectors) {
    List<Map<String, Value>> combinations = new ArrayList<>();
    if (vectors.isEmpty()) {
      return combinations;
    }
    combinations.add(Map.of());
    for (Map.Entry<String, List<Value>> vector : vectors.entrySet()) {
      long size = (long) combinations.size() * vector.getValue().size();
      if (size > 16L * MAX_COMBINATIONS) {
        throw tooMany(size);
      }
      List<Map<String, Value>> longer = new ArrayList<>();
      for (Map<String, Value> combination : combinations) {
        for (Value value : vector.getValue()) {
          Map<String, Value> one = new LinkedHashMap<>(combination);
          one.put(vector.getKey(), value);
          longer.add(one);
        }
      }
      combinations = longer;
    }
    return combinations;
  }

  private static void include(
      List<Map<String, Value>> combinations, Set<String> vectors, List<Value.Obj> included) {
    List<Map<String, Value>> originals =
        combinations.stream().<Map<String, Value>>map(LinkedHashMap::new).toList();
    for (Value.Obj include : included) {
      boolean added = false;
      for (int i = 0; i < originals.size(); i++) {
        Map<String, Value> original = originals.get(i);
        boolean fits =
            include.members().entrySet().stream()
                .filter(member -> vectors.contains(member.getKey()))
                .allMatch(member -> member.getValue().equals(original.get(member.getKey())));
        if (fits) {
          combinations.get(i).putAll(include.members());
          added = true;
        }
      }
      if (!added) {
        combinations.add(new LinkedHashMap<>(include.members()));
      }
      if (combinations.size() > 16 * MAX_COMBINATIONS) {
        throw tooMany(combinations.size());
      }
    }
  }

  /// A filter matches what has all of its values, at every depth that the filter has.
  private static boolean matches(Map<String, Value> combination, Value.Obj filter) {
    return filter.members().entrySet().stream()
        .allMatch(member ->
            Optional.ofNullable(combination.get(member.getKey()))
                .filter(value -> matches(value, member.getValue()))
                .isPresent());
  }

  static boolean matches(Value value, Value filter) {
    if (value instanceof Value.Obj object && filter instanceof Value.Obj wanted) {
      return matches(object.members(), wanted);
    }
    return value.equals(filter);
  }

  private static EvaluationException tooMany(long size) {
    return new EvaluationException(
        "The matrix makes " + size + " combinations; at most " + MAX_COMBINATIONS + " are allowed");
  }
}
