package dev.fairway.ledger;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// The statement that a payload was deleted from the store of the log, as the law may demand. It is
/// itself an entry of the log; who and when are in its context.
///
/// @param entry index of the entry whose payload is gone
/// @param leaf hash of that entry's leaf
/// @param payload digest by which the leaf knows the payload: SHA-256 of its DSSE
///   pre-authentication encoding
/// @param predicateType what the payload was about
/// @param recordedAt when the entry was recorded
/// @param reason in the words of whoever erased it
public record Erasure(
    long entry, Hash leaf, Hash payload, String predicateType, Instant recordedAt, String reason) {
  /// Predicate type of the statement that holds it.
  public static final String PREDICATE = "https://fairway.dev/attestation/erasure/v1";

  static Erasure of(InTotoStatement statement) throws Refusal {
    if (!statement.predicateType().equals(PREDICATE)) {
      throw ErasedEntry.unproven("the statement is no erasure but " + statement.predicateType());
    }
    var json = JsonReader.read(statement.predicate().getBytes(StandardCharsets.UTF_8));
    var fields =
        Fields.of(json, "predicate", Flaw.PAYLOAD_MISSING)
            .only("entry", "leaf", "predicateType", "recordedAt", "reason");
    return new Erasure(
        fields.count("entry"),
        Hash.hex(fields.text("leaf"))
            .orElseThrow(() -> ErasedEntry.unproven("the erasure names no leaf")),
        Optional.ofNullable(statement.subjects().getFirst().digest().get("sha256"))
            .flatMap(Hash::hex)
            .orElseThrow(() -> ErasedEntry.unproven("the erasure names no payload")),
        fields.text("predicateType"),
        recordedAt(fields),
        fields.text("reason"));
  }

  private static Instant recordedAt(Fields fields) throws Refusal {
    try {
      return Instant.parse(fields.text("recordedAt"));
    } catch (DateTimeException notTime) {
      throw ErasedEntry.unproven("the erasure does not say when the entry was recorded");
    }
  }
}
