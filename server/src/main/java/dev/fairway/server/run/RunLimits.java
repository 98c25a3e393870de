package dev.fairway.server.run;

import java.time.Duration;

/// The bounds of what a run may use of the server.
final class RunLimits {
  /// Without a sign of life for so long, an agent is given up; `-Dfairway.lease.seconds` sets it.
  static final Duration LEASE = Duration.ofSeconds(Integer.getInteger("fairway.lease.seconds", 30));

  /// How long a request for work waits for some. An agent that is cut off from here notices that
  /// only a while later, so it is short.
  static final Duration CLAIM_WAIT = Duration.ofSeconds(10);

  /// How often a waiting request looks by itself, should a notification have been lost.
  static final Duration CLAIM_POLL = Duration.ofSeconds(2);

  /// How often leases are looked at.
  static final Duration LEASE_TICK = Duration.ofSeconds(1);

  /// If no server looked for so long, it is we who were away, and every lease starts anew. Well
  /// below a lease, so that an absence that is not forgiven costs no lease either.
  static final Duration AWAY = LEASE.dividedBy(3);

  /// An agent that was asked to stop, or whose job's time is up, gets so long to tell how it ended.
  static final Duration STOP_GRACE = Duration.ofMinutes(2);

  /// A job that is claimed so often and never confirmed makes its agents die.
  static final int MAX_CLAIMS = 5;

  static final int MAX_WORKFLOWS_OF_A_COMMIT = 100;
  static final int MAX_EVENTS_OF_A_JOB = 50_000;
  static final int MAX_EVENTS_OF_A_CALL = 1_000;
  static final int MAX_STEPS_OF_A_JOB = 1_000;
  static final int MAX_ANNOTATIONS_OF_A_JOB = 1_000;
  static final int MAX_STEPS_AHEAD = 100;
  static final int MAX_SUMMARIES_OF_A_RUN = 100;
  static final int MAX_MESSAGE_CHARS = 8 << 10;

  /// As many branches, and as many tags, a form offers.
  static final int MAX_REFS_OFFERED = 500;

  static final int MAX_NAME_CHARS = 400;

  private RunLimits() {}

  /// The text, cut where it is longer than that.
  static String cut(String text, int max) {
    var clean = clean(text);
    return clean.length() <= max ? clean : clean.substring(0, max - 1) + "…";
  }

  /// The text as PostgreSQL can hold it: its type has no place for NUL.
  static String clean(String text) {
    return text.replace("\0", "");
  }
}
