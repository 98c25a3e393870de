package dev.fairway.server.evidence;

import dev.fairway.ledger.Bytes;
import dev.fairway.ledger.Envelope;
import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives recorded entries their place in the log: signs them, appends them to the tree and signs a
/// checkpoint, one batch per transaction.
///
/// Any number of servers run one; an advisory lock lets one at a time work, so indices are
/// gap-free. Entries of one batch are ordered by their ids, which follow the clock.
final class Sequencer implements AutoCloseable {
  /// Tells subscribers that entries got their index, and of which types they are.
  static final String SEQUENCED = "ledger_sequenced";

  /// Most entries per transaction: about half a second of signing on one core.
  static final int MAX_BATCH = 512;

  private static final Logger LOG = LoggerFactory.getLogger(Sequencer.class);

  /// A missed notification delays an entry by this much at most.
  private static final Duration POLL = Duration.ofSeconds(2);

  /// Signing a checkpoint and writing it down take longer than adding an entry. So after a batch it
  /// rests several times as long as that took: under load many entries share one, and what comes
  /// after a quiet while waits for nothing.
  private static final int RESTS = 9;

  private static final Duration LEAST_PACE = Duration.ofMillis(20);
  private static final Duration MOST_PACE = Duration.ofMillis(250);

  /// How long the end of a server waits for a batch; it takes far less.
  private static final Duration LAST_BATCH = Duration.ofSeconds(5);

  /// An arbitrary number, the same in every server: "ledger" in ASCII.
  static final long ADVISORY_LOCK = 0x6c_65_64_67_65_72L;

  private final Database database;
  private final LedgerKeys keys;
  private final InstantSource clock;
  private final CrashObserver watcher;
  private final Wakeup wakeup = new Wakeup();
  private final ExecutorService signers =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().daemon().name("ledger-signer-", 0).factory());
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = Thread.ofVirtual().name("ledger-sequencer").unstarted(this::loop);

  /// The log as the last batch left it; null where that was not committed.
  private @Nullable Log log;

  Sequencer(Database database, LedgerKeys keys, InstantSource clock, CrashObserver watcher) {
    this.database = database;
    this.keys = keys;
    this.clock = clock;
    this.watcher = watcher;
  }

  void start() {
    database.listen(Evidence.RECORDED, _ -> wakeup.signal());
    thread.start();
  }

  private void loop() {
    while (open()) {
      try {
        var begun = System.nanoTime();
        var count = sequence();
        var took = System.nanoTime() - begun;
        if (count < MAX_BATCH) {
          wakeup.await(POLL);
        }
        if (count > 0) {
          rest(begun, took);
        }
      } catch (InterruptedException stop) {
        return;
      } catch (RuntimeException failure) {
        if (open()) {
          LOG.error("Sequencing failed; trying again", failure);
          pause();
        }
      }
    }
  }

  private boolean open() {
    return closed.getCount() > 0;
  }

  private void rest(long begun, long took) throws InterruptedException {
    var pace = Math.clamp((1 + RESTS) * took, LEAST_PACE.toNanos(), MOST_PACE.toNanos());
    var left = pace - (System.nanoTime() - begun);
    if (left > 0) {
      var _ = closed.await(left, TimeUnit.NANOSECONDS);
    }
  }

  private void pause() {
    try {
      wakeup.await(POLL);
    } catch (InterruptedException stop) {
      closed.countDown();
    }
  }

  /// Sequences one batch.
  ///
  /// @return how many entries it had; 0 also when another server is at it
  int sequence() {
    watcher.reached(CrashPoint.BEFORE_SEQUENCING);
    var known = log;
    log = null;
    var batch = database.transaction(tx -> batch(tx, known));
    log = batch.log();
    var count = batch.count();
    if (count > 0) {
      watcher.reached(CrashPoint.COMMITTED);
    }
    return count;
  }

  private record Waiting(UUID id, String type, Bytes payload) {}

  /// @param log as it is once the transaction has committed
  private record Batch(int count, @Nullable Log log) {}

  private Batch batch(Handle tx, @Nullable Log known) {
    boolean alone =
        tx.createQuery("SELECT pg_try_advisory_xact_lock(:lock)")
            .bind("lock", ADVISORY_LOCK)
            .mapTo(Boolean.class)
            .one();
    var waiting = alone ? waiting(tx) : List.<Waiting>of();
    if (waiting.isEmpty()) {
      return new Batch(0, known);
    }
    var envelopes = sign(waiting);
    watcher.reached(CrashPoint.SIGNED);
    var leaves = envelopes.stream().map(keys::leaf).toList();
    var store = new PostgresTileStore(tx, clock.instant());
    var tree = known != null && known.resume(store) ? known : Log.open(store, keys);
    long first = tree.append(leaves);
    watcher.reached(CrashPoint.TILES_WRITTEN);
    place(tx, first, waiting, envelopes, leaves);
    var types = waiting.stream().map(Waiting::type).distinct().collect(Collectors.joining(","));
    Database.notify(tx, SEQUENCED, types);
    watcher.reached(CrashPoint.BEFORE_COMMIT);
    return new Batch(waiting.size(), tree);
  }

  private static List<Waiting> waiting(Handle tx) {
    return tx.createQuery(
            """
            SELECT id, type, payload
              FROM ledger_entry
             WHERE index IS NULL
             ORDER BY id
             LIMIT :limit
            """)
        .bind("limit", MAX_BATCH)
        .map((row, _) ->
            new Waiting(
                row.getObject("id", UUID.class),
                row.getString("type"),
                Bytes.of(row.getBytes("payload"))))
        .list();
  }

  private List<Envelope> sign(List<Waiting> waiting) {
    List<Future<Envelope>> signing = new ArrayList<>();
    for (var entry : waiting) {
      signing.add(signers.submit(() -> keys.sign(entry.payload())));
    }
    List<Envelope> signed = new ArrayList<>();
    try {
      for (var one : signing) {
        signed.add(one.get());
      }
      return signed;
    } catch (ExecutionException failure) {
      throw new IllegalStateException("a statement could not be signed", failure.getCause());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped while signing", stop);
    }
  }

  private static void place(
      Handle tx, long first, List<Waiting> waiting, List<Envelope> envelopes, List<Bytes> leaves) {
    tx.createUpdate(
            """
            UPDATE ledger_entry
               SET index = :first + placed.ordinality - 1,
                   signature = decode(placed.signature, 'hex'), leaf = decode(placed.leaf, 'hex')
              FROM unnest((SELECT CAST(:ids AS uuid[])), (SELECT CAST(:signatures AS text[])),
                          (SELECT CAST(:leaves AS text[]))) WITH ORDINALITY
                AS placed (id, signature, leaf)
             WHERE ledger_entry.id = placed.id AND ledger_entry.index IS NULL
            """)
        .bind("first", first)
        .bindArray("ids", UUID.class, waiting.stream().map(Waiting::id).toList())
        .bindArray(
            "signatures",
            String.class,
            envelopes.stream().map(envelope -> envelope.signature().toString()).toList())
        .bindArray("leaves", String.class, leaves.stream().map(Bytes::toString).toList())
        .execute();
  }

  /// Waits for the batch that is on its way: its connection and its signers are still there.
  @Override
  public void close() {
    closed.countDown();
    wakeup.signal();
    try {
      var _ = thread.getState() == Thread.State.NEW || thread.join(LAST_BATCH);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    signers.shutdown();
  }
}
