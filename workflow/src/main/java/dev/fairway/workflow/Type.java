package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is known of a value before it is evaluated.
sealed interface Type {
  /// A value without parts, or one of which nothing is known.
  enum Plain implements Type {
    ANY("any value"),
    NULL("null"),
    BOOLEAN("a boolean"),
    NUMBER("a number"),
    STRING("a string");

    private final String phrase;

    Plain(String phrase) {
      this.phrase = phrase;
    }

    @Override
    public String toString() {
      return phrase;
    }
  }

  record Arr(Type items) implements Type {
    @Override
    public String toString() {
      return "an array";
    }
  }

  /// An object.
  ///
  /// @param members by name, whose case does not matter
  /// @param others the type of all further members; without one there are none
  /// @param absence why there is no other, as a sentence with `%s` for its name
  record Obj(Map<String, Type> members, Optional<Type> others, String absence) implements Type {
    /// Exactly these members.
    static Obj of(Map<String, ? extends Type> members, String absence) {
      Map<String, Type> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      copy.putAll(members);
      return growing(copy, absence);
    }

    /// The members that a map has when it is asked, so that one map serves many types.
    ///
    /// @param members ignores the case of names
    static Obj growing(Map<String, Type> members, String absence) {
      return new Obj(Collections.unmodifiableMap(members), Optional.empty(), absence);
    }

    /// Any members, all of that type.
    static Obj open(Type members) {
      return new Obj(Map.of(), Optional.of(members), "");
    }

    /// Whether it may have a member with one of these names.
    boolean hasAny(String... names) {
      return others.isPresent() || Arrays.stream(names).anyMatch(members::containsKey);
    }

    /// Of a member whose name is only known when it is looked up.
    Type any() {
      return others.isPresent() ? Plain.ANY : common(members.values());
    }

    @Override
    public String toString() {
      return "an object";
    }
  }

  /// Whether it has parts, and so no text of its own.
  default boolean composite() {
    return switch (this) {
      case Arr _, Obj _ -> true;
      case Plain _ -> false;
    };
  }

  static Type of(Value value) {
    return switch (value) {
      case Value.Null _ -> Plain.NULL;
      case Value.Bool _ -> Plain.BOOLEAN;
      case Value.Num _ -> Plain.NUMBER;
      case Value.Str _ -> Plain.STRING;
      case Value.Arr array -> new Arr(common(array.items().stream().map(Type::of).toList()));
      case Value.Obj object -> {
        Map<String, Type> members = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        object.members().forEach((name, member) -> members.put(name, of(member)));
        yield Obj.of(members, "there is no '%s' in it");
      }
    };
  }

  /// The type of a value that has one of these: objects and arrays are taken apart.
  static Type union(List<? extends Type> types) {
    if (!types.isEmpty() && types.stream().allMatch(Arr.class::isInstance)) {
      return new Arr(union(types.stream().map(type -> ((Arr) type).items()).toList()));
    }
    boolean closed =
        !types.isEmpty()
            && types.stream()
                .allMatch(type -> type instanceof Obj object && object.others().isEmpty());
    if (!closed) {
      return common(types);
    }
    Map<String, List<Type>> members = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (Type type : types) {
      ((Obj) type)
          .members()
          .forEach(
              (name, member) -> members.computeIfAbsent(name, _ -> new ArrayList<>()).add(member));
    }
    Map<String, Type> merged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    members.forEach((name, all) -> merged.put(name, union(all)));
    return Obj.of(merged, ((Obj) types.getFirst()).absence());
  }

  /// The type that all have, or any.
  static Type common(Collection<? extends Type> types) {
    List<? extends Type> distinct = types.stream().distinct().toList();
    return distinct.size() == 1 ? distinct.getFirst() : Plain.ANY;
  }
}
