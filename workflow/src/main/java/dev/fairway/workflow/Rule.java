package dev.fairway.workflow;

/// Why a workflow is not as it should be; each finding belongs to one.
public enum Rule {
  SYNTAX("workflow-syntax", "The file is not a workflow that can run."),
  UNSUPPORTED(
      "unsupported",
      "The language lets this stand, and Fairway does not do it: refused, never ignored."),
  EXPRESSION("expression", "An expression that cannot mean what its author meant."),
  UNREACHABLE("unreachable", "A job or a step that never runs."),
  ACTION_INPUT(
      "action-input",
      "An input that the action does not have, or one that it needs and is not given."),
  SCRIPT_INJECTION(
      "script-injection", "Text that strangers choose becomes part of a script and is executed."),
  CREDENTIALS(
      "credentials",
      "A password where people can read it, one that is not used, or none where one is needed."),
  UNPINNED_ACTION("unpinned-action", "An action whose code its owner can exchange at any time."),
  REMOVED_COMMAND("removed-command", "A workflow command that no longer does anything."),
  NO_EFFECT("no-effect", "A key that changes nothing where it stands."),
  UNCHECKED("unchecked", "Something that could not be looked up, and so was not checked."),
  EVENT("event", "An event that never starts this workflow here."),
  SHELL("shellcheck", "What shellcheck says about a script.");

  private final String id;
  private final String meaning;

  Rule(String id, String meaning) {
    this.id = id;
    this.meaning = meaning;
  }

  /// As programs and people call it; it stays the same in all versions.
  public String id() {
    return id;
  }

  /// In one sentence.
  public String meaning() {
    return meaning;
  }
}
