package dev.fairway.server.evidence;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.ledger.EntryProof;
import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.PackContents;
import dev.fairway.ledger.Population;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Writes evidence packs.
///
/// Asking for a pack is itself recorded, with the list of entries that belong to it: that signed
/// list is what makes the pack provably complete, and tells later who took which evidence out.
final class PackWriter {
  /// Most references that one pack may ask for.
  static final int MAX_REFERENCES = 20;

  /// The sequencer normally needs milliseconds.
  private static final Duration SEQUENCING = Duration.ofSeconds(20);

  /// A period must have ended so long ago: a batch that is being written now may bear an earlier
  /// time, and the claim of completeness cannot be taken back.
  private static final Duration SETTLED = Duration.ofMinutes(1);

  /// From a release these lead to everything that happened to it. Others, such as environments and
  /// people, lead to what happened to other releases.
  private static final Set<String> FOLLOWED = Set.of("commit", "run", "deployment");

  /// The statement that claims a population; the names are those of [Population].
  record Claim(
      String title,
      List<String> about,
      long from,
      long to,
      List<Long> indices,
      @JsonUnwrapped Period period) {}

  private record Ordered(UUID claim, long from, List<Long> indices) {}

  private final Database database;
  private final Evidence evidence;
  private final LedgerReader reader;
  private final LedgerKeys keys;
  private final Announcements announcements;
  private final InstantSource clock;

  PackWriter(
      Database database,
      Evidence evidence,
      LedgerReader reader,
      LedgerKeys keys,
      Announcements announcements,
      InstantSource clock) {
    this.database = database;
    this.evidence = evidence;
    this.reader = reader;
    this.keys = keys;
    this.announcements = announcements;
    this.clock = clock;
  }

  /// Collects the pack of what `about` names.
  ///
  /// @param about references such as `release:UUID`
  /// @param title what it is about, for people
  /// @param actor who asks
  PackContents collect(Set<String> about, Period period, String title, String actor) {
    if (about.isEmpty() || about.size() > MAX_REFERENCES) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A pack is about 1 to " + MAX_REFERENCES + " things, not " + about.size(),
          "Name them as in about=release:ID,release:ID.");
    }
    period.until().ifPresent(this::requireSettled);
    var ordered = database.transaction(tx -> order(tx, about, period, title, actor));
    long claim =
        announcements
            .await(() -> database.read(tx -> Entries.index(tx, ordered.claim())), SEQUENCING)
            .orElseThrow(PackWriter::tooSlow);
    // An entry that was erased this moment has its proof when the erasure has its place.
    return announcements
        .await(() -> database.read(tx -> contents(tx, ordered, claim)), SEQUENCING)
        .orElseThrow(PackWriter::tooSlow);
  }

  private void requireSettled(Instant until) {
    if (until.isAfter(clock.instant().minus(SETTLED))) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The period until " + until + " is not over for long enough",
          "Leave until out, or name a time that was more than a minute ago.");
    }
  }

  private Ordered order(Handle tx, Set<String> about, Period period, String title, String actor) {
    long begin = period.since().map(at -> Entries.sizeBefore(tx, at)).orElse(0L);
    long end =
        period.until().map(at -> Entries.sizeBefore(tx, at)).orElseGet(() -> Entries.size(tx));
    var references = new TreeSet<>(about);
    for (var reference : Entries.related(tx, about, begin, end)) {
      if (FOLLOWED.contains(reference.split(":", 2)[0])) {
        references.add(reference);
      }
    }
    var indices = Entries.indices(tx, references, begin, end);
    // That nothing happened in a period is a claim as good as any other.
    if (indices.isEmpty() && period.equals(Period.ALWAYS)) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "The ledger has nothing about " + String.join(", ", about),
          "Check the references; `fairway evidence show --about REFERENCE` lists entries.");
    }
    if (indices.size() >= Population.MAX_ENTRIES - 1) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "A pack holds fewer than " + Population.MAX_ENTRIES + " entries",
          "Ask for fewer things, or for a shorter period with since and until.");
    }
    long from =
        period.since().isPresent() || indices.isEmpty()
            ? begin
            : size(Entries.checkpointUpTo(tx, indices.getFirst()));
    var id =
        evidence.record(
            tx,
            new Statement(
                PredicateType.POPULATION,
                List.of(Subject.sha256(keys.trusted().origin(), reader.log(tx).root().hex())),
                new Claim(title, List.copyOf(references), from, end, indices, period),
                Set.of(),
                actor));
    return new Ordered(id, from, indices);
  }

  private static long size(String note) {
    return Long.parseLong(note.split("\n", 3)[1]);
  }

  private Optional<PackContents> contents(Handle tx, Ordered ordered, long claim) {
    var log = reader.log(tx);
    List<EntryProof> proofs = new ArrayList<>();
    for (long index : ordered.indices()) {
      reader.proof(tx, log, index).ifPresent(proofs::add);
    }
    reader.proof(tx, log, claim).ifPresent(proofs::add);
    return proofs.size() <= ordered.indices().size()
        ? Optional.empty()
        : Optional.of(
            new PackContents(
                keys.trusted(),
                proofs,
                log.checkpoint(),
                Entries.checkpointUpTo(tx, ordered.from()),
                log.consistency(ordered.from(), log.size())));
  }

  private static FairwayException tooSlow() {
    return new FairwayException(
        ErrorCode.INTERNAL,
        "The ledger did not sign what belongs to the pack within " + SEQUENCING.toSeconds() + " s",
        "Nothing is lost; ask again. If it stays so, look at the server's log.");
  }
}
