package dev.fairway.server.evidence;

/// Where tests end the process to see that nothing is lost and nothing happens twice.
enum CrashPoint {
  /// Entries are recorded, none has an index.
  BEFORE_SEQUENCING,
  /// Statements of a batch are signed, nothing of it is written.
  SIGNED,
  /// Tiles and checkpoint are written, the entries' indices are not.
  TILES_WRITTEN,
  /// Everything of the batch is written, nothing is committed.
  BEFORE_COMMIT,
  /// The batch is committed; nobody was told.
  COMMITTED,
  /// A subscriber has had its effect, its cursor is where it was.
  EFFECT_BEFORE_CURSOR
}
