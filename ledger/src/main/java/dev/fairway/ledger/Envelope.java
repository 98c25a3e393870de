package dev.fairway.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A DSSE envelope with exactly one signature.
///
/// @param payloadType media type of the payload
/// @param payload what is signed
/// @param keyId the signing key: Base64 of the SHA-256 of its SubjectPublicKeyInfo
/// @param signature ECDSA P-256 over the pre-authentication encoding, in DER
public record Envelope(String payloadType, Bytes payload, String keyId, Bytes signature) {
  /// Largest payload, in bytes.
  public static final int MAX_PAYLOAD = 4 << 20;

  /// The bytes that are signed: lengths keep type and payload apart (DSSE v1, PAE).
  static byte[] preAuthentication(String type, Bytes payload) {
    var head =
        ("DSSEv1 "
                + type.getBytes(StandardCharsets.UTF_8).length
                + " "
                + type
                + " "
                + payload.length()
                + " ")
            .getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(head.length + payload.length())
        .put(head)
        .put(payload.peek())
        .array();
  }

  /// The digest by which a leaf knows a payload, which its erasure names: SHA-256 of the
  /// pre-authentication encoding of a statement.
  public static Hash digest(Bytes payload) {
    return Hash.sha256(preAuthentication(InTotoStatement.PAYLOAD_TYPE, payload));
  }

  byte[] preAuthentication() {
    return preAuthentication(payloadType, payload);
  }

  Json json() {
    return Json.object(
        "payload", Json.of(payload.base64()),
        "payloadType", Json.of(payloadType),
        "signatures",
            new Json.Arr(
                List.of(Json.object("sig", Json.of(signature.base64()), "keyid", Json.of(keyId)))));
  }

  static Envelope parse(Fields fields) throws Refusal {
    fields.only("payload", "payloadType", "signatures");
    var signature = fields.single("signatures").only("sig", "keyid");
    return new Envelope(
        fields.text("payloadType"),
        fields.base64("payload"),
        signature.text("keyid"),
        signature.base64("sig"));
  }
}
