package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;

class BundleTest {
  private static final int SIZE = 21;
  private static final int INDEX = 13;
  private static final List<Bundle> BUNDLES = Samples.bundles(new MemoryTileStore(), SIZE);
  private static final Bundle BUNDLE = BUNDLES.get(INDEX);
  private static final TrustedKeys KEYS = Samples.KEYS.trusted();

  private static Verdict<Proven> verify(String json) {
    return EntryProof.verify(json.getBytes(StandardCharsets.UTF_8), KEYS);
  }

  private static Flaw flaw(Bundle bundle) {
    return flaw(bundle.json(), KEYS);
  }

  private static Flaw flaw(String json, TrustedKeys keys) {
    return switch (EntryProof.verify(json.getBytes(StandardCharsets.UTF_8), keys)) {
      case Verdict.Refused<Proven> refused -> refused.flaw();
      case Verdict.Verified<Proven> verified -> throw new AssertionError(verified.toString());
    };
  }

  private static Bytes flipped(Bytes bytes, int at) {
    var changed = bytes.toArray();
    changed[at] ^= 1;
    return Bytes.of(changed);
  }

  @Test
  void provesEveryEntryOfALog() {
    for (int i = 0; i < SIZE; i++) {
      var number = i;
      assertThat(verify(BUNDLES.get(i).json()))
          .isInstanceOfSatisfying(
              Verdict.Verified.class,
              v -> {
                var proven = (ProvenEntry) v.value();
                assertThat(proven.index()).isEqualTo(number);
                assertThat(proven.statement()).isEqualTo(Samples.statement(number));
                assertThat(proven.checkpoint().size()).isEqualTo(SIZE);
              });
    }
  }

  @Test
  void refusesTheChangeOfAnySingleByte() {
    var json = BUNDLE.json().getBytes(StandardCharsets.UTF_8);
    IntStream.range(0, json.length)
        .parallel()
        .forEach(at -> {
          var changed = json.clone();
          changed[at] ^= 1;
          assertThat(EntryProof.verify(changed, KEYS))
              .as("byte %d", at)
              .isInstanceOf(Verdict.Refused.class);
        });
  }

  @Test
  void namesAChangedPayloadSignatureOrKey() {
    var e = BUNDLE.envelope();
    assertThat(
            flaw(
                with(
                    new Envelope(
                        e.payloadType(), flipped(e.payload(), 40), e.keyId(), e.signature()))))
        .isEqualTo(Flaw.BAD_SIGNATURE);
    assertThat(
            flaw(
                with(
                    new Envelope(
                        e.payloadType(), e.payload(), e.keyId(), flipped(e.signature(), 20)))))
        .isEqualTo(Flaw.BAD_SIGNATURE);
    assertThat(flaw(with(new Envelope("text/plain", e.payload(), e.keyId(), e.signature()))))
        .isEqualTo(Flaw.UNSUPPORTED);
    var others = LedgerKeys.generate(Samples.ORIGIN, new SecureRandom());
    assertThat(flaw(BUNDLE.json(), others.trusted())).isEqualTo(Flaw.WRONG_KEY);
    assertThat(flaw(with(others.sign(Samples.statement(INDEX))))).isEqualTo(Flaw.WRONG_KEY);
  }

  @Test
  void namesAGenuineStatementThatWasNotLoggedHere() {
    assertThat(flaw(with(BUNDLES.get(1).envelope()))).isEqualTo(Flaw.WRONG_ENTRY);
    assertThat(flaw(with(Samples.KEYS.sign(Samples.statement(INDEX))))).isEqualTo(Flaw.WRONG_ENTRY);
  }

  @Test
  void namesAChangedProof() {
    var p = BUNDLE.logged().proof();
    var reversed = p.path().reversed();
    assertThat(flaw(with(new InclusionProof(p.index(), p.size(), reversed))))
        .isEqualTo(Flaw.BAD_INCLUSION);
    assertThat(flaw(with(new InclusionProof(p.index() - 1, p.size(), p.path()))))
        .isEqualTo(Flaw.BAD_INCLUSION);
    assertThat(flaw(with(new InclusionProof(p.index(), p.size() + 1, p.path()))))
        .isEqualTo(Flaw.BAD_INCLUSION);
  }

  @Test
  void namesAChangedCheckpoint() {
    assertThat(flaw(with(BUNDLE.logged().checkpoint().replace("\n21\n", "\n22\n"))))
        .isEqualTo(Flaw.BAD_CHECKPOINT_SIGNATURE);
    assertThat(flaw(with(BUNDLE.logged().checkpoint().replace("\n21\n", "\n021\n"))))
        .isEqualTo(Flaw.BAD_CHECKPOINT);
    assertThat(
            flaw(with(BUNDLE.logged().checkpoint().replace(Samples.ORIGIN, "other.example.test"))))
        .isEqualTo(Flaw.WRONG_LOG);
    var unsigned =
        BUNDLE
            .logged()
            .checkpoint()
            .replace("\u2014 " + Samples.ORIGIN, "\u2014 witness.example.test");
    assertThat(flaw(with(unsigned))).isEqualTo(Flaw.BAD_CHECKPOINT_SIGNATURE);
    assertThat(flaw(with(BUNDLE.logged().checkpoint() + "\n"))).isEqualTo(Flaw.BAD_CHECKPOINT);
  }

  @Test
  void acceptsCosignaturesOfWitnessesBesideTheLogsOwn() {
    var cosigned = BUNDLE.logged().checkpoint() + "\u2014 witness.example.test AAAAAQIDBAU=\n";
    assertThat(verify(with(cosigned).json())).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void refusesTwoSignaturesTwoLogEntriesAndUnknownMembers() {
    var json = BUNDLE.json();
    assertThat(flaw(json.replace("\"signatures\":[", "\"signatures\":[{},"), KEYS))
        .isEqualTo(Flaw.MALFORMED);
    assertThat(flaw(json.replace("\"tlogEntries\":[", "\"tlogEntries\":[{},"), KEYS))
        .isEqualTo(Flaw.MALFORMED);
    assertThat(flaw(json.replace("{\"mediaType\"", "{\"extra\":1,\"mediaType\""), KEYS))
        .isEqualTo(Flaw.MALFORMED);
    assertThat(flaw(json.replace("v0.3+json", "v0.2+json"), KEYS)).isEqualTo(Flaw.UNSUPPORTED);
  }

  @Test
  void agreesWithAnIndependentlyWrittenBundle() throws Exception {
    var sample = Path.of("../../shared/spec/evidence-sample");
    Assumptions.assumeThat(sample).as("the sample bundle is not on this machine").exists();
    var root = Files.readString(sample.resolve("trusted_root.json"));
    var log = root.replaceAll("(?s).*\"rawBytes\":\"([^\"]+)\".*", "$1");
    var pem =
        "Origin: ledger.example.com/evidence\n"
            + Files.readString(sample.resolve("key.pem"))
            + "-----BEGIN PUBLIC KEY-----\n"
            + log
            + "\n-----END PUBLIC KEY-----\n";
    // Signature, leaf, proof and checkpoint hold; only the context, which is Fairway's own, is not
    // in it.
    assertThat(
            EntryProof.verify(
                Files.readAllBytes(sample.resolve("bundle.json")), TrustedKeys.parse(pem)))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            r -> {
              assertThat(r.flaw()).isEqualTo(Flaw.BAD_STATEMENT);
              assertThat(r.detail()).contains("context/v1 is missing");
            });
  }

  private static Bundle with(Envelope envelope) {
    return new Bundle(envelope, BUNDLE.logged());
  }

  private static Bundle with(InclusionProof proof) {
    var l = BUNDLE.logged();
    return with(new LoggedLeaf(l.leaf(), proof, l.root(), l.logId(), l.checkpoint()));
  }

  private static Bundle with(String checkpoint) {
    var l = BUNDLE.logged();
    return with(new LoggedLeaf(l.leaf(), l.proof(), l.root(), l.logId(), checkpoint));
  }

  private static Bundle with(LoggedLeaf logged) {
    return new Bundle(BUNDLE.envelope(), logged);
  }
}
