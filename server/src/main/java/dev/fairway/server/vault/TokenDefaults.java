package dev.fairway.server.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The table `token_default`: what the organisation, and projects that decide otherwise, let the
/// tokens of jobs do whose workflow says nothing. Where nobody has decided, they read.
public final class TokenDefaults {
  private final Evidence evidence;
  private final InstantSource clock;

  TokenDefaults(Evidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  /// What the ledger says about a change.
  record TokenDefaultPredicate(
      @Nullable UUID project, @Nullable TokenDefault before, @Nullable TokenDefault after) {}

  /// What holds for jobs of the project.
  public static TokenDefault of(Handle tx, UUID project) {
    return tx.createQuery(
            """
            SELECT level FROM token_default WHERE project_id = :project OR project_id IS NULL
            ORDER BY project_id NULLS LAST LIMIT 1
            """)
        .bind("project", project)
        .mapTo(String.class)
        .findOne()
        .flatMap(TokenDefault::ofWord)
        .orElse(TokenDefault.READ);
  }

  /// What was decided for exactly that.
  ///
  /// @param project empty for the organisation
  Optional<TokenDefault> decided(Handle tx, Optional<UUID> project) {
    return tx.createQuery(
            """
            SELECT level FROM token_default
            WHERE project_id IS NOT DISTINCT FROM CAST(:project AS uuid)
            """)
        .bind("project", project.orElse(null))
        .mapTo(String.class)
        .findOne()
        .flatMap(TokenDefault::ofWord);
  }

  /// Decides; empty lets the organisation's hold again, or what holds where nobody has decided.
  void decide(Handle tx, Optional<UUID> project, Optional<TokenDefault> level, String by) {
    var before = decided(tx, project);
    if (before.equals(level)) {
      return;
    }
    tx.createUpdate(
            """
            DELETE FROM token_default WHERE project_id IS NOT DISTINCT FROM CAST(:project AS uuid)
            """)
        .bind("project", project.orElse(null))
        .execute();
    level.ifPresent(now ->
        tx.createUpdate(
                """
                INSERT INTO token_default (project_id, level, set_at, set_by)
                VALUES (:project, :level, :at, :by)
                """)
            .bind("project", project.orElse(null))
            .bind("level", now.word())
            .bind("at", clock.instant())
            .bind("by", by)
            .execute());
    record(tx, project, before, level, by);
  }

  private void record(
      Handle tx,
      Optional<UUID> project,
      Optional<TokenDefault> before,
      Optional<TokenDefault> after,
      String by) {
    var subject =
        Subject.sha256(
            "what tokens of jobs may do",
            sha256(project.map(UUID::toString).orElse("organisation")));
    evidence.record(
        tx,
        new Statement(
            PredicateType.TOKEN_DEFAULT,
            List.of(subject),
            new TokenDefaultPredicate(
                project.orElse(null), before.orElse(null), after.orElse(null)),
            project.map(id -> Set.of("project:" + id)).orElse(Set.of()),
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
