package dev.fairway.server.run.report;

import java.io.IOException;

/// Coverage as lcov writes it, and many tools after it.
final class Lcov {
  private long coveredLines;
  private long lines;
  private long coveredBranches;
  private long branches;

  // Of the file that is read now: counted, and as it states them itself.
  private long countedLines;
  private long countedCovered;
  private long countedBranches;
  private long countedTaken;
  private long statedLines = -1;
  private long statedCovered = -1;
  private long statedBranches = -1;
  private long statedTaken = -1;

  private Lcov() {}

  static Coverage read(String file, BoundedLines text)
      throws IOException, UnreadableReportException {
    var lcov = new Lcov();
    var open = false;
    for (var line = text.next(); line != null; line = text.next()) {
      var colon = line.indexOf(':');
      var key = colon < 0 ? line.strip() : line.substring(0, colon);
      var value = colon < 0 ? "" : line.substring(colon + 1).strip();
      open |= key.equals("SF");
      if (key.equals("end_of_record")) {
        lcov.endOfFile();
        open = false;
      } else {
        lcov.take(key, value);
      }
    }
    if (open) {
      throw new UnreadableReportException("its last file has no end_of_record", text.number());
    }
    return Coverage.stated(
        file, lcov.coveredLines, lcov.lines, lcov.coveredBranches, lcov.branches);
  }

  private void take(String key, String value) {
    switch (key) {
      case "DA" -> {
        countedLines++;
        countedCovered += number(part(value, 1)) > 0 ? 1 : 0;
      }
      case "BRDA" -> {
        countedBranches++;
        countedTaken += number(part(value, 3)) > 0 ? 1 : 0;
      }
      case "LF" -> statedLines = number(value);
      case "LH" -> statedCovered = number(value);
      case "BRF" -> statedBranches = number(value);
      case "BRH" -> statedTaken = number(value);
      default -> {}
    }
  }

  private void endOfFile() {
    var states = statedLines >= 0 && statedCovered >= 0;
    lines += states ? statedLines : countedLines;
    coveredLines += states ? statedCovered : countedCovered;
    var statesBranches = statedBranches >= 0 && statedTaken >= 0;
    branches += statesBranches ? statedBranches : countedBranches;
    coveredBranches += statesBranches ? statedTaken : countedTaken;
    countedLines = countedCovered = countedBranches = countedTaken = 0;
    statedLines = statedCovered = statedBranches = statedTaken = -1;
  }

  private static String part(String value, int index) {
    var parts = value.split(",", 5);
    return index < parts.length ? parts[index] : "";
  }

  /// 0 where it is none: `-` stands for a branch that was never come to.
  private static long number(String text) {
    try {
      return Math.clamp(Long.parseLong(text.strip()), 0, Integer.MAX_VALUE);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
