package dev.fairway.workflow;

import java.util.regex.Pattern;

/// The names that jobs and steps may have.
final class Identifiers {
  static final String RESERVED = "__";

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
    if (id.startsWith(RESERVED)) {
      problems.error(node.position(), reserved(id));
      return false;
    }
    return true;
  }

  static String reserved(String id) {
    return "The identifier '%s' is invalid. IDs starting with '%s' are reserved."
        .formatted(id, RESERVED);
  }
}
