package dev.fairway.server.run;

/// Instants at which the death of the server has been thought through; tests die there.
enum CrashPoint {
  /// The claim is committed, the agent has not heard of it.
  CLAIMED_BEFORE_REPLY,
  /// The completion is committed, the agent has not heard of it.
  COMPLETED_BEFORE_REPLY,
  /// A lease has expired and nothing has been done about it.
  EXPIRED_BEFORE_DECISION
}
