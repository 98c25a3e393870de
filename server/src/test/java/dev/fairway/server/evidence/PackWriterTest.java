package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.ledger.EvidencePack;
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
import java.time.InstantSource;
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

  @TempDir private Path folder;
  private TestDatabase test;
  private EvidenceModule module;

  @BeforeEach
  void startsALedger() {
    test = TestDatabase.create();
    module =
        EvidenceModule.create(
            test.database(),
            new EvidenceSettings(folder.resolve("keys")),
            new SecureRandom(),
            InstantSource.system());
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
      EvidencePack.write(out, module.pack(Set.of("release:v1"), "Release 1.1.0", "mia"));
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
  void refusesAPackAboutNothing() {
    assertThatThrownBy(() -> module.pack(Set.of("release:none"), "none", "mia"))
        .hasMessageContaining("nothing about release:none");
  }
}
