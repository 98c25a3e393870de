package dev.fairway.ledger;

import java.nio.charset.StandardCharsets;

/// The leaf of the log: Rekor v2's `hashedrekord` 0.0.2. It holds hashes, signature and key, never
/// the statement, so a statement can be erased while the tree stays whole.
final class HashedRekord {
  static final String KIND = "hashedrekord";
  static final String VERSION = "0.0.2";
  static final String KEY_DETAILS = "PKIX_ECDSA_P256_SHA_256";

  private HashedRekord() {}

  static Bytes body(Envelope envelope, Bytes signingSpki) {
    var digest = Hash.sha256(envelope.preAuthentication()).base64();
    var body =
        Json.object(
            "apiVersion", Json.of(VERSION),
            "kind", Json.of(KIND),
            "spec",
                Json.object(
                    "hashedRekordV002",
                    Json.object(
                        "data",
                            Json.object(
                                "algorithm", Json.of("SHA2_256"), "digest", Json.of(digest)),
                        "signature",
                            Json.object(
                                "content", Json.of(envelope.signature().base64()),
                                "verifier",
                                    Json.object(
                                        "keyDetails", Json.of(KEY_DETAILS),
                                        "publicKey",
                                            Json.object(
                                                "rawBytes", Json.of(signingSpki.base64())))))));
    return Bytes.adopt(body.write().getBytes(StandardCharsets.UTF_8));
  }

  /// What a leaf says.
  private record Logged(String digest, String signature, String signingSpki) {}

  /// Refuses a leaf that logs something else than this envelope.
  static void match(Bytes body, Envelope envelope, TrustedKeys keys) throws Refusal {
    var logged = parse(body);
    if (!logged.digest().equals(Hash.sha256(envelope.preAuthentication()).base64())
        || !logged.signature().equals(envelope.signature().base64())
        || !logged.signingSpki().equals(keys.signingSpki().base64())) {
      throw new Refusal(Flaw.WRONG_ENTRY, "the leaf has another digest, signature or key");
    }
  }

  /// The digest that a leaf logs, once the trusted key's signature over it was verified: all that
  /// can be known of a statement that was erased.
  static Hash signedDigest(Bytes body, TrustedKeys keys) throws Refusal {
    var logged = parse(body);
    if (!logged.signingSpki().equals(keys.signingSpki().base64())) {
      throw new Refusal(Flaw.WRONG_KEY, "the leaf has another key than the trusted one");
    }
    var digest =
        Hash.base64(logged.digest())
            .orElseThrow(() -> new Refusal(Flaw.WRONG_ENTRY, "the leaf's digest is malformed"));
    var signature = Bytes.base64(logged.signature());
    if (signature.isEmpty() || !keys.verifiesDigest(digest, signature.get())) {
      throw new Refusal(Flaw.BAD_SIGNATURE, "the leaf's digest was not signed by the trusted key");
    }
    return digest;
  }

  /// Whether a leaf logs these bytes of a statement, whoever signed them.
  static boolean logs(Bytes body, Bytes payload) {
    try {
      return parse(body).digest().equals(Envelope.digest(payload).base64());
    } catch (Refusal malformed) {
      return false;
    }
  }

  private static Logged parse(Bytes body) throws Refusal {
    var root =
        Fields.of(
                JsonReader.read(body.peek(), Flaw.WRONG_ENTRY),
                "canonicalizedBody",
                Flaw.WRONG_ENTRY)
            .only("apiVersion", "kind", "spec");
    root.exactly("apiVersion", VERSION, Flaw.UNSUPPORTED);
    root.exactly("kind", KIND, Flaw.UNSUPPORTED);
    var spec = root.object("spec").only("hashedRekordV002").object("hashedRekordV002");
    spec.only("data", "signature");
    var data = spec.object("data").only("algorithm", "digest");
    data.exactly("algorithm", "SHA2_256", Flaw.UNSUPPORTED);
    var signature = spec.object("signature").only("content", "verifier");
    var verifier = signature.object("verifier").only("keyDetails", "publicKey");
    verifier.exactly("keyDetails", KEY_DETAILS, Flaw.UNSUPPORTED);
    return new Logged(
        data.text("digest"),
        signature.text("content"),
        verifier.object("publicKey").only("rawBytes").text("rawBytes"));
  }
}
