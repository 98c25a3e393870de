package dev.fairway.workflow;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Warns of what is dangerous or without effect in a script.
final class ScriptLint {
  private static final Pattern REMOVED =
      Pattern.compile("::(set-output|save-state|set-env|add-path)\\s*(::|\\s\\w+=)");

  private final Problems problems;

  ScriptLint(Problems problems) {
    this.problems = problems;
  }

  void check(Template script) {
    injection(script);
    for (Template.Part part : script.parts()) {
      if (part instanceof Template.Part.Fixed fixed) {
        Matcher command = REMOVED.matcher(fixed.value().text());
        Set<String> found = new LinkedHashSet<>();
        while (command.find()) {
          found.add(command.group(1));
        }
        found.forEach(name ->
            problems.warning(
                script.position(),
                Rule.REMOVED_COMMAND,
                "'::%s::' is refused when it runs; write to the file $%s"
                    .formatted(name, file(name))));
      }
    }
  }

  private static String file(String command) {
    return switch (command) {
      case "set-env" -> "GITHUB_ENV";
      case "add-path" -> "GITHUB_PATH";
      case "save-state" -> "GITHUB_STATE";
      default -> "GITHUB_OUTPUT";
    };
  }

  /// Text of strangers that becomes part of a script.
  void injection(Template script) {
    for (Template.Part.Embedded part : ExpressionLint.embedded(script)) {
      for (String source : Untrusted.in(part.expression().root())) {
        problems.warning(
            part.position(),
            Rule.SCRIPT_INJECTION,
            "'%s' is text that strangers choose, and here it becomes part of the script; pass it"
                    .formatted(source)
                + " through `env` and use the variable");
      }
    }
  }
}
