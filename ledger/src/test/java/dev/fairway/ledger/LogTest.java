package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTest {
  private static List<Bytes> batch(String name, int count) {
    var batch = new ArrayList<Bytes>();
    for (int i = 0; i < count; i++) {
      batch.add(Bytes.of((name + i).getBytes(StandardCharsets.UTF_8)));
    }
    return batch;
  }

  @Test
  void losesNothingAndRepeatsNothingWherePowerFailsInABatch() {
    for (int writes = 0; writes < 12; writes++) {
      var store = new MemoryTileStore();
      Log.open(store, Samples.KEYS).append(batch("kept", 300));
      store.losePowerAfter(writes);
      var failing = Log.open(store, Samples.KEYS);
      boolean lost = false;
      try {
        failing.append(batch("torn", 700));
      } catch (UncheckedIOException noPower) {
        lost = true;
      }
      store.powerUp();
      var log = Log.open(store, Samples.KEYS);
      assertThat(log.size()).isEqualTo(lost ? 300 : 1_000);
      long first = log.append(batch("again", 500));
      assertThat(first).isEqualTo(lost ? 300 : 1_000);
      assertThat(log.entry(299)).isEqualTo(batch("kept", 300).get(299));
      assertThat(log.entry(first)).isEqualTo(batch("again", 1).getFirst());
      assertThat(LogAudit.verify(store, Samples.KEYS.trusted()))
          .isInstanceOf(Verdict.Verified.class);
    }
  }

  @Test
  void keepsOneFilePerTileAndDropsPartialsOfFullOnes(@TempDir Path folder) {
    var store = new FolderTileStore(folder);
    var log = Log.open(store, Samples.KEYS);
    log.append(batch("a", 3));
    assertThat(folder.resolve("tile/0/000.p/3")).exists();
    assertThat(folder.resolve("tile/entries/000.p/3")).exists();
    log.append(batch("b", 300));
    assertThat(folder.resolve("tile/0/000")).hasSize(8192);
    assertThat(folder.resolve("tile/0/000.p")).doesNotExist();
    assertThat(folder.resolve("tile/entries/000.p")).doesNotExist();
    assertThat(folder.resolve("tile/0/001.p/47")).hasSize(47 * 32);
    assertThat(folder.resolve("tile/1/000.p/1")).hasSize(32);
    assertThat(Log.open(store, Samples.KEYS).checkpoint()).isEqualTo(log.checkpoint());
  }

  @Test
  void namesTheDamageWhenATileOrTheCheckpointWasChanged(@TempDir Path folder) throws Exception {
    var store = new FolderTileStore(folder);
    Log.open(store, Samples.KEYS).append(batch("a", 300));
    var tile = folder.resolve("tile/0/001.p/44");
    var bytes = Files.readAllBytes(tile);
    bytes[7] ^= 1;
    Files.write(tile, bytes);
    assertThatThrownBy(() -> Log.open(store, Samples.KEYS))
        .isInstanceOfSatisfying(
            LedgerException.class,
            e -> assertThat(e.problem()).isEqualTo(LedgerException.Problem.STORE_DAMAGED));
    var entries = folder.resolve("tile/entries/000");
    var content = Files.readAllBytes(entries);
    content[2] ^= 1;
    Files.write(entries, content);
    assertThat(LogAudit.verify(store, Samples.KEYS.trusted()))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, r -> assertThat(r.flaw()).isEqualTo(Flaw.BAD_TILE));
    var others = LedgerKeys.generate(Samples.ORIGIN, new SecureRandom());
    assertThatThrownBy(() -> Log.open(store, others)).isInstanceOf(LedgerException.class);
  }

  @Test
  void refusesAnEntryThatAnEntryBundleCannotHold() {
    var log = Log.open(new MemoryTileStore(), Samples.KEYS);
    assertThat(log.append(List.of(Bytes.of(new byte[Log.MAX_ENTRY])))).isZero();
    assertThatThrownBy(() -> log.append(List.of(Bytes.of(new byte[Log.MAX_ENTRY + 1]))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void spellsTilePathsInGroupsOfThreeDigits() {
    assertThat(new Tile(0, 0, 256).path()).isEqualTo("tile/0/000");
    assertThat(new Tile(1, 1_234_067, 256).path()).isEqualTo("tile/1/x001/x234/067");
    assertThat(new Tile(Tile.ENTRIES, 273, 5).path()).isEqualTo("tile/entries/273.p/5");
    for (var path : List.of("tile/0/000", "tile/1/x001/x234/067", "tile/entries/273.p/5")) {
      assertThat(Tile.parse(path).map(Tile::path)).contains(path);
    }
    for (var path :
        List.of(
            "tile/6/000",
            "tile/0/0",
            "tile/0/x000/001",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/../checkpoint",
            "tile/entries/001/002",
            "/tile/0/000",
            "tile/0/000/")) {
      assertThat(Tile.parse(path)).as(path).isEmpty();
    }
  }
}
