package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A pattern for branches, tags and paths: `*` is anything but a slash, `**` anything, `?` makes
/// the character before it optional, `+` repeats it, `[a-z]` is one of a set, a backslash takes the
/// next character as it is, and a leading `!` negates.
///
/// It runs as a set of positions over the pattern, so that its time grows with pattern times name
/// and no pattern can blow it up.
public final class Glob {
  private static final Pattern NOT_IN_REFS = Pattern.compile("[\\s~^:]|\\.\\.|//|@\\{");
  private static final Pattern NEEDLESS_ESCAPE = Pattern.compile("\\\\[^\\[?+*\\\\!]");

  private final String source;
  private final boolean negated;
  private final List<Atom> atoms;

  private enum Repeat {
    ONCE,
    OPTIONAL,
    SOME,
    ANY,
    /// Matches nothing itself: before `**/`, it lets the two atoms behind it be left out together.
    GATE
  }

  /// What one character of the name must be, and how often.
  private record Atom(CharacterSet set, Repeat repeat) {}

  /// Ranges of characters: pairs of lowest and highest, or everything but the slash, or everything.
  private record CharacterSet(String ranges, boolean slash, boolean other) {
    boolean has(char c) {
      if (other && (slash || c != '/')) {
        return true;
      }
      for (int i = 0; i < ranges.length(); i += 2) {
        if (ranges.charAt(i) <= c && c <= ranges.charAt(i + 1)) {
          return true;
        }
      }
      return false;
    }
  }

  private Glob(String source, boolean negated, List<Atom> atoms) {
    this.source = source;
    this.negated = negated;
    this.atoms = atoms;
  }

  /// @throws IllegalArgumentException if a bracket is not closed, a range runs backwards, a `?` or
  ///   `+` follows nothing, or nothing follows the `!`
  public static Glob of(String source) {
    boolean negated = source.startsWith("!");
    if (source.equals("!")) {
      throw new IllegalArgumentException("nothing follows the '!'");
    }
    List<Atom> atoms = new ArrayList<>();
    int at = negated ? 1 : 0;
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == '*') {
        boolean two = source.startsWith("**", at);
        if (source.startsWith("**/", at) && (atoms.isEmpty() || source.charAt(at - 1) == '/')) {
          atoms.add(new Atom(new CharacterSet("", false, false), Repeat.GATE));
        }
        at += two ? 2 : 1;
        atoms.add(new Atom(new CharacterSet("", two, true), Repeat.ANY));
      } else if (c == '?' || c == '+') {
        if (atoms.isEmpty() || atoms.getLast().repeat() != Repeat.ONCE) {
          throw new IllegalArgumentException(
              "'" + c + "' in the pattern '" + source + "' must follow a character");
        }
        Atom last = atoms.removeLast();
        atoms.add(new Atom(last.set(), c == '?' ? Repeat.OPTIONAL : Repeat.SOME));
        at++;
      } else if (c == '[') {
        int close = source.indexOf(']', at + 1);
        if (close <= at + 1) {
          throw new IllegalArgumentException(
              "the bracket in the pattern '" + source + "' is empty or not closed");
        }
        atoms.add(new Atom(set(source.substring(at + 1, close)), Repeat.ONCE));
        at = close + 1;
      } else {
        boolean escaped = c == '\\' && at + 1 < source.length();
        char literal = escaped ? source.charAt(at + 1) : c;
        atoms.add(new Atom(new CharacterSet("" + literal + literal, false, false), Repeat.ONCE));
        at += escaped ? 2 : 1;
      }
    }
    return new Glob(source, negated, List.copyOf(atoms));
  }

  private static CharacterSet set(String content) {
    StringBuilder ranges = new StringBuilder();
    int at = 0;
    while (at < content.length()) {
      char low = content.charAt(at);
      boolean range = at + 2 < content.length() && content.charAt(at + 1) == '-';
      if (range && content.charAt(at + 2) < low) {
        throw new IllegalArgumentException(
            "the range '%s' ends before it begins".formatted(content.substring(at, at + 3)));
      }
      ranges.append(low).append(range ? content.charAt(at + 2) : low);
      at += range ? 3 : 1;
    }
    return new CharacterSet(ranges.toString(), false, false);
  }

  /// Why no branch and no tag can be like that, if that is so: git allows no such name.
  Optional<String> neverARef() {
    String name = negated ? source.substring(1) : source;
    Matcher forbidden = NOT_IN_REFS.matcher(name);
    if (forbidden.find()) {
      return Optional.of("no name of a branch or tag has '%s' in it".formatted(forbidden.group()));
    }
    if (name.startsWith("/") || name.endsWith("/") || name.endsWith(".")) {
      return Optional.of("no name of a branch or tag begins or ends with '/', or ends with '.'");
    }
    Matcher escape = NEEDLESS_ESCAPE.matcher(name);
    return escape.find()
        ? Optional.of("'%s' is no escape: names have no backslash".formatted(escape.group()))
        : Optional.empty();
  }

  /// Why no path of a repository can be like that, if that is so.
  Optional<String> neverAPath() {
    String path = negated ? source.substring(1) : source;
    if (!path.strip().equals(path)) {
      return Optional.of("a blank at its begin or end is part of the pattern");
    }
    return Arrays.stream(path.split("/", -1)).anyMatch(one -> one.equals(".") || one.equals(".."))
        ? Optional.of("paths are written from the root of the repository, without '.' and '..'")
        : Optional.empty();
  }

  public boolean negated() {
    return negated;
  }

  /// Whether the whole name matches, without regard to the negation.
  public boolean matches(String name) {
    boolean[] here = new boolean[atoms.size() + 1];
    here[0] = true;
    skip(here);
    for (int i = 0; i < name.length(); i++) {
      here = step(here, name.charAt(i));
    }
    return here[atoms.size()];
  }

  private boolean[] step(boolean[] here, char c) {
    boolean[] next = new boolean[here.length];
    for (int at = 0; at < atoms.size(); at++) {
      Atom atom = atoms.get(at);
      if (here[at] && atom.set().has(c)) {
        switch (atom.repeat()) {
          case ONCE, OPTIONAL -> next[at + 1] = true;
          case SOME -> {
            next[at] = true;
            next[at + 1] = true;
          }
          case ANY -> next[at] = true;
          case GATE -> {}
        }
      }
    }
    skip(next);
    return next;
  }

  /// Atoms that may match nothing let a position through.
  private void skip(boolean[] here) {
    for (int at = 0; at < atoms.size(); at++) {
      if (here[at]) {
        switch (atoms.get(at).repeat()) {
          case ONCE, SOME -> {}
          case OPTIONAL, ANY -> here[at + 1] = true;
          case GATE -> {
            here[at + 1] = true;
            here[at + 3] = true;
          }
        }
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Glob glob && glob.source.equals(source);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  @Override
  public String toString() {
    return source;
  }
}
