package dev.fairway.server.source;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Reads what `git log` writes when it is asked for [#FORMAT], with `-z`.
final class CommitLog {
  /// Fields that end with NUL, which no commit can contain.
  static final String FORMAT =
      "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B";

  private static final int FIELDS = 9;

  /// 9999-12-31T23:59:59Z. Git takes dates far beyond what a calendar, or a database, has.
  private static final long LATEST_SECOND = 253_402_300_799L;

  private CommitLog() {}

  static List<CommitRecord> parse(String log) {
    var fields = log.split("\0", -1);
    var commits = new ArrayList<CommitRecord>();
    for (int i = 0; i + FIELDS <= fields.length; i += FIELDS) {
      var parents = fields[i + 1].isEmpty() ? List.<String>of() : List.of(fields[i + 1].split(" "));
      commits.add(
          new CommitRecord(
              fields[i],
              parents,
              new CommitRecord.Signature(fields[i + 2], fields[i + 3], instant(fields[i + 4])),
              new CommitRecord.Signature(fields[i + 5], fields[i + 6], instant(fields[i + 7])),
              bounded(fields[i + 8].stripTrailing())));
    }
    return commits;
  }

  private static Instant instant(String seconds) {
    try {
      return Instant.ofEpochSecond(Math.clamp(Long.parseLong(seconds), 0, LATEST_SECOND));
    } catch (NumberFormatException e) {
      return Instant.EPOCH;
    }
  }

  private static String bounded(String message) {
    return message.length() <= SourceLimits.MAX_MESSAGE_CHARS
        ? message
        : message.substring(0, SourceLimits.MAX_MESSAGE_CHARS);
  }
}
