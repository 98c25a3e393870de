package dev.fairway.server.run.report;

/// A file looks like a report and cannot be read as one.
final class UnreadableReportException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long line;

  /// @param message what is wrong, as the end of a sentence
  /// @param line from 1; 0 where it is not known
  UnreadableReportException(String message, long line) {
    super(message);
    this.line = line;
  }

  long line() {
    return line;
  }
}
