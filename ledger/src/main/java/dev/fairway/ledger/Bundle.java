package dev.fairway.ledger;

import java.util.List;
import java.util.Optional;

/// A Sigstore bundle v0.3 of one entry: the signed statement, its leaf, and the proof that the log
/// holds it.
///
/// @param envelope the signed statement
/// @param leaf the log's entry, whose hash is in the tree
/// @param proof where the leaf is
/// @param root the root that the proof claims to lead to
/// @param logId which log
/// @param checkpoint the signed checkpoint note of `proof.size()` leaves, in file form
public record Bundle(
    Envelope envelope, Bytes leaf, InclusionProof proof, Hash root, Hash logId, String checkpoint) {
  /// Media type of the file form.
  public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  /// The file form.
  public String json() {
    var proofJson =
        Json.object(
            "logIndex", Json.of(Long.toString(proof.index())),
            "rootHash", Json.of(root.base64()),
            "treeSize", Json.of(Long.toString(proof.size())),
            "hashes", Json.array(proof.path().stream().map(Hash::base64).toList()),
            "checkpoint", Json.object("envelope", Json.of(checkpoint)));
    var entry =
        Json.object(
            "logIndex", Json.of(Long.toString(proof.index())),
            "logId", Json.object("keyId", Json.of(logId.base64())),
            "kindVersion",
                Json.object(
                    "kind", Json.of(HashedRekord.KIND), "version", Json.of(HashedRekord.VERSION)),
            "integratedTime", Json.of("0"),
            "inclusionProof", proofJson,
            "canonicalizedBody", Json.of(leaf.base64()));
    return Json.object(
            "mediaType", Json.of(MEDIA_TYPE),
            "verificationMaterial",
                Json.object(
                    "publicKey",
                    Json.object("hint", Json.of(envelope.keyId())),
                    "tlogEntries",
                    new Json.Arr(List.of(entry))),
            "dsseEnvelope", envelope.json())
        .write();
  }

  /// Verifies a bundle in file form, offline, against nothing but the trusted keys.
  public static Verdict<ProvenEntry> verify(byte[] json, TrustedKeys keys) {
    try {
      return new Verdict.Verified<>(parse(json).prove(keys));
    } catch (Refusal refusal) {
      return new Verdict.Refused<>(refusal.flaw(), "bundle", refusal.detail());
    }
  }

  static Bundle parse(byte[] json) throws Refusal {
    var fields =
        Fields.of(JsonReader.read(json), "", Flaw.MALFORMED)
            .only("mediaType", "verificationMaterial", "dsseEnvelope");
    fields.exactly("mediaType", MEDIA_TYPE, Flaw.UNSUPPORTED);
    var envelope = Envelope.parse(fields.object("dsseEnvelope"));
    var material = fields.object("verificationMaterial").only("publicKey", "tlogEntries");
    material.object("publicKey").only("hint").exactly("hint", envelope.keyId(), Flaw.WRONG_KEY);
    var entry = material.single("tlogEntries");
    entry.only(
        "logIndex",
        "logId",
        "kindVersion",
        "integratedTime",
        "inclusionProof",
        "canonicalizedBody");
    var kind = entry.object("kindVersion").only("kind", "version");
    kind.exactly("kind", HashedRekord.KIND, Flaw.UNSUPPORTED);
    kind.exactly("version", HashedRekord.VERSION, Flaw.UNSUPPORTED);
    // The log signs no time; a time here would be a claim that nothing proves.
    entry.exactly("integratedTime", "0", Flaw.UNSUPPORTED);
    var inclusion = entry.object("inclusionProof");
    inclusion.only("logIndex", "rootHash", "treeSize", "hashes", "checkpoint");
    long index = inclusion.count("logIndex");
    if (entry.count("logIndex") != index) {
      throw new Refusal(Flaw.MALFORMED, "the two logIndex differ");
    }
    if (index >= inclusion.count("treeSize")) {
      throw new Refusal(Flaw.BAD_INCLUSION, "the tree has no entry " + index);
    }
    return new Bundle(
        envelope,
        entry.base64("canonicalizedBody"),
        new InclusionProof(
            index,
            inclusion.count("treeSize"),
            inclusion.hashes("hashes", InclusionProof.MAX_PATH)),
        inclusion.hash("rootHash"),
        entry.object("logId").only("keyId").hash("keyId"),
        inclusion.object("checkpoint").only("envelope").text("envelope"));
  }

  /// From the trusted key outwards: who signed what, that this is what was logged, and that the log
  /// commits to it.
  ProvenEntry prove(TrustedKeys keys) throws Refusal {
    if (!envelope.keyId().equals(keys.keyId())) {
      throw new Refusal(Flaw.WRONG_KEY, "key " + envelope.keyId() + ", trusted is " + keys.keyId());
    }
    if (!envelope.payloadType().equals(InTotoStatement.PAYLOAD_TYPE)) {
      throw new Refusal(Flaw.UNSUPPORTED, "payload type " + envelope.payloadType());
    }
    if (!keys.verifiesStatement(envelope.preAuthentication(), envelope.signature())) {
      throw new Refusal(Flaw.BAD_SIGNATURE, "the payload or its signature was changed");
    }
    HashedRekord.match(leaf, envelope, keys);
    if (!logId.equals(keys.logId())) {
      throw new Refusal(Flaw.WRONG_LOG, "log " + logId + ", trusted is " + keys.logId());
    }
    var committed = keys.checkpoint(SignedNote.parse(checkpoint));
    if (committed.size() != proof.size() || !committed.root().equals(root)) {
      throw new Refusal(Flaw.BAD_INCLUSION, "the proof is for another tree than the checkpoint");
    }
    var leafHash = Hash.ofLeaf(leaf.peek());
    if (!proof.root(leafHash).equals(Optional.of(committed.root()))) {
      throw new Refusal(Flaw.BAD_INCLUSION, "the proof does not lead to the checkpoint's root");
    }
    return new ProvenEntry(
        proof.index(), leafHash, InTotoStatement.parse(envelope.payload().peek()), committed);
  }
}
