package dev.fairway.ledger;

/// An entry whose payload was erased: its leaf, the proof that the log holds it, and the statement
/// of the erasure, which is an entry of the same log.
///
/// @param erasure proof of the statement that says who erased the payload, when and why
public record ErasedEntry(LoggedLeaf logged, Bundle erasure) implements EntryProof {
  /// Media type of the file form.
  public static final String MEDIA_TYPE = "application/vnd.fairway.erased-entry.v1+json";

  @Override
  public String mediaType() {
    return MEDIA_TYPE;
  }

  @Override
  public String json() {
    return Json.object(
            "mediaType", Json.of(MEDIA_TYPE),
            "tlogEntry", logged.json(),
            "erasure", erasure.tree())
        .write();
  }

  static ErasedEntry parse(Fields fields) throws Refusal {
    fields.only("mediaType", "tlogEntry", "erasure");
    var logged = LoggedLeaf.parse(fields.object("tlogEntry"));
    if (!fields.has("erasure")) {
      throw new Refusal(Flaw.PAYLOAD_MISSING, "there is no statement of its erasure");
    }
    return new ErasedEntry(logged, Bundle.parse(fields.object("erasure")));
  }

  /// The leaf and its place first, then what the erasure says. Whatever is wrong with the erasure
  /// leaves a payload that is missing, and that is what is named.
  ProvenErasure prove(TrustedKeys keys) throws Refusal {
    var digest = HashedRekord.signedDigest(logged.leaf(), keys);
    var committed = logged.prove(keys);
    var by = provenStatement(keys);
    var erased = Erasure.of(by.statement());
    if (erased.entry() != logged.index() || by.index() <= logged.index()) {
      throw unproven("the erasure in entry " + by.index() + " is of entry " + erased.entry());
    }
    if (!erased.leaf().equals(logged.hash()) || !erased.payload().equals(digest)) {
      throw unproven("the erasure in entry " + by.index() + " is of another payload");
    }
    if (!erasure.logged().checkpoint().equals(logged.checkpoint())) {
      throw unproven("its erasure is proven under another checkpoint");
    }
    return new ProvenErasure(logged.index(), logged.hash(), erased, by, committed);
  }

  private ProvenEntry provenStatement(TrustedKeys keys) throws Refusal {
    try {
      return erasure.prove(keys);
    } catch (Refusal refusal) {
      throw unproven(
          "its erasure is not proven: " + refusal.flaw().meaning() + ": " + refusal.detail());
    }
  }

  static Refusal unproven(String detail) {
    return new Refusal(Flaw.PAYLOAD_MISSING, detail);
  }
}
