package dev.fairway.workflow;

import java.util.regex.Pattern;

/// The names that jobs and steps may have.
final class Identifiers {
  private static final int MAX_LENGTH = 99;
  private static final Pattern FORM = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_-]*");

  private Identifiers() {}

  static boolean check(String id, Yaml node, Problems problems) {
    if (id.isEmpty()) {
      problems.error(node.position(), "Unexpected value ''");
      return false;
    }
    if (id.length() > MAX_LENGTH || !FORM.matcher(id).matches()) {
      problems.error(
          node.position(),
          "The identifier '"
              + id
              + "' is invalid. IDs may only contain alphanumeric characters, '_', and '-'. IDs must"
              + " start with a letter or '_' and and must be less than 100 characters.");
      return false;
    }
    if (id.startsWith("__")) {
      problems.error(
          node.position(),
          "The identifier '" + id + "' is invalid. IDs starting with '__' are reserved.");
      return false;
    }
    return true;
  }
}
