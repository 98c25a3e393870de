package dev.fairway.ledger;

import java.util.List;

/// A Sigstore bundle v0.3 of one entry: the signed statement, its leaf, and the proof that the log
/// holds it.
///
/// @param envelope the signed statement
public record Bundle(Envelope envelope, LoggedLeaf logged) implements EntryProof {
  /// Media type of the file form.
  public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  @Override
  public String mediaType() {
    return MEDIA_TYPE;
  }

  @Override
  public String json() {
    return tree().write();
  }

  Json tree() {
    return Json.object(
        "mediaType", Json.of(MEDIA_TYPE),
        "verificationMaterial",
            Json.object(
                "publicKey",
                Json.object("hint", Json.of(envelope.keyId())),
                "tlogEntries",
                new Json.Arr(List.of(logged.json()))),
        "dsseEnvelope", envelope.json());
  }

  static Bundle parse(Fields fields) throws Refusal {
    fields.only("mediaType", "verificationMaterial", "dsseEnvelope");
    fields.exactly("mediaType", MEDIA_TYPE, Flaw.UNSUPPORTED);
    var envelope = Envelope.parse(fields.object("dsseEnvelope"));
    var material = fields.object("verificationMaterial").only("publicKey", "tlogEntries");
    material.object("publicKey").only("hint").exactly("hint", envelope.keyId(), Flaw.WRONG_KEY);
    return new Bundle(envelope, LoggedLeaf.parse(material.single("tlogEntries")));
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
    if (envelope.payload().length() == 0) {
      throw new Refusal(Flaw.PAYLOAD_MISSING, "the envelope is empty");
    }
    if (!keys.verifiesStatement(envelope.preAuthentication(), envelope.signature())) {
      throw new Refusal(Flaw.BAD_SIGNATURE, "the payload or its signature was changed");
    }
    HashedRekord.match(logged.leaf(), envelope, keys);
    var committed = logged.prove(keys);
    return new ProvenEntry(
        logged.index(), logged.hash(), InTotoStatement.parse(envelope.payload().peek()), committed);
  }
}
