package dev.fairway.workflow;

import java.util.List;

/// Patterns that names must match, or (`-ignore`) must not. Of several patterns the last one that
/// matches decides, and `!` in front of it turns it round.
public record Filter(List<Glob> patterns, boolean ignore) {
  static final Filter NONE = new Filter(List.of(), false);

  public Filter {
    patterns = List.copyOf(patterns);
  }

  public boolean isEmpty() {
    return patterns.isEmpty();
  }

  public boolean accepts(String name) {
    return isEmpty() || matches(name) != ignore;
  }

  /// For paths: whether one of them is of interest. No filter accepts even no paths at all.
  public boolean acceptsAny(List<String> names) {
    return isEmpty() || names.stream().anyMatch(this::accepts);
  }

  private boolean matches(String name) {
    boolean matched = false;
    for (Glob pattern : patterns) {
      if (pattern.matches(name)) {
        matched = !pattern.negated();
      }
    }
    return matched;
  }
}
