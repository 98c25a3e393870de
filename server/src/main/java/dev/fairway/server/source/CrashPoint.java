package dev.fairway.server.source;

/// Places where the death of the server hurts most; tests kill it there.
enum CrashPoint {
  /// The push is known by name, and git has not seen it.
  PUSH_OPENED,
  /// Git has moved the refs, and nothing is recorded.
  REFS_MOVED,
  /// Everything is written, and not committed.
  BEFORE_COMMIT
}
