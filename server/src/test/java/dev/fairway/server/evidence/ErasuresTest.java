package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.ledger.EvidencePack;
import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.ProvenErasure;
import dev.fairway.ledger.ProvenPack;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ErasuresTest {
  private static final String PERSON = "Grace Hopper";

  @TempDir private Path folder;
  private final CountDownLatch holds = new CountDownLatch(1);
  private TestDatabase test;
  private Database database;
  private EvidenceModule module;

  @BeforeEach
  void recordsAnApproval() {
    test = TestDatabase.create();
    database = test.database();
    module =
        EvidenceModule.create(
            database,
            EvidenceModule.keys(folder.resolve("keys"), new SecureRandom()),
            InstantSource.system());
    module.start(List.of(new Holding()));
    record(PredicateType.RELEASE, "release:v1", "commit:c1");
    record(PredicateType.APPROVAL, "release:v1", "user:grace");
    record(PredicateType.DEPLOYMENT, "release:v1", "deployment:d1");
    awaitSize(3);
  }

  @AfterEach
  void stops() {
    holds.countDown();
    module.close();
    test.close();
  }

  /// Acts on runs, but not before it may.
  private final class Holding implements Subscriber {
    @Override
    public String name() {
      return "holding";
    }

    @Override
    public Set<PredicateType> types() {
      return Set.of(PredicateType.RUN);
    }

    @Override
    public void on(Handle tx, LedgerEntry entry) {
      try {
        assertThat(holds.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void record(PredicateType type, String... about) {
    database.run(tx ->
        module
            .evidence()
            .record(
                tx,
                new Statement(
                    type,
                    List.of(Subject.commit(PERSON + "'s project", "9f3c1ab0".repeat(5))),
                    Map.of("printedName", PERSON),
                    Set.of(about),
                    PERSON)));
  }

  private void awaitSize(long size) {
    var reached =
        new Announcements()
            .await(
                () -> database.read(tx -> Optional.of(Entries.size(tx)).filter(now -> now >= size)),
                Duration.ofSeconds(20));
    assertThat(reached).isPresent();
  }

  private LedgerReader reader() {
    return new LedgerReader(
        database,
        LedgerKeys.openOrCreate(folder.resolve("keys"), "unused", new SecureRandom()),
        InstantSource.system());
  }

  @Test
  void leavesTheLeafAndNothingOfThePayload() {
    var erasure = module.erase(1, "asked for by the person", "ada");

    var shown = reader().show(1);
    assertThat(shown.standing()).isEqualTo(LedgerReader.ERASED);
    assertThat(shown.listed().erased())
        .isNotNull()
        .satisfies(erased -> {
          assertThat(erased.index()).isEqualTo(erasure);
          assertThat(erased.actor()).isEqualTo("ada");
          assertThat(erased.reason()).isEqualTo("asked for by the person");
        });
    var row =
        database.read(tx ->
            tx.createQuery("SELECT CAST(e AS text) FROM ledger_entry e WHERE index = 1")
                .mapTo(String.class)
                .one());
    assertThat(row).contains("release:v1").doesNotContain("Grace", "user:grace");
    assertThat(reader().show(erasure).standing()).isEqualTo(LedgerReader.VERIFIED);
    var predicate = reader().show(erasure).listed().entry().predicate();
    assertThat(Schemas.flaws(Schemas.of(PredicateType.ERASURE).orElseThrow(), predicate)).isEmpty();
    try (var check = new SelfCheck(database, reader())) {
      assertThat(check.check()).isTrue();
    }
  }

  @Test
  void isProvenInAPackThatHoldsAnErasedEntry() throws Exception {
    module.erase(1, "asked for by the person", "ada");

    assertThat(verdict())
        .isInstanceOfSatisfying(
            Verdict.Verified.class,
            verified -> {
              var pack = (ProvenPack) verified.value();
              assertThat(pack.population().indices()).containsExactly(0L, 1L, 2L, 3L);
              assertThat(pack.entries().get(1))
                  .isInstanceOfSatisfying(
                      ProvenErasure.class,
                      gone -> {
                        assertThat(gone.by().index()).isEqualTo(3);
                        assertThat(gone.by().statement().context().actor()).isEqualTo("ada");
                        assertThat(gone.erasure().reason()).isEqualTo("asked for by the person");
                      });
            });
  }

  private Verdict<ProvenPack> verdict() throws Exception {
    var file = folder.resolve("pack.zip");
    try (var out = Files.newOutputStream(file)) {
      EvidencePack.write(out, module.pack(Set.of("release:v1"), Period.ALWAYS, "Release", "mia"));
    }
    return EvidencePack.verify(file, module.trustedKeys());
  }

  @Test
  void aPayloadThatWasDeletedWithoutAnErasureOfItIsNamedAsMissing() throws Exception {
    module.erase(1, "asked for by the person", "ada");
    // Whoever has the database claims the same of another entry.
    database.run(tx ->
        tx.execute(
            """
            UPDATE ledger_entry SET payload = NULL,
                   erasure = (SELECT erasure FROM ledger_entry WHERE index = 1)
             WHERE index = 2
            """));

    assertThat(verdict())
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              assertThat(refused.where()).isEqualTo("entries/00000002.json");
              assertThat(refused.message()).contains("payload is missing", "is of entry 1");
            });
    assertThat(reader().show(2).standing()).contains("the payload is missing");
    try (var check = new SelfCheck(database, reader())) {
      assertThat(check.check()).isFalse();
    }
  }

  @Test
  void whatIsShownIsWhatWasSigned() {
    database.run(tx ->
        tx.execute(
            "UPDATE ledger_entry SET predicate = '{}', actor = 'somebody else' WHERE index = 1"));

    var shown = reader().show(1);

    assertThat(shown.standing()).isEqualTo(LedgerReader.VERIFIED);
    assertThat(shown.listed().entry().actor()).isEqualTo(PERSON);
    assertThat(shown.listed().entry().predicate().path("printedName").asString()).isEqualTo(PERSON);
  }

  @Test
  void refusesWhatCannotBeErased() {
    var erasure = module.erase(1, "asked", "ada");
    var refused =
        Stream.of(
            new Refused(1, "again", "was erased already"),
            new Refused(erasure, "cover up", "says who erased"),
            new Refused(99, "why not", "no entry 99"),
            new Refused(0, " ", "needs a reason"),
            new Refused(0, "x".repeat(Erasures.MAX_REASON + 1), "needs a reason"));
    refused.forEach(one ->
        assertThatThrownBy(() -> module.erase(one.entry(), one.reason(), "ada"))
            .hasMessageContaining(one.message()));
    database.run(tx ->
        tx.execute("UPDATE ledger_entry SET payload = set_byte(payload, 5, 1) WHERE index = 0"));
    assertThatThrownBy(() -> module.erase(0, "cover up", "ada"))
        .hasMessageContaining("is not what was signed");
  }

  private record Refused(long entry, String reason, String message) {}

  @Test
  void waitsForThoseWhoHaveToActOnAnEntry() {
    record(PredicateType.RUN, "run:r1");
    awaitSize(4);
    assertThatThrownBy(() -> module.erase(3, "too early", "ada"))
        .hasMessageContaining("has still to be acted on");

    holds.countDown();

    assertThat(
            new Announcements()
                .await(
                    () ->
                        database.read(tx ->
                            tx.createQuery("SELECT next FROM ledger_cursor WHERE next > 3")
                                .mapTo(Long.class)
                                .findOne()),
                    Duration.ofSeconds(20)))
        .isPresent();
    assertThat(module.erase(3, "now", "ada")).isEqualTo(4);
  }

  @Test
  void aNewSubscriberPassesOverWhatWasErased() {
    module.erase(1, "asked", "ada");
    var seen = new ArrayList<Long>();
    var late =
        new Subscriber() {
          @Override
          public String name() {
            return "late";
          }

          @Override
          public Set<PredicateType> types() {
            return Set.of(PredicateType.RELEASE, PredicateType.APPROVAL, PredicateType.DEPLOYMENT);
          }

          @Override
          public void on(Handle tx, LedgerEntry entry) {
            seen.add(entry.index());
          }
        };
    try (var subscription = new Subscription(database, late, CrashObserver.NONE)) {
      while (subscription.deliverNext()) {
        assertThat(seen).isNotEmpty();
      }
    }
    assertThat(seen).containsExactly(0L, 2L);
  }
}
