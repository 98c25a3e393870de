package dev.fairway.server.identity;

import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What of this package goes into evidence, and in which words.
final class Statements {
  private final Evidence evidence;

  Statements(Evidence evidence) {
    this.evidence = evidence;
  }

  void signedIn(Handle tx, User user, String address) {
    record(
        tx,
        PredicateType.SIGN_IN,
        subject("user", user.id(), user.name()),
        Map.of("user", user.name(), "result", "success", "address", address),
        Set.of("user:" + user.id()),
        user.name());
  }

  /// A name that is nobody's is not written down: people type passwords into the wrong field.
  void signInFailed(Handle tx, @Nullable User user, String reason, String address) {
    var name = user == null ? "" : user.name();
    record(
        tx,
        PredicateType.SIGN_IN,
        user == null
            ? Subject.sha256("unknown user", hex("unknown user"))
            : subject("user", user.id(), name),
        Map.of("user", name, "result", "failure", "reason", reason, "address", address),
        user == null ? Set.of() : Set.of("user:" + user.id()),
        name.isEmpty() ? "nobody" : name);
  }

  /// A person came, left, or was given or lost a role.
  void userChanged(Handle tx, String event, User before, User after, String actor) {
    record(
        tx,
        PredicateType.ROLE,
        subject("user", after.id(), after.name()),
        Map.of(
            "event", event,
            "user", after.name(),
            "fullName", after.fullName(),
            "before", before.roleWords(),
            "after", after.roleWords(),
            "active", after.active()),
        Set.of("user:" + after.id()),
        actor);
  }

  void tokenChanged(
      Handle tx,
      String kind,
      String event,
      UUID id,
      String name,
      String owner,
      Map<String, Object> more,
      String actor) {
    var predicate = new LinkedHashMap<String, Object>(more);
    predicate.put("kind", kind);
    predicate.put("event", event);
    predicate.put("name", name);
    predicate.put("owner", owner);
    record(
        tx, PredicateType.TOKEN, subject(kind, id, name), predicate, Set.of("token:" + id), actor);
  }

  private void record(
      Handle tx,
      PredicateType type,
      Subject subject,
      Object predicate,
      Set<String> about,
      String actor) {
    evidence.record(tx, new Statement(type, List.of(subject), predicate, about, actor));
  }

  private static Subject subject(String kind, UUID id, String name) {
    return Subject.sha256(kind + " " + name, hex(kind + ":" + id));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(Secrets.hash(text));
  }
}
