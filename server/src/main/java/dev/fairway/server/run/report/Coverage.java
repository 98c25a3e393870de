package dev.fairway.server.run.report;

/// What one report says about how much of the code the tests reach.
///
/// @param file its path in the artifact
/// @param branches 0 where the report does not count them
public record Coverage(
    String file, long coveredLines, long lines, long coveredBranches, long branches) {
  public Coverage {
    if (coveredLines < 0
        || coveredBranches < 0
        || coveredLines > lines
        || coveredBranches > branches) {
      throw new IllegalArgumentException(
          "%d of %d lines and %d of %d branches cannot be covered"
              .formatted(coveredLines, lines, coveredBranches, branches));
    }
  }

  /// The figures as a report states them.
  ///
  /// @throws UnreadableReportException where they contradict each other
  static Coverage stated(
      String file, long coveredLines, long lines, long coveredBranches, long branches)
      throws UnreadableReportException {
    try {
      return new Coverage(file, coveredLines, lines, coveredBranches, branches);
    } catch (IllegalArgumentException e) {
      throw new UnreadableReportException("its figures contradict each other", 0);
    }
  }
}
