package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The members of a mapping while it is evaluated. None may come twice, in whatever case, wherever
/// they come from: the file, or what is inserted.
final class Members<V> {
  private final Map<String, V> all = new LinkedHashMap<>();
  private final Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static String alreadyDefined(String name) {
    return "'" + name + "' is already defined";
  }

  /// @param position of its key, or of what is inserted
  void put(String name, V value, Position position) {
    if (!names.add(name)) {
      throw new EvaluationException(position, alreadyDefined(name));
    }
    all.put(name, value);
  }

  void putAll(Map<String, V> members, Position position) {
    members.forEach((name, value) -> put(name, value, position));
  }

  /// In the order in which they came.
  Map<String, V> all() {
    return all;
  }
}
