package dev.fairway.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Keeps tiles in memory and, when asked, loses power in the middle of a write.
final class MemoryTileStore implements TileStore {
  final Map<String, byte[]> files = new TreeMap<>();
  private int writesUntilPowerLoss = Integer.MAX_VALUE;

  void losePowerAfter(int writes) {
    writesUntilPowerLoss = writes;
  }

  void powerUp() {
    writesUntilPowerLoss = Integer.MAX_VALUE;
  }

  @Override
  public Optional<byte[]> read(String path) {
    return Optional.ofNullable(files.get(path)).map(byte[]::clone);
  }

  @Override
  public void write(Map<String, byte[]> added) {
    added.forEach((path, bytes) -> {
      if (writesUntilPowerLoss-- <= 0) {
        throw new UncheckedIOException(new IOException("no power"));
      }
      files.put(path, bytes.clone());
    });
  }

  @Override
  public void dropPartials(String fullTile) {
    files.keySet().removeIf(path -> path.startsWith(fullTile + ".p/"));
  }
}
