package dev.fairway.server.evidence;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.ledger.Bytes;
import dev.fairway.ledger.Envelope;
import dev.fairway.ledger.Hash;
import dev.fairway.ledger.LogAudit;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Deletes payloads of entries for good, as the law may demand, and leaves their leaves.
///
/// With the payload go the copies of what it says that the ledger keeps for search: subjects,
/// predicate, actor, and references to people. Payload and statement of the erasure are one
/// transaction: what was erased is always accounted for.
final class Erasures {
  /// Longest reason, in characters.
  static final int MAX_REASON = 1_000;

  /// The sequencer normally needs milliseconds.
  private static final Duration SEQUENCING = Duration.ofSeconds(20);

  /// References that lead to a person, by the word before the colon.
  private static final Set<String> PERSONAL = Set.of("user", "token");

  /// The statement of an erasure; the names are those of [dev.fairway.ledger.Erasure].
  record Claim(long entry, String leaf, String predicateType, Instant recordedAt, String reason) {}

  private final Database database;
  private final Evidence evidence;
  private final Announcements announcements;
  private final List<Subscription> subscriptions;

  /// @param subscriptions those of this server, however many there will be
  Erasures(
      Database database,
      Evidence evidence,
      Announcements announcements,
      List<Subscription> subscriptions) {
    this.database = database;
    this.evidence = evidence;
    this.announcements = announcements;
    this.subscriptions = subscriptions;
  }

  /// Erases the payload of an entry.
  ///
  /// @param reason why, for everybody who will ask
  /// @param actor who
  /// @return index of the entry that says so
  long erase(long index, String reason, String actor) {
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "An erasure needs a reason of 1 to " + MAX_REASON + " characters",
          "Say why: the reason goes into the ledger, and stays there.");
    }
    var statement = database.transaction(tx -> erase(tx, index, reason.strip(), actor));
    return announcements
        .await(() -> database.read(tx -> Entries.index(tx, statement)), SEQUENCING)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.INTERNAL,
                "Entry "
                    + index
                    + " was erased, but the ledger did not sign the statement of that within "
                    + SEQUENCING.toSeconds()
                    + " s",
                "Nothing is lost; look at the entry again later, and at the server's log."));
  }

  private UUID erase(Handle tx, long index, String reason, String actor) {
    var listed = Entries.lock(tx, index).orElseThrow(() -> LedgerReader.missing(index));
    var entry = listed.entry();
    requireErasable(tx, entry, listed.erased());
    var stored = Entries.proof(tx, index).orElseThrow(() -> LedgerReader.missing(index));
    var payload =
        stored
            .payload()
            .filter(bytes -> LogAudit.logs(stored.leaf(), bytes))
            .orElseThrow(() ->
                refused(
                    "What is stored of entry " + index + " is not what was signed",
                    "An erasure would hide that. Find out what happened first."));
    var about =
        entry.about().stream()
            .filter(reference -> !PERSONAL.contains(reference.split(":", 2)[0]))
            .collect(Collectors.toSet());
    var statement =
        evidence.record(tx, statement(entry, stored.leaf(), payload, about, reason, actor));
    tx.createUpdate(
            """
            UPDATE ledger_entry
               SET payload = NULL, subjects = '[]', predicate = '{}', actor = '', about = :about,
                   erasure = :erasure
             WHERE index = :index
            """)
        .bindArray("about", String.class, about)
        .bind("erasure", statement)
        .bind("index", index)
        .execute();
    return statement;
  }

  private static Statement statement(
      LedgerEntry entry,
      Bytes leaf,
      Bytes payload,
      Set<String> about,
      String reason,
      String actor) {
    // Whoever collects what an entry was about gets the erasure with it.
    var references = new HashSet<>(about);
    references.add("entry:" + entry.index());
    return new Statement(
        PredicateType.ERASURE,
        List.of(Subject.sha256("entry " + entry.index(), Envelope.digest(payload).hex())),
        new Claim(
            entry.index(),
            Hash.ofLeaf(leaf.toArray()).hex(),
            entry.type().uri(),
            entry.at(),
            reason),
        references,
        actor);
  }

  private void requireErasable(Handle tx, LedgerEntry entry, @Nullable Erased erased) {
    if (erased != null) {
      throw refused(
          "Entry " + entry.index() + " was erased already, by " + erased.actor(),
          "Nothing is left to erase.");
    }
    if (entry.type() == PredicateType.ERASURE) {
      throw refused(
          "Entry " + entry.index() + " says who erased another one, and stays",
          "Without it the other would look like a broken one.");
    }
    for (var subscription : subscriptions) {
      if (subscription.awaits(tx, entry)) {
        throw refused(
            "Entry " + entry.index() + " has still to be acted on",
            "That takes a moment; then try again.");
      }
    }
  }

  private static FairwayException refused(String what, String next) {
    return new FairwayException(ErrorCode.CONFLICT, what, next);
  }
}
