package dev.fairway.server.delivery;

/// Places where the death of the server hurts most; tests kill it there.
enum CrashPoint {
  /// The deployment occupies its place, and nothing of it runs.
  BEGUN,
  /// Its process is healthy, and that is not recorded.
  PROCESS_HEALTHY,
  /// The traffic goes to it, and that is not recorded.
  TRAFFIC_SWITCHED,
  /// The verdict is known, and not recorded.
  JUDGED,
  /// The traffic is back at the earlier release, and that is not recorded.
  TRAFFIC_BACK,
  /// Its end is recorded, and processes that nobody needs still run.
  ENDED
}
