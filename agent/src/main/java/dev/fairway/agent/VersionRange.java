package dev.fairway.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which versions of a tool a workflow takes: `21`, `3.12`, `20.x`, `^20.1`, `~20.1`, `>=18 <21`,
/// `18 - 20`, `^18 || ^20`, `*`; and as Python writes it, `>=3.9,<4`, `==3.11.*`, `~=3.10`.
///
/// @param alternatives of which one has to hold, with all its bounds
record VersionRange(List<List<Bound>> alternatives) {
  private static final int MAX_CHARS = 500;
  private static final Pattern TERM =
      Pattern.compile(
          "(>=|<=|>|<|==?|\\^|~=|~)?\\s*v?(\\d{1,6}|[xX*])((?:\\.(?:\\d{1,6}|[xX*]))*)(?:\\+.*)?");
  private static final Pattern BETWEEN_TERMS = Pattern.compile("\\s*,\\s*|\\s+(?=[<>=^~])");
  private static final Pattern FROM_TO = Pattern.compile("(\\S+)\\s+-\\s+(\\S+)");

  /// From `low`, below `high`; an empty one has no end.
  record Bound(List<Integer> low, List<Integer> high) {
    boolean holds(List<Integer> version) {
      return compare(version, low) >= 0 && (high.isEmpty() || compare(version, high) < 0);
    }
  }

  VersionRange {
    alternatives = alternatives.stream().map(List::copyOf).toList();
  }

  /// Empty where the text is in another form.
  static Optional<VersionRange> parse(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    var alternatives = new ArrayList<List<Bound>>();
    for (var one : text.split("\\|\\|", -1)) {
      var bounds = bounds(FROM_TO.matcher(one.strip()).replaceFirst(">=$1 <=$2"));
      if (bounds.isEmpty()) {
        return Optional.empty();
      }
      alternatives.add(bounds.get());
    }
    return Optional.of(new VersionRange(alternatives));
  }

  private static Optional<List<Bound>> bounds(String terms) {
    var bounds = new ArrayList<Bound>();
    for (var term : BETWEEN_TERMS.split(terms, -1)) {
      var matcher = TERM.matcher(term.strip());
      if (!matcher.matches()) {
        return Optional.empty();
      }
      var numbers = new ArrayList<Integer>();
      for (var part : (matcher.group(2) + matcher.group(3)).split("\\.", -1)) {
        if (!Character.isDigit(part.charAt(0))) {
          break;
        }
        numbers.add(Integer.parseInt(part));
      }
      bounds.add(bound(matcher.group(1) == null ? "" : matcher.group(1), numbers));
    }
    return Optional.of(bounds);
  }

  private static Bound bound(String operator, List<Integer> numbers) {
    if (numbers.isEmpty()) {
      return new Bound(List.of(), List.of());
    }
    return switch (operator) {
      case ">=" -> new Bound(numbers, List.of());
      case ">" -> new Bound(after(numbers, numbers.size()), List.of());
      case "<" -> new Bound(List.of(), numbers);
      case "<=" -> new Bound(List.of(), after(numbers, numbers.size()));
      case "^" -> new Bound(numbers, after(numbers, 1));
      case "~=" -> new Bound(numbers, after(numbers, Math.max(1, numbers.size() - 1)));
      case "~" -> new Bound(numbers, after(numbers, Math.min(2, numbers.size())));
      default -> new Bound(numbers, after(numbers, numbers.size()));
    };
  }

  /// The first version that does not begin with so many of these numbers.
  private static List<Integer> after(List<Integer> numbers, int count) {
    var next = new ArrayList<>(numbers.subList(0, count));
    next.set(count - 1, next.getLast() + 1);
    return next;
  }

  boolean contains(String version) {
    var numbers = numbers(version);
    return !numbers.isEmpty()
        && alternatives.stream()
            .anyMatch(bounds -> bounds.stream().allMatch(bound -> bound.holds(numbers)));
  }

  /// Compares versions by their numbers.
  static int compare(String left, String right) {
    return compare(numbers(left), numbers(right));
  }

  private static int compare(List<Integer> left, List<Integer> right) {
    for (var at = 0; at < Math.max(left.size(), right.size()); at++) {
      var order =
          Integer.compare(
              at < left.size() ? left.get(at) : 0, at < right.size() ? right.get(at) : 0);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static List<Integer> numbers(String version) {
    var numbers = new ArrayList<Integer>();
    for (var part : version.replaceFirst("^v", "").split("[._+-]", -1)) {
      if (!part.matches("\\d{1,9}")) {
        break;
      }
      numbers.add(Integer.parseInt(part));
    }
    return numbers;
  }
}
