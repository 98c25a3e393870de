package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreeTest {
  private static final int ALL_SIZES = 260;

  private static List<byte[]> entries(int count, Random random) {
    var entries = new ArrayList<byte[]>();
    for (int i = 0; i < count; i++) {
      var entry = new byte[random.nextInt(40)];
      random.nextBytes(entry);
      entries.add(entry);
    }
    return entries;
  }

  @Test
  void hashesAndProvesLikeTheDefinitionForEverySizeAndIndex() {
    var entries = entries(ALL_SIZES, new Random(1));
    var reference = new ReferenceTree(entries);
    var log = Log.open(new MemoryTileStore(), Samples.KEYS);
    assertThat(log.root()).isEqualTo(reference.root(0));
    for (int size = 1; size <= ALL_SIZES; size++) {
      log.append(List.of(Bytes.of(entries.get(size - 1))));
      assertThat(log.root()).isEqualTo(reference.root(size));
      for (int index = 0; index < size; index++) {
        var proof = log.inclusion(index, size);
        assertThat(proof.path()).isEqualTo(reference.inclusion(index, size));
        assertThat(proof.root(Hash.ofLeaf(entries.get(index)))).contains(log.root());
      }
      for (int older = 0; older <= size; older++) {
        var proof = log.consistency(older, size);
        assertThat(proof.path()).isEqualTo(reference.consistency(older, size));
        assertThat(proof.proves(reference.root(older), log.root())).isTrue();
      }
    }
  }

  @Test
  void hashesAndProvesAcrossThreeTileLevelsAndBatchesOfAnySize() {
    var random = new Random(2);
    var entries = entries(66_000, random);
    var reference = new ReferenceTree(entries);
    var store = new MemoryTileStore();
    var log = Log.open(store, Samples.KEYS);
    for (int at = 0; at < entries.size(); ) {
      int end = Math.min(entries.size(), at + 1 + random.nextInt(3_000));
      assertThat(log.append(entries.subList(at, end).stream().map(Bytes::of).toList()))
          .isEqualTo(at);
      if (random.nextInt(4) == 0) {
        log = Log.open(store, Samples.KEYS);
      }
      assertThat(log.root()).isEqualTo(reference.root(end));
      at = end;
    }
    for (int i = 0; i < 300; i++) {
      int size = 1 + random.nextInt(entries.size());
      int index = random.nextInt(size);
      assertThat(log.inclusion(index, size).path()).isEqualTo(reference.inclusion(index, size));
      assertThat(log.consistency(index, size).path()).isEqualTo(reference.consistency(index, size));
      assertThat(log.entry(index)).isEqualTo(Bytes.of(entries.get(index)));
    }
    assertThat(LogAudit.verify(store, Samples.KEYS.trusted())).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void refusesAnInclusionProofWithAnythingChanged() {
    var random = new Random(3);
    var entries = entries(100, random);
    var reference = new ReferenceTree(entries);
    for (int i = 0; i < 2_000; i++) {
      int size = 2 + random.nextInt(99);
      int index = random.nextInt(size);
      var leaf = Hash.ofLeaf(entries.get(index));
      var root = reference.root(size);
      var path = new ArrayList<>(reference.inclusion(index, size));
      var proof =
          switch (random.nextInt(5)) {
            case 0 -> new InclusionProof((index + 1) % size, size, path);
            case 1 -> new InclusionProof(index, size, path.subList(1, path.size()));
            case 2 -> {
              path.add(root);
              yield new InclusionProof(index, size, path);
            }
            case 3 -> {
              path.set(random.nextInt(path.size()), flipped(root, random));
              yield new InclusionProof(index, size, path);
            }
            default -> {
              leaf = flipped(leaf, random);
              yield new InclusionProof(index, size, path);
            }
          };
      assertThat(proof.root(leaf).filter(root::equals)).as("%s", proof).isEmpty();
    }
  }

  @Test
  void refusesAConsistencyProofWithAnythingChanged() {
    var random = new Random(4);
    var reference = new ReferenceTree(entries(100, random));
    for (int i = 0; i < 2_000; i++) {
      int newer = 2 + random.nextInt(99);
      int older = 1 + random.nextInt(newer - 1);
      var path = new ArrayList<>(reference.consistency(older, newer));
      var oldRoot = reference.root(older);
      var newRoot = reference.root(newer);
      switch (random.nextInt(4)) {
        case 0 -> path.removeLast();
        case 1 -> path.add(newRoot);
        case 2 -> oldRoot = flipped(oldRoot, random);
        default -> newRoot = flipped(newRoot, random);
      }
      assertThat(new ConsistencyProof(older, newer, path).proves(oldRoot, newRoot)).isFalse();
    }
  }

  private static Hash flipped(Hash hash, Random random) {
    var bytes = hash.toArray();
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return Hash.of(bytes);
  }
}
