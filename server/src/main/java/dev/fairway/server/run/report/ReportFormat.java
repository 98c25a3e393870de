package dev.fairway.server.run.report;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What a file is by how it begins; its name says nothing.
enum ReportFormat {
  /// Some XML; its root says which.
  XML,
  TAP,
  GO_TEST,
  LCOV,
  /// No report that is known here.
  NONE;

  /// So much of a file is looked at.
  static final int HEAD_BYTES = 4 << 10;

  private static final Pattern TAP_POINT = Pattern.compile("(?m)^(?:not )?ok\\b");
  private static final Pattern TAP_PLAN = Pattern.compile("1\\.\\.\\d+\\s*(?:#.*)?");
  private static final Pattern GO_ACTION =
      Pattern.compile(
          "\"Action\":\"(?:start|run|pause|cont|pass|bench|fail|output|skip|build-output|build-fail)\"");

  static ReportFormat of(byte[] head) {
    var text = new String(head, StandardCharsets.UTF_8);
    if (text.startsWith("\ufeff")) {
      text = text.substring(1);
    }
    text = text.stripLeading();
    if (text.startsWith("<")) {
      return XML;
    }
    if (head.length > 1 && (head[0] & 0xff) >= 0xfe && (head[1] & 0xff) >= 0xfe) {
      // UTF-16, which only XML declares.
      return XML;
    }
    var first = text.lines().findFirst().orElse("");
    if (first.startsWith("{") && GO_ACTION.matcher(first).find()) {
      return GO_TEST;
    }
    if (first.startsWith("TAP version 1")
        || (TAP_PLAN.matcher(first).matches() && TAP_POINT.matcher(text).find())) {
      return TAP;
    }
    var lcov = first.startsWith("SF:") || (first.startsWith("TN:") && text.contains("\nSF:"));
    return lcov ? LCOV : NONE;
  }
}
