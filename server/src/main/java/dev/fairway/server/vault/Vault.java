package dev.fairway.server.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Secrets and variables: set and removed by people, given to jobs.
public final class Vault {
  /// What the ledger says about a change; never a value.
  ///
  /// @param event `set` or `removed`, or `resealed` where all secrets got a new key
  /// @param name empty for `resealed`
  /// @param scope see [Scope#word]
  record SecretPredicate(
      Kind kind,
      String event,
      String name,
      String scope,
      @Nullable UUID project,
      @Nullable String environment) {}

  private final Evidence evidence;
  private final InstantSource clock;
  private final SecretKeys keys;

  public Vault(Evidence evidence, InstantSource clock, SecretKeys keys) {
    this.evidence = evidence;
    this.clock = clock;
    this.keys = keys;
  }

  /// The secrets of a job, in clear, by name in capitals.
  ///
  /// @param environment the one that the job names and whose rules have let it through; empty where
  ///   it names none, or waits
  public SortedMap<String, String> secretsOf(
      Handle tx, UUID project, Optional<String> environment) {
    var secrets = new TreeMap<String, String>();
    var rows = new TreeMap<String, VaultStore.Row>();
    for (var row : VaultStore.secretsFor(tx, project, environment.orElse(null))) {
      rows.put(row.name(), row);
    }
    rows.forEach((name, row) -> secrets.put(name, keys.open(row.sealed(), row.place())));
    return secrets;
  }

  /// The variables of a run, or of a job that names an environment.
  public SortedMap<String, String> variablesOf(
      Handle tx, UUID project, Optional<String> environment) {
    var variables = new TreeMap<String, String>();
    for (var variable : VaultStore.variablesFor(tx, project, environment.orElse(null))) {
      variables.put(variable.name(), variable.value());
    }
    return variables;
  }

  /// What that scope itself has, by name.
  List<Setting> list(Handle tx, Kind kind, Scope scope) {
    return VaultStore.list(tx, kind, scope);
  }

  /// Sets a secret or variable, new or anew.
  void set(Handle tx, Kind kind, Scope scope, String given, String value, String by) {
    var name = kind.checkedName(given);
    kind.checkValue(value);
    VaultStore.shareKeys(tx);
    switch (kind) {
      case SECRET ->
          VaultStore.putSecret(
              tx,
              scope,
              name,
              keys.seal(value, VaultStore.Row.place(scope, name)),
              clock.instant(),
              by);
      case VARIABLE -> VaultStore.putVariable(tx, scope, name, value, clock.instant(), by);
    }
    if (VaultStore.list(tx, kind, scope).size() > VaultLimits.MAX_PER_SCOPE) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "There are " + VaultLimits.MAX_PER_SCOPE + " of them already",
          "Remove some that nobody needs.");
    }
    record(tx, kind, "set", name, scope, by);
  }

  void remove(Handle tx, Kind kind, Scope scope, String given, String by) {
    var name = kind.checkedName(given);
    if (!VaultStore.remove(tx, kind, scope, name)) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "There is no " + kind.word() + " " + name + " there",
          "List them, and mind their scope.");
    }
    record(tx, kind, "removed", name, scope, by);
  }

  /// Makes a new key and seals every secret with it; the older keys are forgotten.
  ///
  /// The new key is on the disk before anything is sealed with it, and the old ones stay there
  /// until nothing needs them, so that a crash in between loses nothing.
  ///
  /// @return how many secrets got the new key
  int rotate(Database database, String by) {
    var count =
        database.transaction(tx -> {
          VaultStore.holdKeys(tx);
          keys.renew();
          var rows = VaultStore.sealedByOthers(tx, keys.current());
          for (var row : rows) {
            var value = keys.open(row.sealed(), row.place());
            VaultStore.reseal(tx, row.id(), keys.seal(value, row.place()));
          }
          record(tx, Kind.SECRET, "resealed", "", Scope.ORGANISATION, by);
          return rows.size();
        });
    database.run(tx -> {
      VaultStore.holdKeys(tx);
      keys.retire(VaultStore.neededKeys(tx));
    });
    return count;
  }

  private void record(Handle tx, Kind kind, String event, String name, Scope scope, String by) {
    var about = new HashSet<String>();
    scope.project().ifPresent(project -> about.add("project:" + project));
    scope.environment().ifPresent(environment -> about.add("environment:" + environment));
    var subject = name.isEmpty() ? "the secrets' key" : kind.word() + " " + name;
    evidence.record(
        tx,
        new Statement(
            PredicateType.SECRET,
            List.of(
                Subject.sha256(
                    subject, sha256(kind.word() + ":" + VaultStore.Row.place(scope, name)))),
            new SecretPredicate(
                kind,
                event,
                name,
                scope.word(),
                scope.project().orElse(null),
                scope.environment().orElse(null)),
            Set.copyOf(about),
            by));
  }

  /// A secret has no bytes that anybody may see; its subject is its scope and name.
  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
