package dev.fairway.ledger;

import java.util.Optional;

/// A leaf and the proof that the log holds it; in file form, Sigstore's `TransparencyLogEntry`.
///
/// @param leaf the log's entry, whose hash is in the tree
/// @param proof where the leaf is
/// @param root the root that the proof claims to lead to
/// @param logId which log
/// @param checkpoint the signed checkpoint note of `proof.size()` leaves, in file form
public record LoggedLeaf(
    Bytes leaf, InclusionProof proof, Hash root, Hash logId, String checkpoint) {

  /// The entry's number in the log, from 0.
  public long index() {
    return proof.index();
  }

  /// The leaf's hash in the tree.
  public Hash hash() {
    return Hash.ofLeaf(leaf.peek());
  }

  Json json() {
    var inclusion =
        Json.object(
            "logIndex", Json.of(Long.toString(proof.index())),
            "rootHash", Json.of(root.base64()),
            "treeSize", Json.of(Long.toString(proof.size())),
            "hashes", Json.array(proof.path().stream().map(Hash::base64).toList()),
            "checkpoint", Json.object("envelope", Json.of(checkpoint)));
    return Json.object(
        "logIndex", Json.of(Long.toString(proof.index())),
        "logId", Json.object("keyId", Json.of(logId.base64())),
        "kindVersion",
            Json.object(
                "kind", Json.of(HashedRekord.KIND), "version", Json.of(HashedRekord.VERSION)),
        "integratedTime", Json.of("0"),
        "inclusionProof", inclusion,
        "canonicalizedBody", Json.of(leaf.base64()));
  }

  static LoggedLeaf parse(Fields entry) throws Refusal {
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
    return new LoggedLeaf(
        entry.base64("canonicalizedBody"),
        new InclusionProof(
            index,
            inclusion.count("treeSize"),
            inclusion.hashes("hashes", InclusionProof.MAX_PATH)),
        inclusion.hash("rootHash"),
        entry.object("logId").only("keyId").hash("keyId"),
        inclusion.object("checkpoint").only("envelope").text("envelope"));
  }

  /// That the log commits to the leaf at its place.
  Checkpoint prove(TrustedKeys keys) throws Refusal {
    if (!logId.equals(keys.logId())) {
      throw new Refusal(Flaw.WRONG_LOG, "log " + logId + ", trusted is " + keys.logId());
    }
    var committed = keys.checkpoint(SignedNote.parse(checkpoint));
    if (committed.size() != proof.size() || !committed.root().equals(root)) {
      throw new Refusal(Flaw.BAD_INCLUSION, "the proof is for another tree than the checkpoint");
    }
    if (!proof.root(hash()).equals(Optional.of(committed.root()))) {
      throw new Refusal(Flaw.BAD_INCLUSION, "the proof does not lead to the checkpoint's root");
    }
    return committed;
  }
}
