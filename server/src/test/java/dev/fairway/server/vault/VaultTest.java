package dev.fairway.server.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.Schemas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VaultTest {
  private static final String VALUE = "open-sesame-4711";

  @TempDir Path folder;

  private TestDatabase test;
  private Vault vault;
  private Path keyFile;
  private UUID payments;
  private UUID ledger;

  @BeforeEach
  void start() {
    test = TestDatabase.create();
    keyFile = folder.resolve("secret-keys");
    vault = open(SecretKeys.in(keyFile, new SecureRandom()));
    payments = project("payments");
    ledger = project("ledger");
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private static Vault open(SecretKeys keys) {
    var clock = InstantSource.system();
    return new Vault(new Evidence(clock), clock, keys);
  }

  private UUID project(String name) {
    var id = Ids.next();
    run(tx ->
        tx.createUpdate(
                """
                INSERT INTO project (id, name, description, default_branch, created_at, created_by)
                VALUES (:id, :name, '', 'main', now(), 'ada')
                """)
            .bind("id", id)
            .bind("name", name)
            .execute());
    return id;
  }

  private void run(Consumer<Handle> work) {
    test.database().run(work);
  }

  private void secret(Scope scope, String name, String value) {
    run(tx -> vault.set(tx, Kind.SECRET, scope, name, value, "ada"));
  }

  private Map<String, String> secrets(UUID project, String environment) {
    var named = Optional.of(environment).filter(it -> !it.isEmpty());
    return test.database().read(tx -> vault.secretsOf(tx, project, named));
  }

  private List<Setting> list(Kind kind) {
    return test.database().read(tx -> vault.list(tx, kind, Scope.ofProject(payments)));
  }

  @Test
  void theNarrowerScopeWins() {
    var here = new Scope(Optional.of(payments), Optional.of("production"));
    secret(Scope.ORGANISATION, "TOKEN", "organisation");
    secret(Scope.ORGANISATION, "MIRROR", "everywhere");
    secret(Scope.ofProject(payments), "token", "project");
    secret(Scope.ofEnvironment("production"), "Token", "environment");
    secret(here, "TOKEN", "project in environment");

    assertThat(secrets(ledger, ""))
        .isEqualTo(Map.of("TOKEN", "organisation", "MIRROR", "everywhere"));
    assertThat(secrets(payments, "")).containsEntry("TOKEN", "project").hasSize(2);
    assertThat(secrets(payments, "staging")).containsEntry("TOKEN", "project");
    assertThat(secrets(ledger, "production")).containsEntry("TOKEN", "environment");
    assertThat(secrets(payments, "production")).containsEntry("TOKEN", "project in environment");
  }

  @Test
  void variablesFollowTheSameRule() {
    run(tx -> {
      vault.set(tx, Kind.VARIABLE, Scope.ORGANISATION, "REGION", "eu", "ada");
      vault.set(tx, Kind.VARIABLE, Scope.ofProject(payments), "REGION", "us", "ada");
    });

    assertThat(
            test.database()
                .<Map<String, String>>read(tx -> vault.variablesOf(tx, payments, Optional.empty())))
        .isEqualTo(Map.of("REGION", "us"));
    assertThat(list(Kind.VARIABLE)).extracting(Setting::value).containsExactly("us");
  }

  @Test
  void noTableHasAValueAndNoListAnswersOne() {
    secret(Scope.ofProject(payments), "TOKEN", VALUE);
    run(tx -> vault.remove(tx, Kind.SECRET, Scope.ofProject(payments), "token", "ada"));
    secret(Scope.ofProject(payments), "TOKEN", VALUE);

    var stored =
        test.database()
            .read(tx ->
                tx.createQuery(
                        """
                        SELECT s::text || encode(s.sealed, 'escape') FROM secret s
                        UNION ALL SELECT l::text || encode(l.payload, 'escape') FROM ledger_entry l
                        """)
                    .mapTo(String.class)
                    .list());
    assertThat(stored).hasSize(4).noneMatch(row -> row.contains("sesame"));
    assertThat(list(Kind.SECRET))
        .singleElement()
        .satisfies(setting -> {
          assertThat(setting.name()).isEqualTo("TOKEN");
          assertThat(setting.value()).isNull();
        });
    assertThat(Schemas.requireLedgerToFit(test.database())).hasSize(1);
  }

  @Test
  void aSealedValueThatSomebodyMovedToAnotherNameOpensNothing() {
    secret(Scope.ofProject(payments), "TOKEN", VALUE);
    run(tx -> tx.execute("UPDATE secret SET name = 'HARMLESS'"));

    assertThatThrownBy(() -> secrets(payments, ""))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("changed or damaged")
        .hasMessageNotContaining(VALUE);
  }

  @Test
  void aNewKeySealsEverythingAndTheOldOneIsForgotten() throws Exception {
    secret(Scope.ORGANISATION, "ONE", VALUE);
    secret(Scope.ofProject(payments), "TWO", "two");
    var before = Files.readString(keyFile);

    assertThat(vault.rotate(test.database(), "ada")).isEqualTo(2);

    assertThat(Files.readString(keyFile)).doesNotContain(before).hasSize(before.length());
    assertThat(secrets(payments, "")).isEqualTo(Map.of("ONE", VALUE, "TWO", "two"));
    assertThat(Files.getPosixFilePermissions(keyFile))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void keysThatTheOperatorGivesReplaceEachOtherInTheirOrder() throws Exception {
    var old = Files.readString(keyFile);
    secret(Scope.ORGANISATION, "ONE", VALUE);
    var fresh = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    open(SecretKeys.given(fresh + "," + old, new SecureRandom())).rotate(test.database(), "ada");

    vault = open(SecretKeys.given(fresh, new SecureRandom()));
    assertThat(secrets(payments, "")).containsEntry("ONE", VALUE);
  }

  @Test
  void aMissingKeyIsNamed() {
    secret(Scope.ORGANISATION, "ONE", VALUE);
    vault = open(TestVault.keys());

    assertThatThrownBy(() -> secrets(payments, ""))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
        .hasMessageContaining("is missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1ST", "WITH-DASH", "WITH SPACE", "GITHUB_TOKEN", "github_x", "ÄPFEL"})
  void refusesNamesThatAreNone(String name) {
    assertThatThrownBy(() -> secret(Scope.ORGANISATION, name, VALUE))
        .isInstanceOf(FairwayException.class)
        .hasMessageNotContaining(VALUE);
  }

  @Test
  void refusesValuesThatNobodyCanUse() {
    var long49 = "x".repeat(VaultLimits.MAX_VALUE_BYTES + 1);

    assertThatThrownBy(() -> secret(Scope.ORGANISATION, "LONG", long49))
        .hasMessageContaining("are allowed");
    assertThatThrownBy(() -> secret(Scope.ORGANISATION, "NUL", "a\0b")).hasMessageContaining("NUL");
    assertThatThrownBy(() -> secret(Scope.ORGANISATION, "EMPTY", " "))
        .hasMessageContaining("empty");
    secret(Scope.ORGANISATION, "LONGEST", "x".repeat(VaultLimits.MAX_VALUE_BYTES));
  }

  @Test
  void removingWhatIsNotThereIsAnError() {
    assertThatThrownBy(
            () -> run(tx -> vault.remove(tx, Kind.SECRET, Scope.ORGANISATION, "NONE", "ada")))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void whatOneKeySignedNoOtherTextHas() {
    var keys = SecretKeys.in(keyFile, new SecureRandom());
    var signature = keys.sign("upload 1");

    assertThat(keys.signed("upload 1", signature)).isTrue();
    assertThat(keys.signed("upload 2", signature)).isFalse();
    assertThat(TestVault.keys().signed("upload 1", signature)).isFalse();
  }
}
