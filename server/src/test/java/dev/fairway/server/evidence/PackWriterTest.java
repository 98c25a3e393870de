package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.ledger.EvidencePack;
import dev.fairway.ledger.Population;
import dev.fairway.ledger.Proven;
import dev.fairway.ledger.ProvenEntry;
import dev.fairway.ledger.ProvenErasure;
import dev.fairway.ledger.ProvenPack;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackWriterTest {
  private static final String SHA = "9f3c1ab0".repeat(5);

  private static final Instant START = Instant.parse("2026-11-01T12:00:00Z");

  @TempDir private Path folder;
  private volatile Instant now = START;
  private TestDatabase test;
  private EvidenceModule module;

  @BeforeEach
  void startsALedger() {
    test = TestDatabase.create();
    module =
        EvidenceModule.create(
            test.database(),
            EvidenceModule.keys(folder.resolve("keys"), new SecureRandom()),
            () -> now);
    module.start(List.of());
  }

  @AfterEach
  void stopsIt() {
    module.close();
    test.close();
  }

  private void record(PredicateType type, String... about) {
    test.database()
        .run(tx ->
            module
                .evidence()
                .record(
                    tx,
                    new Statement(
                        type,
                        List.of(Subject.commit("payments", SHA)),
                        Map.of("outcome", "success"),
                        Set.of(about),
                        "ada")));
  }

  @Test
  void packsEverythingThatHappenedToAReleaseAndNothingElse() throws Exception {
    record(PredicateType.PUSH, "commit:other");
    record(PredicateType.PUSH, "commit:c1");
    record(PredicateType.RUN, "commit:c1", "run:r1");
    record(PredicateType.JOB, "run:r1");
    record(PredicateType.RELEASE, "release:v1", "run:r1", "commit:c1");
    record(PredicateType.RELEASE, "release:v2", "run:r2", "commit:other");
    record(PredicateType.DEPLOYMENT, "release:v1", "deployment:d1", "environment:production");
    record(PredicateType.APPROVAL, "deployment:d1");
    record(PredicateType.ENVIRONMENT, "environment:production");
    awaitSize(9);

    var file = folder.resolve("pack.zip");
    try (var out = Files.newOutputStream(file)) {
      EvidencePack.write(
          out, module.pack(Set.of("release:v1"), Period.ALWAYS, "Release 1.1.0", "mia"));
    }

    assertThat(EvidencePack.verify(file, module.trustedKeys()))
        .isInstanceOfSatisfying(
            Verdict.Verified.class,
            verified -> {
              var pack = (ProvenPack) verified.value();
              assertThat(pack.population().title()).isEqualTo("Release 1.1.0");
              assertThat(pack.entries())
                  .extracting(entry -> type(entry))
                  .containsExactly(
                      PredicateType.PUSH,
                      PredicateType.RUN,
                      PredicateType.JOB,
                      PredicateType.RELEASE,
                      PredicateType.DEPLOYMENT,
                      PredicateType.APPROVAL,
                      PredicateType.POPULATION);
              assertThat(pack.entries().getLast())
                  .isInstanceOfSatisfying(
                      ProvenEntry.class,
                      claim -> assertThat(claim.statement().context().actor()).isEqualTo("mia"));
            });
  }

  private static PredicateType type(Proven entry) {
    return PredicateType.ofUri(
        switch (entry) {
          case ProvenEntry kept -> kept.statement().predicateType();
          case ProvenErasure gone -> gone.erasure().predicateType();
        });
  }

  private void awaitSize(long size) {
    var announcements = new Announcements();
    var reached =
        announcements.await(
            () ->
                test.database()
                    .read(tx -> Optional.of(Entries.size(tx)).filter(now -> now >= size)),
            Duration.ofSeconds(20));
    assertThat(reached).contains(size);
  }

  @Test
  void packsAPeriodWithEverythingInItAndNothingOutside() throws Exception {
    for (int day = 1; day <= 4; day++) {
      record(PredicateType.DEPLOYMENT, "environment:production", "deployment:d" + day);
      awaitSize(day);
      now = now.plus(Duration.ofDays(1));
    }

    assertThat(population(new Period(Optional.of(day(2)), Optional.of(day(4)))))
        .satisfies(claimed -> {
          assertThat(claimed.indices()).containsExactly(1L, 2L);
          assertThat(claimed.from()).isEqualTo(1);
          assertThat(claimed.to()).isEqualTo(3);
          assertThat(claimed.since()).contains(day(2));
          assertThat(claimed.until()).contains(day(4));
        });
    assertThat(population(new Period(Optional.of(day(4)), Optional.empty())).indices())
        .containsExactly(3L);
    assertThat(population(new Period(Optional.of(day(9)), Optional.empty())).indices()).isEmpty();
    assertThatThrownBy(() -> new Period(Optional.of(day(4)), Optional.of(day(4))))
        .hasMessageContaining("ends before it begins");
  }

  @Test
  void claimsNothingAboutAPeriodThatIsNotOver() {
    record(PredicateType.DEPLOYMENT, "environment:production");
    awaitSize(1);
    var open = new Period(Optional.empty(), Optional.of(now));
    assertThatThrownBy(() -> module.pack(Set.of("environment:production"), open, "Now", "mia"))
        .hasMessageContaining("is not over for long enough");
  }

  private static Instant day(int number) {
    return START.minusSeconds(1).plus(Duration.ofDays(number - 1L));
  }

  private Population population(Period period) throws Exception {
    var file = folder.resolve("period.zip");
    try (var out = Files.newOutputStream(file)) {
      EvidencePack.write(
          out, module.pack(Set.of("environment:production"), period, "Production", "mia"));
    }
    return switch (EvidencePack.verify(file, module.trustedKeys())) {
      case Verdict.Verified<ProvenPack>(var pack) -> pack.population();
      case Verdict.Refused<ProvenPack> refused -> throw new AssertionError(refused.message());
    };
  }

  @Test
  void refusesAPackAboutNothing() {
    assertThatThrownBy(() -> module.pack(Set.of("release:none"), Period.ALWAYS, "none", "mia"))
        .hasMessageContaining("nothing about release:none");
  }
}
