package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A value of the expression language. Immutable.
public sealed interface Value {
  /// Absence: a property that is not there is null, never an error.
  record Null() implements Value {}

  record Bool(boolean value) implements Value {}

  /// The language has one kind of number, an IEEE 754 double.
  record Num(double value) implements Value {}

  record Str(String value) implements Value {}

  record Arr(List<Value> items) implements Value {
    public Arr {
      items = List.copyOf(items);
    }
  }

  /// Members keep their order. A name is found exactly first, else without regard to case.
  record Obj(Map<String, Value> members) implements Value {
    public Obj {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    public Optional<Value> member(String name) {
      Value exact = members.get(name);
      if (exact != null) {
        return Optional.of(exact);
      }
      for (Map.Entry<String, Value> entry : members.entrySet()) {
        if (entry.getKey().equalsIgnoreCase(name)) {
          return Optional.of(entry.getValue());
        }
      }
      return Optional.empty();
    }

    public Obj with(String name, Value value) {
      Map<String, Value> changed = new LinkedHashMap<>(members);
      changed.put(name, value);
      return new Obj(changed);
    }
  }

  // Not constants: initializing the interface and one of its records on two threads at once would
  // deadlock.
  static Value nothing() {
    return new Null();
  }

  static Value of(boolean value) {
    return new Bool(value);
  }

  static Value of(double value) {
    return new Num(value);
  }

  static Value of(String value) {
    return new Str(value);
  }

  /// An object of strings, such as the `env`, `inputs`, `vars` or `secrets` context.
  static Obj ofStrings(Map<String, String> strings) {
    Map<String, Value> members = new LinkedHashMap<>();
    strings.forEach((name, text) -> members.put(name, new Str(text)));
    return new Obj(members);
  }

  static Arr ofStrings(List<String> strings) {
    List<Value> items = new ArrayList<>(strings.size());
    strings.forEach(text -> items.add(new Str(text)));
    return new Arr(items);
  }

  static Obj object() {
    return new Obj(Map.of());
  }

  /// Reads JSON text (RFC 8259); a malformed one is an [EvaluationException].
  static Value ofJson(String json) {
    return new JsonReader(json).read();
  }

  /// Indented JSON, as `toJSON` of the language prints it.
  default String toJson() {
    return JsonWriter.indented(this);
  }

  /// JSON on one line.
  default String toCompactJson() {
    return JsonWriter.compact(this);
  }

  /// The text that stands for it inside a string: null is empty, arrays and objects are `Array` and
  /// `Object`.
  default String text() {
    return Coercion.text(this);
  }

  /// Null, false, zero, NaN and the empty string are not truthy; everything else is.
  default boolean truthy() {
    return Coercion.truthy(this);
  }

  /// The word that error messages use for the kind.
  default String kind() {
    return switch (this) {
      case Null _ -> "Null";
      case Bool _ -> "Boolean";
      case Num _ -> "Number";
      case Str _ -> "String";
      case Arr _ -> "Array";
      case Obj _ -> "Object";
    };
  }

  /// An empty map of strings whose names ignore case.
  static <T> Map<String, T> caseInsensitiveMap() {
    return new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  }
}
