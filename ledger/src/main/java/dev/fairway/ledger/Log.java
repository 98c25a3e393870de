package dev.fairway.ledger;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An append-only Merkle log over a [TileStore], written by one process at a time.
///
/// A batch becomes durable in two steps: its tiles, then the signed checkpoint that covers them. A
/// crash in between leaves tiles that no checkpoint names; the next batch writes over them. An
/// instance that failed in [#append] must be dropped and opened again. Not safe for concurrent use.
public final class Log {
  /// Largest entry: an entry bundle counts it in 16 bits.
  public static final int MAX_ENTRY = 0xffff;

  /// Most entries in one batch.
  public static final int MAX_BATCH = 10_000;

  private static final int HEIGHT = 8;

  /// Most hashes of inner nodes that are remembered.
  private static final int MAX_NODES = 8_192;

  private TileStore store;
  private final LedgerKeys keys;
  private final TreeHasher hasher = new TreeHasher();

  private final TreeEdge edge = new TreeEdge(hasher);
  private byte[] entries = new byte[0];
  private long size;
  private Hash root = Hash.ofEmptyTree();
  private String note = "";

  /// Roots of perfect subtrees. They never change, and the proofs of a pack share most of them.
  private final Map<Node, byte[]> nodes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Node, byte[]> eldest) {
          return size() > MAX_NODES;
        }
      };

  /// The perfect subtree over `width` hashes of a tile level, from hash number `position` on.
  private record Node(int level, long position, int width) {}

  private Log(TileStore store, LedgerKeys keys) {
    this.store = store;
    this.keys = keys;
  }

  /// Opens the log in `store`, or begins it with a checkpoint of the empty tree.
  ///
  /// @throws LedgerException with `STORE_DAMAGED` when the stored checkpoint is not of these keys
  ///   or the tiles do not lead to its root
  public static Log open(TileStore store, LedgerKeys keys) {
    var log = new Log(store, keys);
    var stored = store.read(TileStore.CHECKPOINT);
    if (stored.isEmpty()) {
      log.publish(new LinkedHashMap<>(), List.of());
      return log;
    }
    log.note = new String(stored.get(), StandardCharsets.UTF_8);
    switch (keys.trusted().verifyCheckpoint(log.note)) {
      case Verdict.Refused<Checkpoint> refused -> throw damaged(refused.message());
      case Verdict.Verified<Checkpoint> verified -> log.load(verified.value());
    }
    return log;
  }

  /// Goes on with the same files as another transaction sees them, which costs less than to open
  /// the log again.
  ///
  /// @return whether the newest checkpoint there is the one that this instance knows; if not, it
  ///   must be dropped
  public boolean resume(TileStore view) {
    store = view;
    return view.read(TileStore.CHECKPOINT)
        .map(stored -> note.equals(new String(stored, StandardCharsets.UTF_8)))
        .orElse(false);
  }

  private void load(Checkpoint checkpoint) {
    size = checkpoint.size();
    for (int level = 0; size >> (HEIGHT * level) > 0; level++) {
      long hashes = size >> (HEIGHT * level);
      var tile = Tile.in(size, level, hashes / Tile.FULL);
      if (tile.isPresent()) {
        edge.restore(level, tile(tile.get()));
      }
    }
    var partial = Tile.in(size, Tile.ENTRIES, size / Tile.FULL);
    entries = partial.map(this::tile).orElse(entries);
    root = edge.root();
    if (!root.equals(checkpoint.root())) {
      throw damaged("the tiles do not lead to the checkpoint's root");
    }
  }

  /// Leaves in the tree.
  public long size() {
    return size;
  }

  /// The newest signed checkpoint, in its file form.
  public String checkpoint() {
    return note;
  }

  /// Appends `batch` in order and publishes a checkpoint. When it returns, the entries are in the
  /// log for good.
  ///
  /// @return index of the first of them
  public long append(List<Bytes> batch) {
    if (batch.size() > MAX_BATCH) {
      throw new IllegalArgumentException("a batch of " + batch.size() + "; at most " + MAX_BATCH);
    }
    long first = size;
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<String> filled = new ArrayList<>();
    var bundle = new ByteArrayOutputStream();
    bundle.writeBytes(entries);
    for (var entry : batch) {
      if (entry.length() > MAX_ENTRY) {
        throw new IllegalArgumentException(
            "an entry of " + entry.length() + " bytes; at most " + MAX_ENTRY);
      }
      bundle.write(entry.length() >>> 8);
      bundle.write(entry.length());
      bundle.writeBytes(entry.peek());
      size++;
      edge.push(
          0,
          hasher.leaf(entry.peek()),
          (level, hashes) ->
              fill(level, (size >> (HEIGHT * level)) / Tile.FULL - 1, hashes, files, filled));
      if (size % Tile.FULL == 0) {
        fill(Tile.ENTRIES, size / Tile.FULL - 1, bundle.toByteArray(), files, filled);
        bundle.reset();
      }
    }
    entries = bundle.toByteArray();
    addPartials(files);
    publish(files, filled);
    return first;
  }

  private static void fill(
      int level, long index, byte[] content, Map<String, byte[]> files, List<String> filled) {
    var path = new Tile(level, index, Tile.FULL).path();
    files.put(path, content);
    filled.add(path);
  }

  private void addPartials(Map<String, byte[]> files) {
    for (int level = 0; level < edge.levels(); level++) {
      var hashes = edge.partial(level);
      if (hashes.length > 0) {
        long index = (size >> (HEIGHT * level)) / Tile.FULL;
        files.put(new Tile(level, index, hashes.length / Hash.LENGTH).path(), hashes);
      }
    }
    Tile.in(size, Tile.ENTRIES, size / Tile.FULL)
        .ifPresent(tile -> files.put(tile.path(), entries));
  }

  private void publish(Map<String, byte[]> files, List<String> filled) {
    var newRoot = edge.root();
    var signed = keys.sign(size, newRoot).write();
    if (!files.isEmpty()) {
      store.write(files);
    }
    store.write(Map.of(TileStore.CHECKPOINT, signed.getBytes(StandardCharsets.UTF_8)));
    root = newRoot;
    note = signed;
    filled.forEach(store::dropPartials);
  }

  /// The root over all entries.
  public Hash root() {
    return root;
  }

  /// Proof that entry `index` is in the tree of the first `treeSize` entries.
  public InclusionProof inclusion(long index, long treeSize) {
    requireSize(treeSize);
    var path = new ArrayList<Hash>();
    if (index < 0 || index >= treeSize) {
      throw new IllegalArgumentException("no entry " + index + " in a tree of " + treeSize);
    }
    long low = 0;
    long high = treeSize;
    while (high - low > 1) {
      long split = low + Long.highestOneBit(high - low - 1);
      if (index < split) {
        path.addFirst(range(split, high));
        high = split;
      } else {
        path.addFirst(range(low, split));
        low = split;
      }
    }
    return new InclusionProof(index, treeSize, path);
  }

  /// The place of a leaf under the newest checkpoint.
  ///
  /// @param leaf the entry at `index`, which the caller has at hand
  public LoggedLeaf logged(long index, Bytes leaf) {
    return new LoggedLeaf(
        leaf, inclusion(index, size), root(), keys.trusted().logId(), checkpoint());
  }

  /// Proof that the tree of the first `newSize` entries begins with that of the first `oldSize`.
  public ConsistencyProof consistency(long oldSize, long newSize) {
    requireSize(newSize);
    var path = new ArrayList<Hash>();
    if (oldSize > 0 && oldSize < newSize) {
      long low = 0;
      long high = newSize;
      // Descend to the node where the old tree ends; a node that is the whole old tree is known to
      // the verifier.
      while (oldSize != high) {
        long split = low + Long.highestOneBit(high - low - 1);
        if (oldSize <= split) {
          path.addFirst(range(split, high));
          high = split;
        } else {
          path.addFirst(range(low, split));
          low = split;
        }
      }
      if (low != 0) {
        path.addFirst(range(low, high));
      }
    }
    return new ConsistencyProof(oldSize, newSize, path);
  }

  private void requireSize(long treeSize) {
    if (treeSize > size) {
      throw new IllegalArgumentException("the log has " + size + " entries, not " + treeSize);
    }
  }

  /// The tree hash over entries `low` to `high`, where `low` is a multiple of the range's width
  /// rounded up to a power of 2.
  private Hash range(long low, long high) {
    if (Long.bitCount(high - low) == 1) {
      int height = Long.numberOfTrailingZeros(high - low);
      int level = height / HEIGHT;
      var node = new Node(level, low >> (HEIGHT * level), 1 << (height % HEIGHT));
      return Hash.adopt(nodes.computeIfAbsent(node, this::perfect));
    }
    long split = low + Long.highestOneBit(high - low - 1);
    return Hash.adopt(hasher.node(range(low, split).peek(), range(split, high).peek()));
  }

  private byte[] perfect(Node node) {
    var tile =
        Tile.in(size, node.level(), node.position() / Tile.FULL)
            .orElseThrow(() -> damaged("the tree is smaller than its size"));
    return hasher.perfect(tile(tile), (int) (node.position() % Tile.FULL), node.width());
  }

  /// The entry at `index`, as it was appended.
  public Bytes entry(long index) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("no entry " + index + " in a log of " + size);
    }
    var bundle =
        ByteBuffer.wrap(tile(Tile.in(size, Tile.ENTRIES, index / Tile.FULL).orElseThrow()));
    for (long before = index % Tile.FULL; before > 0; before--) {
      bundle.position(bundle.position() + 2 + (bundle.getShort(bundle.position()) & 0xffff));
    }
    var entry = new byte[bundle.getShort() & 0xffff];
    bundle.get(entry);
    return Bytes.adopt(entry);
  }

  private byte[] tile(Tile tile) {
    Optional<byte[]> stored = store.read(tile.path());
    if (stored.isEmpty() && tile.partial()) {
      // After a crash a partial tile may already be gone in favour of the full one, of which it is
      // a prefix.
      stored = store.read(tile.full().path()).map(full -> prefix(full, tile));
    }
    var bytes = stored.orElseThrow(() -> damaged(tile.path() + " is missing"));
    if (tile.level() != Tile.ENTRIES && bytes.length != tile.width() * Hash.LENGTH) {
      throw damaged(tile.path() + " has " + bytes.length + " bytes");
    }
    return bytes;
  }

  private static byte[] prefix(byte[] full, Tile tile) {
    if (tile.level() != Tile.ENTRIES) {
      return Arrays.copyOf(full, tile.width() * Hash.LENGTH);
    }
    var bundle = ByteBuffer.wrap(full);
    for (int entry = 0; entry < tile.width(); entry++) {
      bundle.position(bundle.position() + 2 + (bundle.getShort(bundle.position()) & 0xffff));
    }
    return Arrays.copyOf(full, bundle.position());
  }

  private static LedgerException damaged(String what) {
    return new LedgerException(
        LedgerException.Problem.STORE_DAMAGED, "the ledger's store is damaged: " + what);
  }
}
