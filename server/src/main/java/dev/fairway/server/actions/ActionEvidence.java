package dev.fairway.server.actions;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.Json;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What the ledger says about actions: which commit a name was locked to, that a tag moved, who
/// removed a lock, and who changed whose actions may be used.
final class ActionEvidence {
  private static final String US = "fairway";

  /// @param event `locked`, `moved`, `unlocked` or `settings`
  /// @param movedTo where a tag or branch that moved stands now
  record ActionPredicate(
      String event,
      @Nullable String reference,
      @Nullable String kind,
      @Nullable String sha,
      @Nullable String location,
      @Nullable String movedTo,
      @Nullable ActionSettings before,
      @Nullable ActionSettings after) {}

  private final Evidence evidence;

  ActionEvidence(Evidence evidence) {
    this.evidence = evidence;
  }

  void locked(Handle tx, ActionLock lock) {
    record(tx, "locked", lock, null, lock.lockedBy());
  }

  void moved(Handle tx, ActionLock lock, String to) {
    record(tx, "moved", lock, to, US);
  }

  void unlocked(Handle tx, ActionLock lock, String by) {
    record(tx, "unlocked", lock, lock.movedTo(), by);
  }

  void settings(Handle tx, ActionSettings before, ActionSettings after, String by) {
    var predicate = new ActionPredicate("settings", null, null, null, null, null, before, after);
    var subject =
        Subject.sha256("the actions' settings", sha256(Json.MAPPER.writeValueAsString(after)));
    evidence.record(
        tx, new Statement(PredicateType.ACTION, List.of(subject), predicate, Set.of(), by));
  }

  private void record(
      Handle tx, String event, ActionLock lock, @Nullable String movedTo, String by) {
    var predicate =
        new ActionPredicate(
            event, lock.reference(), lock.kind(), lock.sha(), lock.location(), movedTo, null, null);
    evidence.record(
        tx,
        new Statement(
            PredicateType.ACTION,
            List.of(Subject.commit(lock.repository(), lock.sha())),
            predicate,
            Set.of("action:" + lock.repository()),
            by));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
