package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Links that work once and end: for the first administrator, and for people who were invited.
final class OneTimeLinks {
  static final Duration SETUP_LIFE = Duration.ofDays(1);
  static final Duration INVITATION_LIFE = Duration.ofDays(7);

  private final InstantSource clock;
  private final Secrets secrets;

  OneTimeLinks(InstantSource clock, Secrets secrets) {
    this.clock = clock;
    this.secrets = secrets;
  }

  /// A new setup link's secret; the earlier ones end.
  String setup(Handle tx) {
    tx.execute("DELETE FROM one_time_link WHERE user_id IS NULL");
    return create(tx, null, SETUP_LIFE);
  }

  /// A new invitation's secret; the person's earlier ones end.
  String invitation(Handle tx, UUID userId) {
    endOf(tx, userId);
    return create(tx, userId, INVITATION_LIFE);
  }

  void endOf(Handle tx, UUID userId) {
    tx.createUpdate("DELETE FROM one_time_link WHERE user_id = :user")
        .bind("user", userId)
        .execute();
  }

  private String create(Handle tx, @Nullable UUID userId, Duration life) {
    var secret = secrets.next(Secrets.LINK);
    tx.createUpdate(
            """
            INSERT INTO one_time_link (token_hash, user_id, expires_at)
            VALUES (:hash, :user, :expires)
            """)
        .bind("hash", Secrets.hash(secret))
        .bind("user", userId)
        .bind("expires", clock.instant().plus(life))
        .execute();
    return secret;
  }

  /// Refuses a setup link that does not work (any more).
  void requireSetup(Handle tx, String secret) {
    boolean works =
        tx.createQuery(
                """
                SELECT EXISTS (
                  SELECT 1 FROM one_time_link
                  WHERE token_hash = :hash AND user_id IS NULL AND used_at IS NULL
                    AND expires_at > :now)
                """)
            .bind("hash", Secrets.hash(secret))
            .bind("now", clock.instant())
            .mapTo(Boolean.class)
            .one();
    if (!works) {
      throw ended("Start the server again: it prints a new one while it has no administrator.");
    }
  }

  /// Whose invitation it is.
  UUID requireInvitation(Handle tx, String secret) {
    return tx.createQuery(
            """
            SELECT user_id FROM one_time_link
            WHERE token_hash = :hash AND user_id IS NOT NULL AND used_at IS NULL
              AND expires_at > :now
            """)
        .bind("hash", Secrets.hash(secret))
        .bind("now", clock.instant())
        .mapTo(UUID.class)
        .findOne()
        .orElseThrow(() -> ended("Ask an administrator for a new one."));
  }

  /// Uses the link up. Of two who try at the same time, one does.
  void use(Handle tx, String secret) {
    Optional<Integer> used =
        tx.createQuery(
                """
                UPDATE one_time_link SET used_at = :now
                WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now
                RETURNING 1
                """)
            .bind("hash", Secrets.hash(secret))
            .bind("now", clock.instant())
            .mapTo(Integer.class)
            .findOne();
    if (used.isEmpty()) {
      throw ended("Ask for a new one.");
    }
  }

  private static FairwayException ended(String next) {
    return new FairwayException(
        ErrorCode.NOT_FOUND, "This link was used already, or has ended", next);
  }
}
