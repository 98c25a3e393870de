package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ErasedEntryTest {
  private static final TrustedKeys KEYS = Samples.KEYS.trusted();
  private static final int ERASED = 3;
  private static final int SIZE = 6;

  private final List<Envelope> envelopes = new ArrayList<>();
  private final Log log = Log.open(new MemoryTileStore(), Samples.KEYS);

  ErasedEntryTest() {
    for (int i = 0; i < SIZE; i++) {
      append(Samples.KEYS.sign(Samples.statement(i)));
    }
  }

  private void append(Envelope envelope) {
    envelopes.add(envelope);
    log.append(List.of(Samples.KEYS.leaf(envelope)));
  }

  private LoggedLeaf logged(int index) {
    return log.logged(index, log.entry(index));
  }

  private Bundle bundle(int index) {
    return new Bundle(envelopes.get(index), logged(index));
  }

  /// What the log's operator says about an entry whose payload it deleted.
  private static InTotoStatement erasure(long index, Hash leaf, Bytes payload, String type) {
    return new InTotoStatement(
        List.of(new Subject("entry " + index, Map.of("sha256", Envelope.digest(payload).hex()))),
        type,
        "{\"entry\":%d,\"leaf\":\"%s\",\"predicateType\":\"t\",\"recordedAt\":\"2026-11-22T14:00:00Z\",\"reason\":\"asked\"}"
            .formatted(index, leaf.hex()),
        new InTotoStatement.Context(List.of(), "mia", Instant.parse("2026-11-22T15:00:00Z")));
  }

  private static InTotoStatement erasure(long index, Hash leaf, Bytes payload) {
    return erasure(index, leaf, payload, Erasure.PREDICATE);
  }

  private ErasedEntry erased(InTotoStatement statement) {
    append(Samples.KEYS.sign(statement));
    return new ErasedEntry(logged(ERASED), bundle(envelopes.size() - 1));
  }

  private ErasedEntry genuine() {
    return erased(erasure(ERASED, logged(ERASED).hash(), envelopes.get(ERASED).payload()));
  }

  private static Verdict<Proven> verify(String json) {
    return EntryProof.verify(json.getBytes(StandardCharsets.UTF_8), KEYS);
  }

  private static void assertMissing(String json, String detail) {
    assertThat(verify(json))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              assertThat(refused.flaw()).as(refused.message()).isEqualTo(Flaw.PAYLOAD_MISSING);
              assertThat(refused.detail()).contains(detail);
            });
  }

  @Test
  void provesThatAnEntryWasThereAndWhoErasedItWhenAndWhy() {
    assertThat(verify(genuine().json()))
        .isInstanceOfSatisfying(
            Verdict.Verified.class,
            verified -> {
              var proven = (ProvenErasure) verified.value();
              assertThat(proven.index()).isEqualTo(ERASED);
              assertThat(proven.erasure().reason()).isEqualTo("asked");
              assertThat(proven.by().index()).isEqualTo(SIZE);
              assertThat(proven.by().statement().context().actor()).isEqualTo("mia");
              assertThat(proven.by().statement().context().at())
                  .isEqualTo(Instant.parse("2026-11-22T15:00:00Z"));
            });
  }

  @Test
  void refusesTheChangeOfAnySingleByte() {
    var json = genuine().json();
    // The bundle of the erasure has such a test of its own: here every 7th byte of it.
    int bundle = json.indexOf("\"erasure\"");
    IntStream.range(0, json.length())
        .filter(at -> at < bundle || at % 7 == 0)
        .parallel()
        .forEach(at -> {
          var changed = json.getBytes(StandardCharsets.UTF_8);
          changed[at] ^= 1;
          assertThat(EntryProof.verify(changed, KEYS))
              .as("byte %d", at)
              .isInstanceOf(Verdict.Refused.class);
        });
  }

  @Test
  void namesThePayloadAsMissingWhereNoErasureOfItWasRecorded() {
    var genuine = genuine();
    var withoutStatement = genuine.json().replaceFirst(",\"erasure\":.*", "}");
    assertMissing(withoutStatement, "no statement of its erasure");
    assertMissing(new ErasedEntry(logged(1), genuine.erasure()).json(), "is of entry 3");
    assertMissing(new ErasedEntry(logged(ERASED), bundle(1)).json(), "is no erasure");
    var empty =
        new Envelope(
            InTotoStatement.PAYLOAD_TYPE,
            Bytes.of(new byte[0]),
            KEYS.keyId(),
            envelopes.get(ERASED).signature());
    assertMissing(new Bundle(empty, logged(ERASED)).json(), "envelope is empty");
  }

  @Test
  void namesThePayloadAsMissingWhereTheErasureIsForged() {
    var hash = logged(ERASED).hash();
    var payload = envelopes.get(ERASED).payload();
    var genuine = genuine();
    var others = LedgerKeys.generate(Samples.ORIGIN, new SecureRandom());
    var selfSigned =
        new Bundle(others.sign(erasure(ERASED, hash, payload)), genuine.erasure().logged());
    assertMissing(new ErasedEntry(logged(ERASED), selfSigned).json(), "another key");
    var neverLogged =
        new Bundle(Samples.KEYS.sign(erasure(ERASED, hash, payload)), genuine.erasure().logged());
    assertMissing(new ErasedEntry(logged(ERASED), neverLogged).json(), "not that of this");
  }

  @Test
  void namesThePayloadAsMissingWhereTheErasureIsOfSomethingElse() {
    var hash = logged(ERASED).hash();
    var other = envelopes.get(1).payload();
    assertMissing(erased(erasure(ERASED, hash, other)).json(), "another payload");
    assertMissing(
        erased(erasure(ERASED, logged(1).hash(), envelopes.get(ERASED).payload())).json(),
        "another payload");
    var type = "https://fairway.dev/attestation/push/v1";
    assertMissing(
        erased(erasure(ERASED, hash, envelopes.get(ERASED).payload(), type)).json(),
        "is no erasure");
    var genuine = genuine();
    append(Samples.KEYS.sign(Samples.statement(99)));
    assertMissing(
        new ErasedEntry(logged(ERASED), genuine.erasure()).json(), "under another checkpoint");
  }

  @Test
  void tellsWhetherALeafLogsAPayload() {
    assertThat(LogAudit.logs(log.entry(2), envelopes.get(2).payload())).isTrue();
    assertThat(LogAudit.logs(log.entry(2), envelopes.get(1).payload())).isFalse();
    assertThat(LogAudit.logs(Bytes.of(new byte[] {1}), envelopes.get(1).payload())).isFalse();
  }
}
