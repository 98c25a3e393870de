package dev.fairway.api;

import java.util.Locale;

/// Every way in which Fairway says no, with the HTTP status that it becomes at the edge.
///
/// The lower-case name is the stable identifier that clients may switch over; the sentence beside
/// it is for people and may change.
public enum ErrorCode {
  /// The input cannot be understood: wrong JSON, a missing field, a value out of its range.
  INVALID_INPUT(400),
  /// The caller did not say who it is, or what it said is not valid (any more).
  UNAUTHENTICATED(401),
  /// The caller is known and lacks the permission, or a rule of the environment forbids it.
  FORBIDDEN(403),
  /// Nothing of that name exists, or the caller may not know that it does.
  NOT_FOUND(404),
  /// The state has moved on; the same request cannot succeed any more.
  CONFLICT(409),
  /// The lease on the job has gone to somebody else or ended.
  LEASE_LOST(409),
  /// Log bytes were sent beyond what the server holds; resend from the size that it names.
  LOG_GAP(409),
  /// A job cannot be completed yet: events or log bytes are still missing.
  INCOMPLETE(409),
  /// A named limit was exceeded.
  TOO_LARGE(413),
  /// The input is well-formed and breaks a rule of its language, such as a workflow's.
  UNPROCESSABLE(422),
  /// Too many attempts; try again after the time that the answer names.
  RATE_LIMITED(429),
  /// Our fault; the log of the server has the details.
  INTERNAL(500),
  /// What is asked for does not exist in this version or on this machine.
  UNSUPPORTED(501),
  /// The database does not answer; nothing was lost, try again.
  DATABASE_UNAVAILABLE(503),
  /// A disk is full or a folder cannot be written.
  STORAGE_UNAVAILABLE(507);

  private final int status;

  ErrorCode(int status) {
    this.status = status;
  }

  /// The HTTP status of this error.
  public int status() {
    return status;
  }

  /// The identifier on the wire, such as `lease_lost`.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The code with that identifier, or [#INTERNAL] for one that this version does not know.
  public static ErrorCode ofId(String id) {
    for (var code : values()) {
      if (code.id().equals(id)) {
        return code;
      }
    }
    return INTERNAL;
  }
}
