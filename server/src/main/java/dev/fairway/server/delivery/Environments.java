package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import dev.fairway.server.web.LiveEvents;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Applies definitions of environments, and remembers who changed which rule.
public final class Environments {
  /// There may be as many.
  static final int MAX_ENVIRONMENTS = 20;

  /// What applying one document did.
  ///
  /// @param result `created`, `changed` or `unchanged`
  /// @param changes the keys that differ, each with its value before and after as JSON
  public record Applied(String kind, String name, String result, List<Difference> changes) {
    public Applied {
      changes = List.copyOf(changes);
    }
  }

  /// One key of a definition that differs.
  public record Difference(String key, @Nullable JsonNode before, @Nullable JsonNode after) {}

  /// What the ledger says about a change of an environment.
  record EnvironmentPredicate(
      String environment,
      int version,
      @Nullable EnvironmentDefinition before,
      EnvironmentDefinition after,
      List<Difference> changes,
      String changedBy) {}

  private final Database database;
  private final Evidence evidence;
  private final InstantSource clock;
  private final Approvals approvals;
  private final JobGates gates;

  Environments(
      Database database,
      Evidence evidence,
      InstantSource clock,
      Approvals approvals,
      JobGates gates) {
    this.database = database;
    this.evidence = evidence;
    this.clock = clock;
    this.approvals = approvals;
    this.gates = gates;
  }

  /// The names of all environments, in their order.
  public List<String> names(Handle tx) {
    return EnvironmentStore.all(tx).stream().map(Environment::name).toList();
  }

  /// Applies every document of that file, or none.
  public List<Applied> apply(Caller caller, String file, String text) {
    var definitions = EnvironmentDefinition.parse(file, text);
    if (definitions.isEmpty()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE, file + " holds no document", "Write at least one.");
    }
    return database.transaction(tx -> {
      EnvironmentStore.lockAll(tx);
      var results = definitions.stream().map(each -> apply(tx, caller, each)).toList();
      checkPath(tx);
      return results;
    });
  }

  /// Applies one definition that was made from a version of the environment; 0 for a new one.
  ///
  /// @throws FairwayException CONFLICT where somebody else has changed it meanwhile
  Applied save(Caller caller, EnvironmentDefinition wanted, int version) {
    return database.transaction(tx -> {
      EnvironmentStore.lockAll(tx);
      var present = EnvironmentStore.find(tx, wanted.name());
      if (present.map(Environment::version).orElse(0) != version) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            present
                .map(it ->
                    version == 0
                        ? "There is an environment " + it.name()
                        : it.changedBy() + " has changed " + it.name() + " meanwhile")
                .orElse("There is no environment " + wanted.name()),
            "Look at it as it is now, and change it again.");
      }
      var applied = apply(tx, caller, wanted);
      checkPath(tx);
      return applied;
    });
  }

  private Applied apply(Handle tx, Caller caller, EnvironmentDefinition wanted) {
    var present =
        EnvironmentStore.find(tx, wanted.name()).isPresent()
            ? EnvironmentStore.lock(tx, wanted.name())
            : null;
    if (present != null && present.definition().equals(wanted)) {
      return new Applied("Environment", wanted.name(), "unchanged", List.of());
    }
    var before = present == null ? null : present.definition();
    var next =
        new Environment(
            wanted, present == null ? 1 : present.version() + 1, clock.instant(), caller.name());
    var changes = before == null ? List.<Difference>of() : differences(before, wanted);
    EnvironmentStore.put(tx, next);
    evidence.record(
        tx,
        new Statement(
            PredicateType.ENVIRONMENT,
            List.of(
                Subject.sha256(
                    wanted.name(), Release.sha256(Json.MAPPER.writeValueAsString(wanted)))),
            new EnvironmentPredicate(
                wanted.name(), next.version(), before, wanted, changes, caller.name()),
            Set.of(next.reference()),
            caller.name()));
    approvals.rulesChanged(tx, next);
    gates.rulesChanged(tx, next);
    LiveEvents.publish(tx, "environments");
    return new Applied(
        "Environment", wanted.name(), before == null ? "created" : "changed", changes);
  }

  /// Two environments in one place would leave the path of a release undefined.
  private static void checkPath(Handle tx) {
    var all = EnvironmentStore.all(tx);
    for (var i = 1; i < all.size(); i++) {
      var one = all.get(i - 1).definition();
      var other = all.get(i).definition();
      if (one.order() == other.order()) {
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE,
            "%s and %s both have the order %d".formatted(one.name(), other.name(), one.order()),
            "Give each environment a place of its own on the path.");
      }
    }
    if (all.size() > MAX_ENVIRONMENTS) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "There would be more than " + MAX_ENVIRONMENTS + " environments",
          "Every release passes all of them: use fewer.");
    }
  }

  static List<Difference> differences(EnvironmentDefinition before, EnvironmentDefinition after) {
    JsonNode old = Json.MAPPER.valueToTree(before);
    JsonNode fresh = Json.MAPPER.valueToTree(after);
    var keys = new TreeSet<>(old.propertyNames());
    keys.addAll(fresh.propertyNames());
    var differences = new ArrayList<Difference>();
    for (var key : keys) {
      var one = old.get(key);
      var other = fresh.get(key);
      if (!one.equals(other)) {
        differences.add(new Difference(key, one, other));
      }
    }
    return differences;
  }
}
