package dev.fairway.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A command in a step's output: `::name key=value,key=value::data`.
///
/// @param properties with their escapes resolved
/// @param data what follows the second `::`, escapes resolved
record WorkflowCommand(String name, Map<String, String> properties, String data) {
  private static final String MARK = "::";

  WorkflowCommand {
    properties = Map.copyOf(properties);
  }

  /// Reads a line of output; empty where it is not in the form of a command.
  static Optional<WorkflowCommand> parse(String line) {
    var text = line.stripLeading();
    if (!text.startsWith(MARK)) {
      return Optional.empty();
    }
    var end = text.indexOf(MARK, MARK.length());
    if (end < 0) {
      return Optional.empty();
    }
    var head = text.substring(MARK.length(), end).strip();
    var space = head.indexOf(' ');
    var name = space < 0 ? head : head.substring(0, space);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    var properties = new LinkedHashMap<String, String>();
    if (space >= 0) {
      for (var property : head.substring(space + 1).strip().split(",", -1)) {
        var equals = property.indexOf('=');
        if (equals > 0) {
          properties.put(
              property.substring(0, equals).strip(),
              unescapeProperty(property.substring(equals + 1)));
        }
      }
    }
    return Optional.of(
        new WorkflowCommand(name, properties, unescape(text.substring(end + MARK.length()))));
  }

  private static String unescape(String text) {
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
  }

  private static String unescapeProperty(String text) {
    return unescape(text.replace("%3A", ":").replace("%2C", ","));
  }
}
