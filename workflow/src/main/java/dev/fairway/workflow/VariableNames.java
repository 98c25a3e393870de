package dev.fairway.workflow;

import java.util.regex.Pattern;

/// Warns of variables that no script can read.
final class VariableNames {
  private static final Pattern UNREADABLE = Pattern.compile("[=&\\s]");

  private VariableNames() {}

  static void check(Tree env, Problems problems) {
    if (env instanceof Tree.Mapping mapping) {
      for (Tree.Entry entry : mapping.entries()) {
        entry
            .key()
            .constant()
            .map(Value::text)
            .filter(name -> !entry.insert() && UNREADABLE.matcher(name).find())
            .ifPresent(name ->
                problems.warning(
                    entry.key().position(),
                    Rule.NO_EFFECT,
                    "No script can read a variable named '%s': leave out '=', '&' and blanks"
                        .formatted(name)));
      }
    }
  }
}
