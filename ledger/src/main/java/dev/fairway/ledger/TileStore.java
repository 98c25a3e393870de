package dev.fairway.ledger;

import java.util.Map;
import java.util.Optional;

/// Where a log keeps its files, by the paths of the C2SP tlog-tiles layout (`tile/0/000.p/3`,
/// `checkpoint`).
///
/// The log writes the tiles of a batch first and the checkpoint last, each with one call; a file
/// that the stored checkpoint covers never changes. A store over a database makes both one
/// transaction by itself.
public interface TileStore {
  /// Path of the newest signed checkpoint.
  String CHECKPOINT = "checkpoint";

  /// The bytes at `path`; empty when there are none.
  ///
  /// @throws java.io.UncheckedIOException when the store fails
  Optional<byte[]> read(String path);

  /// Writes all of `files`, replacing what was there. When it returns, they survive a crash of the
  /// machine (or, over a database, of its transaction's commit).
  ///
  /// @throws java.io.UncheckedIOException when the store fails; some of the files may have been
  ///   written
  void write(Map<String, byte[]> files);

  /// The full tile at this path is stored and covered by the checkpoint: its partial forms may go.
  default void dropPartials(String fullTile) {}
}
