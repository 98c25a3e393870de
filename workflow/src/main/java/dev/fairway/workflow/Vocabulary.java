package dev.fairway.workflow;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;

/// The contexts and the special functions that an expression may use. The general functions, such
/// as `contains`, are always there.
public record Vocabulary(Set<String> contexts, Set<Function> functions) {
  public Vocabulary {
    contexts = Collections.unmodifiableSet(new LinkedHashSet<>(contexts));
    functions = Set.copyOf(functions);
  }

  /// These contexts, and every function there is.
  public static Vocabulary of(Collection<String> contexts) {
    return new Vocabulary(new LinkedHashSet<>(contexts), EnumSet.allOf(Function.class));
  }

  boolean knows(String context) {
    return contexts.stream().anyMatch(context::equalsIgnoreCase);
  }

  boolean knows(Function function) {
    return function.general() || functions.contains(function);
  }
}
