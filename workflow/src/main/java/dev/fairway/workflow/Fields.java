package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The members of a mapping with fixed keys. Making one reports every key that does not belong.
final class Fields {
  private static final String MERGE = "<<";

  private final Position position;
  private final Map<String, Yaml.Pair> byKey = new LinkedHashMap<>();
  private final Problems problems;

  private Fields(Position position, Problems problems) {
    this.position = position;
    this.problems = problems;
  }

  /// The fields of a mapping; none, with a problem reported, if the node is something else.
  static Optional<Fields> of(Yaml node, Shape shape, Problems problems) {
    return mapping(node, problems).map(mapping -> of(mapping, shape, problems));
  }

  static Fields of(Yaml.Mapping mapping, Shape shape, Problems problems) {
    Fields fields = new Fields(mapping.position(), problems);
    for (Yaml.Pair pair : mapping.pairs()) {
      if (known(pair.key(), shape, problems)) {
        fields.byKey.putIfAbsent(pair.key().raw(), pair);
      }
    }
    return fields;
  }

  /// Whether a mapping of this shape has the key; reported if it does not.
  static boolean known(Yaml.Scalar key, Shape shape, Problems problems) {
    if (!shape.supports(key.raw())) {
      unknown(key, shape, problems);
      return false;
    }
    return true;
  }

  private static void unknown(Yaml.Scalar key, Shape shape, Problems problems) {
    Optional<String> refusal = shape.refusal(key.raw());
    if (refusal.isPresent()) {
      problems.refuse(key.position(), refusal.get());
    } else if (Scalars.holdsExpression(key)) {
      problems.error(key.position(), Scalars.NO_EXPRESSION);
    } else {
      problems.error(
          key.position(), "Unexpected value '" + key.raw() + "'" + hint(key.raw(), shape));
    }
  }

  /// The same, where null stands for an empty mapping.
  static Optional<Fields> orEmpty(Yaml node, Shape shape, Problems problems) {
    return of(node.isNull() ? new Yaml.Mapping(node.position(), List.of()) : node, shape, problems);
  }

  /// A mapping whose keys are unique; a problem if it is not one.
  static Optional<Yaml.Mapping> mapping(Yaml node, Problems problems) {
    return switch (node) {
      case Yaml.Mapping mapping -> {
        TreeSet<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        List<Yaml.Pair> pairs = new ArrayList<>();
        for (Yaml.Pair pair : mapping.pairs()) {
          if (pair.key().raw().equals(MERGE)) {
            problems.error(
                pair.key().position(),
                "Unexpected value '<<'. The language has no merge keys; repeat the keys, or use an"
                    + " alias for a whole value");
            continue;
          }
          if (seen.add(pair.key().raw()) || Scalars.isInsert(pair.key())) {
            pairs.add(pair);
          } else {
            problems.error(pair.key().position(), Members.alreadyDefined(pair.key().raw()));
          }
        }
        yield Optional.of(new Yaml.Mapping(mapping.position(), pairs));
      }
      case Yaml.Sequence _ -> {
        problems.error(node.position(), "A sequence was not expected");
        yield Optional.empty();
      }
      case Yaml.Scalar scalar -> {
        unexpected(scalar, problems);
        yield Optional.empty();
      }
    };
  }

  static Optional<Yaml.Sequence> sequence(Yaml node, Problems problems) {
    return switch (node) {
      case Yaml.Sequence sequence -> Optional.of(sequence);
      case Yaml.Mapping _ -> {
        problems.error(node.position(), "A mapping was not expected");
        yield Optional.empty();
      }
      case Yaml.Scalar scalar -> {
        unexpected(scalar, problems);
        yield Optional.empty();
      }
    };
  }

  private static void unexpected(Yaml.Scalar scalar, Problems problems) {
    problems.error(
        scalar.position(),
        Scalars.holdsExpression(scalar)
            ? Scalars.NO_EXPRESSION
            : "Unexpected value '" + scalar.value().text() + "'");
  }

  boolean has(String key) {
    return byKey.containsKey(key);
  }

  Optional<Yaml> value(String key) {
    return Optional.ofNullable(byKey.get(key)).map(Yaml.Pair::value);
  }

  Optional<Position> keyPosition(String key) {
    return Optional.ofNullable(byKey.get(key)).map(pair -> pair.key().position());
  }

  Optional<Yaml> required(String key) {
    if (!has(key)) {
      problems.error(position, missing(key));
    }
    return value(key);
  }

  /// Whether a mapping has the key, or an expression among its keys may make it.
  static boolean mayHave(Yaml.Mapping mapping, String key) {
    return mapping.pairs().stream()
        .map(Yaml.Pair::key)
        .anyMatch(one -> one.raw().equals(key) || Scalars.holdsExpression(one));
  }

  static String missing(String key) {
    return "Required property is missing: " + key;
  }

  Position position() {
    return position;
  }

  /// The supported key that a typing error probably meant.
  private static String hint(String key, Shape shape) {
    String typed = key.toLowerCase(Locale.ROOT).replace('_', '-');
    return shape.supported().stream()
        .filter(known -> distance(typed, known) <= (known.length() > 4 ? 2 : 1))
        .findFirst()
        .map(known -> ". Did you mean '" + known + "'?")
        .orElse("");
  }

  /// Levenshtein's distance, of the first few characters: keys are short.
  private static int distance(String left, String right) {
    String a = left.substring(0, Math.min(left.length(), 32));
    int[] row = new int[right.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int swap = diagonal + (a.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(swap, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[right.length()] + left.length() - a.length();
  }
}
