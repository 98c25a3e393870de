package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.ArrayList;
import java.util.List;

/// A pattern for a name: `*` for any characters, `?` for one, `[...]` for one of a set.
///
/// A match takes at most as many steps as pattern and name have characters multiplied, whatever
/// they are; a regular expression would take for ever for some.
record Wildcard(List<Part> parts) {
  /// What stands at one place of the pattern.
  private sealed interface Part {
    /// Any number of characters.
    record Many() implements Part {}

    /// One character.
    record One(boolean negated, List<Range> ranges) implements Part {
      public One {
        ranges = List.copyOf(ranges);
      }

      boolean takes(int c) {
        return ranges.stream().anyMatch(range -> range.from() <= c && c <= range.to()) != negated;
      }
    }
  }

  private record Range(int from, int to) {}

  private static final Part ANY = new Part.One(true, List.of());
  private static final Part MANY = new Part.Many();

  Wildcard {
    parts = List.copyOf(parts);
  }

  /// @param sets whether `[...]` is a set, and not itself
  static Wildcard of(String text, boolean sets) {
    var parts = new ArrayList<Part>();
    for (var at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      var c = text.codePointAt(at);
      var end = c == '[' && sets ? text.indexOf(']', at + 2) : -1;
      if (end >= 0) {
        parts.add(set(text.substring(at + 1, end)));
        at = end;
      } else if (c == '*') {
        parts.add(MANY);
      } else {
        parts.add(c == '?' ? ANY : new Part.One(false, List.of(new Range(c, c))));
      }
    }
    return new Wildcard(parts);
  }

  private static Part set(String text) {
    var negated = text.startsWith("!") || text.startsWith("^");
    var ranges = new ArrayList<Range>();
    var set = text.codePoints().toArray();
    for (var at = negated ? 1 : 0; at < set.length; at++) {
      var from = set[at];
      if (at + 2 < set.length && set[at + 1] == '-') {
        var to = set[at + 2];
        if (to < from) {
          throw new FairwayException(
              ErrorCode.INVALID_INPUT,
              "The pattern has the range `%c-%c`, which ends before it begins".formatted(from, to),
              "Write `[%c-%c]`.".formatted(to, from));
        }
        ranges.add(new Range(from, to));
        at += 2;
      } else {
        ranges.add(new Range(from, from));
      }
    }
    return new Part.One(negated, ranges);
  }

  /// Goes back to the last `*` alone: what an earlier one could take instead, this one can too.
  boolean matches(String text) {
    var name = text.codePoints().toArray();
    var part = 0;
    var at = 0;
    var star = -1;
    var taken = 0;
    while (at < name.length) {
      if (part < parts.size() && parts.get(part) instanceof Part.Many) {
        star = part++;
        taken = at;
      } else if (part < parts.size()
          && parts.get(part) instanceof Part.One one
          && one.takes(name[at])) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++taken;
      } else {
        return false;
      }
    }
    while (part < parts.size() && parts.get(part) instanceof Part.Many) {
      part++;
    }
    return part == parts.size();
  }
}
