package dev.fairway.server.evidence;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.ledger.EntryProof;
import dev.fairway.ledger.EvidencePack;
import dev.fairway.ledger.Tile;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.ListRequest;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The ledger over HTTP: the log itself in the C2SP tlog-tiles layout, open to witnesses because it
/// holds nothing but hashes, signatures and keys; and entries and packs for those who may read
/// evidence.
final class EvidenceRoutes implements Routes {
  private final Database database;
  private final LedgerReader reader;
  private final PackWriter packs;
  private final Erasures erasures;
  private final SignInAgain again;

  EvidenceRoutes(
      Database database,
      LedgerReader reader,
      PackWriter packs,
      Erasures erasures,
      SignInAgain again) {
    this.database = database;
    this.reader = reader;
    this.packs = packs;
    this.erasures = erasures;
    this.again = again;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/ledger/checkpoint", Permission.ANYONE, this::checkpoint);
    routes.get("/ledger/tile/<path>", Permission.ANYONE, this::tile);
    routes.get(
        "/ledger/ledger-public.pem", Permission.ANYONE, e -> e.text(reader.trustedKeys().pem()));
    routes.get(
        "/ledger/trusted_root.json",
        Permission.ANYONE,
        e -> e.bytes("application/json", utf8(reader.trustedKeys().trustedRoot())));
    routes.get("/api/v1/evidence", Permission.EVIDENCE_READ, this::list);
    routes.get("/api/v1/evidence/pack", Permission.EVIDENCE_READ, this::pack);
    routes.get("/api/v1/evidence/{index}", Permission.EVIDENCE_READ, this::show);
    routes.get("/api/v1/evidence/{index}/bundle", Permission.EVIDENCE_READ, this::bundle);
    routes.post("/api/v1/evidence/{index}/erase", Permission.EVIDENCE_ERASE, this::erase);
  }

  private void checkpoint(Exchange exchange) {
    exchange.text(database.read(tx -> Entries.checkpointUpTo(tx, Long.MAX_VALUE)));
  }

  private void tile(Exchange exchange) {
    var path = "tile/" + exchange.path("path");
    var tile = Tile.parse(path).orElseThrow(() -> noTile(path));
    var content = database.read(tx -> reader.tiles(tx).read(path)).orElseThrow(() -> noTile(path));
    if (!tile.partial()) {
      exchange.header("Cache-Control", "public, max-age=31536000, immutable");
    }
    exchange.bytes("application/octet-stream", content);
  }

  private static FairwayException noTile(String path) {
    return new FairwayException(ErrorCode.NOT_FOUND, "The log has no " + path, "");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// An entry as the API shows it.
  ///
  /// @param type the word for the predicate's type, such as `deployment`
  /// @param erasure who deleted what it said; null while that is there
  record EntryView(
      long index,
      UUID id,
      String type,
      String predicateType,
      List<Subject> subjects,
      JsonNode predicate,
      List<String> about,
      String actor,
      Instant at,
      @Nullable Erased erasure) {
    static EntryView of(ListedEntry listed) {
      var entry = listed.entry();
      return new EntryView(
          entry.index(),
          entry.id(),
          entry.type().word(),
          entry.type().uri(),
          entry.subjects(),
          entry.predicate(),
          entry.about().stream().sorted().toList(),
          entry.actor(),
          entry.at(),
          listed.erased());
    }
  }

  private void list(Exchange exchange) {
    var wanted = exchange.list();
    var found = reader.list(filter(exchange, wanted)).entries();
    exchange.json(wanted.cut(found, listed -> listed.entry().index()).map(EntryView::of));
  }

  /// One entry more than is wanted, which tells whether there is a next page.
  static Entries.Filter filter(Exchange exchange, ListRequest wanted) {
    var word = exchange.query("type").orElse("");
    PredicateType type = null;
    if (!word.isEmpty()) {
      type =
          PredicateType.ofWord(word)
              .orElseThrow(() ->
                  new FairwayException(
                      ErrorCode.INVALID_INPUT,
                      "There is no type of evidence \"" + word + "\"",
                      "Types are words such as push, run, release, approval, deployment."));
    }
    return new Entries.Filter(
        exchange.query("about").orElse(""),
        type,
        wanted.afterNumber().orElse(Long.MAX_VALUE),
        wanted.fetch());
  }

  /// One entry with its proof.
  ///
  /// @param verified what verifying the proof gave: `verified`, `erased`, or the first thing that
  ///   is wrong
  /// @param bundle null where there is no proof yet
  record Shown(EntryView entry, String verified, @Nullable JsonNode bundle) {}

  private void show(Exchange exchange) {
    show(exchange, exchange.pathNumber("index"));
  }

  private void show(Exchange exchange, long index) {
    var shown = reader.show(index);
    exchange.json(
        new Shown(
            EntryView.of(shown.listed()),
            shown.standing(),
            shown.proof().map(proof -> Json.MAPPER.readTree(proof.json())).orElse(null)));
  }

  private void bundle(Exchange exchange) {
    var index = exchange.pathNumber("index");
    EntryProof proof =
        reader
            .show(index)
            .proof()
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.NOT_FOUND,
                    "There is no proof of entry " + index + " at this moment",
                    "It was just erased; ask again."));
    exchange.bytes(proof.mediaType(), utf8(proof.json()));
  }

  /// The body of an erasure.
  ///
  /// @param password of a person in a browser's session; a token needs none
  private record Erasing(@Nullable String reason, @Nullable String password) {}

  private void erase(Exchange exchange) {
    var asked = exchange.body(Erasing.class);
    var index = exchange.pathNumber("index");
    again.confirm(exchange, asked.password() == null ? "" : asked.password());
    erasures.erase(index, asked.reason() == null ? "" : asked.reason(), exchange.caller().name());
    show(exchange, index);
  }

  private void pack(Exchange exchange) throws IOException {
    var about = new TreeSet<String>();
    for (var reference : exchange.query("about").orElse("").split(",", -1)) {
      if (!reference.isBlank()) {
        about.add(reference.strip());
      }
    }
    var title = exchange.query("title").orElse(String.join(", ", about));
    var contents =
        packs.collect(Set.copyOf(about), period(exchange), title, exchange.caller().name());
    exchange.header("Content-Disposition", "attachment; filename=\"evidence.zip\"");
    try (var out = exchange.stream("application/zip")) {
      EvidencePack.write(out, contents);
    }
  }

  private static Period period(Exchange exchange) {
    return new Period(instant(exchange, "since"), instant(exchange, "until"));
  }

  private static Optional<Instant> instant(Exchange exchange, String name) {
    try {
      return exchange.query(name).map(Instant::parse);
    } catch (DateTimeException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          name + " is no instant",
          "Give one such as 2026-10-01T00:00:00Z.",
          e);
    }
  }
}
