package dev.fairway.workflow;

import java.util.regex.Pattern;

/// One finding about a workflow file, at the place that has to change. Line and column count from
/// 1.
public record Diagnostic(
    String file, int line, int column, Severity severity, Rule rule, String message) {

  /// How much a finding weighs.
  public enum Severity {
    /// The workflow cannot run.
    ERROR,
    /// The workflow runs, but probably not as its author meant.
    WARNING
  }

  /// Why nothing of a workflow can run.
  ///
  /// @param e from what its whole run needs
  public static Diagnostic of(Workflow workflow, EvaluationException e) {
    Position position = e.position().orElse(Position.START);
    return new Diagnostic(
        workflow.file(),
        position.line(),
        position.column(),
        Severity.ERROR,
        Rule.SYNTAX,
        String.valueOf(e.getMessage()));
  }

  public Position position() {
    return new Position(line, column);
  }

  private static final Pattern BREAK = Pattern.compile("\\s*\\R\\s*");

  /// `file:line:column: message` on one line, which terminals and editors turn into a link; a
  /// warning says that it is one.
  @Override
  public String toString() {
    return file
        + ":"
        + line
        + ":"
        + column
        + ": "
        + (severity == Severity.WARNING ? "warning: " : "")
        + BREAK.matcher(message).replaceAll(" ");
  }
}
