package dev.fairway.agent;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One line of the `path` of an upload or a cache: an absolute path with `*`, `?`, `[...]` and
/// `**`. It matches what it names and, where that is a folder, everything in it.
///
/// @param exclude the line began with `!`
/// @param base the longest leading part without a wildcard: where the search begins
/// @param names a pattern for the name of each folder
/// @param depth how many folders below the base it can name something; the largest number where
///   there is no limit
record Glob(boolean exclude, Path base, List<Name> names, int depth) {
  private static final int ANY_DEPTH = Integer.MAX_VALUE;

  /// A part of the path.
  private sealed interface Name {
    /// Any number of folders.
    record AnyFolders() implements Name {}

    record One(Wildcard pattern) implements Name {}
  }

  Glob {
    names = List.copyOf(names);
  }

  static Glob parse(String line, Path workspace) {
    var exclude = line.startsWith("!");
    var text = exclude ? line.substring(1).strip() : line;
    var absolute = workspace.resolve(text).normalize();
    var base = Path.of("/");
    var wild = false;
    var depth = 0;
    var names = new ArrayList<Name>();
    for (var part : absolute) {
      var name = part.toString();
      wild = wild || name.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
      if (!wild) {
        base = base.resolve(name);
      } else {
        depth = name.equals("**") || depth == ANY_DEPTH ? ANY_DEPTH : depth + 1;
      }
      names.add(name.equals("**") ? new Name.AnyFolders() : new Name.One(Wildcard.of(name, true)));
    }
    return new Glob(exclude, base, names, depth);
  }

  /// Whether it names that, or a folder that has it.
  boolean matches(Path absolute) {
    return matches(absolute, true);
  }

  /// Whether it names exactly that.
  boolean matchesItself(Path absolute) {
    return matches(absolute, false);
  }

  /// Follows all ways of matching at once, so that no pattern takes for ever.
  private boolean matches(Path absolute, boolean within) {
    var reached = new boolean[names.size() + 1];
    reached[0] = true;
    spread(reached);
    for (var folder : absolute) {
      if (within && reached[names.size()]) {
        return true;
      }
      var name = folder.toString();
      var next = new boolean[reached.length];
      for (var place = 0; place < names.size(); place++) {
        if (reached[place]) {
          switch (names.get(place)) {
            case Name.AnyFolders _ -> next[place] = true;
            case Name.One one -> next[place + 1] |= one.pattern().matches(name);
          }
        }
      }
      spread(next);
      reached = next;
    }
    return reached[names.size()];
  }

  /// `**` may stand for no folder.
  private void spread(boolean[] reached) {
    for (var place = 0; place < names.size(); place++) {
      if (reached[place] && names.get(place) instanceof Name.AnyFolders) {
        reached[place + 1] = true;
      }
    }
  }
}
