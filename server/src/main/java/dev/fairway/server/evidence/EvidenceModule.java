package dev.fairway.server.evidence;

import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.PackContents;
import dev.fairway.ledger.TrustedKeys;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Web;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// The ledger of an installation: recording, sequencing, subscribers.
public final class EvidenceModule implements AutoCloseable {
  /// Random bytes in a new log's name, so that no two installations share one.
  private static final int ORIGIN_BYTES = 8;

  private final Database database;
  private final InstantSource clock;
  private final LedgerKeys keys;
  private final Evidence evidence;
  private final Sequencer sequencer;
  private final Announcements announcements = new Announcements();
  private final LedgerReader reader;
  private final PackWriter packs;
  private final Erasures erasures;
  private final SelfCheck selfCheck;
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  private EvidenceModule(Database database, LedgerKeys keys, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    this.keys = keys;
    this.evidence = new Evidence(clock);
    this.sequencer = new Sequencer(database, keys, clock, CrashObserver.NONE);
    this.reader = new LedgerReader(database, keys, clock);
    this.packs = new PackWriter(database, evidence, reader, keys, announcements, clock);
    this.erasures = new Erasures(database, evidence, announcements, subscriptions);
    this.selfCheck = new SelfCheck(database, reader);
  }

  /// Takes up the keys in that folder, or makes them at the first start.
  ///
  /// @throws dev.fairway.ledger.LedgerException when they cannot be used
  public static LedgerKeys keys(Path folder, SecureRandom random) {
    var suffix = new byte[ORIGIN_BYTES];
    random.nextBytes(suffix);
    var origin = "fairway.local/ledger/" + HexFormat.of().formatHex(suffix);
    return LedgerKeys.openOrCreate(folder, origin, random);
  }

  public static EvidenceModule create(Database database, LedgerKeys keys, InstantSource clock) {
    return new EvidenceModule(database, keys, clock);
  }

  /// Records what happens.
  public Evidence evidence() {
    return evidence;
  }

  /// Opens the log, or begins it with the empty tree; then begins to sequence, and to hand entries
  /// to the subscribers.
  ///
  /// @throws dev.fairway.ledger.LedgerException when the keys are not those of the log in this
  ///   database
  public void start(List<Subscriber> subscribers) {
    database.run(tx -> Log.open(new PostgresTileStore(tx, clock.instant()), keys));
    for (var subscriber : subscribers) {
      var subscription = new Subscription(database, subscriber, CrashObserver.NONE);
      subscriptions.add(subscription);
      subscription.start();
    }
    database.listen(Sequencer.SEQUENCED, _ -> announcements.announce());
    sequencer.start();
    selfCheck.start();
  }

  /// The log, its entries and its packs over HTTP.
  public Routes routes(SignInAgain again) {
    return new EvidenceRoutes(database, reader, packs, erasures, again);
  }

  /// The ledger for people, with its place in the navigation.
  public Routes pages(Web web, SignInAgain again) {
    web.add(
        new NavigationItem(
            NavigationItem.Area.PROVE, "Evidence", EvidencePages.PATH, Permission.EVIDENCE_READ));
    web.seal(selfCheck);
    return new EvidencePages(reader, erasures, again, web);
  }

  /// Collects the pack of what `about` names, such as `release:UUID`; write it with
  /// [dev.fairway.ledger.EvidencePack#write]. The asking is recorded.
  PackContents pack(Set<String> about, Period period, String title, String actor) {
    return packs.collect(about, period, title, actor);
  }

  /// Deletes the payload of an entry for good.
  ///
  /// @return index of the entry that says so
  long erase(long index, String reason, String actor) {
    return erasures.erase(index, reason, actor);
  }

  /// What an auditor needs to verify.
  public TrustedKeys trustedKeys() {
    return keys.trusted();
  }

  @Override
  public void close() {
    selfCheck.close();
    sequencer.close();
    subscriptions.forEach(Subscription::close);
  }
}
