package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Browsers that are signed in. A session ends after a time of rest, and after a time in all.
public final class Sessions {
  static final Duration IDLE = Duration.ofHours(12);
  static final Duration ABSOLUTE = Duration.ofDays(7);

  /// How exactly the time of rest is kept: a write per session and that time.
  private static final Duration SEEN_STEP = Duration.ofMinutes(1);

  private static final int MAX_BROWSER_CHARS = 200;

  /// One more ends the one that rested longest.
  static final int MAX_SESSIONS_OF_A_USER = 20;

  /// A session as its owner sees it.
  public record Session(
      UUID id, String address, String browser, Instant createdAt, Instant lastSeenAt) {
    private static final List<String> BROWSERS =
        List.of("Firefox", "Edg", "OPR", "HeadlessChrome", "Chrome", "Safari", "curl");

    /// The browser's name, as far as its own words tell.
    public String shortBrowser() {
      return BROWSERS.stream().filter(browser::contains).findFirst().orElse("Browser");
    }
  }

  private record Found(UUID id, User user, Instant lastSeenAt) {}

  private final Database database;
  private final InstantSource clock;
  private final Secrets secrets;

  Sessions(Database database, InstantSource clock, Secrets secrets) {
    this.database = database;
    this.clock = clock;
    this.secrets = secrets;
  }

  /// Makes a session and returns the secret of its cookie.
  String create(Handle tx, UUID userId, String address, String browser) {
    var secret = secrets.next(Secrets.SESSION);
    var now = clock.instant();
    tx.createUpdate(
            """
            INSERT INTO user_session
              (id, token_hash, user_id, address, browser, created_at, last_seen_at)
            VALUES (:id, :hash, :user, :address, :browser, :now, :now)
            """)
        .bind("id", Ids.next())
        .bind("hash", Secrets.hash(secret))
        .bind("user", userId)
        .bind("address", address)
        .bind("browser", browser.substring(0, Math.min(browser.length(), MAX_BROWSER_CHARS)))
        .bind("now", now)
        .execute();
    deleteEnded(tx);
    deleteBeyondLimit(tx, userId);
    return secret;
  }

  /// Who that session belongs to, while it lasts.
  Optional<Caller> caller(String secret) {
    if (!secret.startsWith(Secrets.SESSION)) {
      return Optional.empty();
    }
    var found = database.read(tx -> find(tx, secret));
    found
        .filter(session -> session.lastSeenAt().isBefore(clock.instant().minus(SEEN_STEP)))
        .ifPresent(session -> database.run(tx -> seen(tx, session.id())));
    return found.map(session -> caller(session.user(), secret));
  }

  private Optional<Found> find(Handle tx, String secret) {
    var now = clock.instant();
    return tx.createQuery(
            """
            SELECT u.*, s.id AS session_id, s.last_seen_at
            FROM user_session s
            JOIN app_user u ON u.id = s.user_id
            WHERE s.token_hash = :hash AND u.active AND s.last_seen_at > :idle
              AND s.created_at > :absolute
            """)
        .bind("hash", Secrets.hash(secret))
        .bind("idle", now.minus(IDLE))
        .bind("absolute", now.minus(ABSOLUTE))
        .map((row, context) ->
            new Found(
                row.getObject("session_id", UUID.class),
                User.map(row, context),
                row.getObject("last_seen_at", OffsetDateTime.class).toInstant()))
        .findOne();
  }

  private static Caller caller(User user, String secret) {
    return new Caller(
        Caller.Kind.PERSON,
        user.id(),
        user.name(),
        user.roles(),
        Permission.of(user.roles()),
        Secrets.csrf(secret));
  }

  private void seen(Handle tx, UUID id) {
    tx.createUpdate("UPDATE user_session SET last_seen_at = :now WHERE id = :id")
        .bind("now", clock.instant())
        .bind("id", id)
        .execute();
  }

  private void deleteEnded(Handle tx) {
    var now = clock.instant();
    tx.createUpdate(
            """
            DELETE FROM user_session WHERE last_seen_at <= :idle OR created_at <= :absolute
            """)
        .bind("idle", now.minus(IDLE))
        .bind("absolute", now.minus(ABSOLUTE))
        .execute();
  }

  private void deleteBeyondLimit(Handle tx, UUID userId) {
    tx.createUpdate(
            """
            DELETE FROM user_session WHERE id IN (
              SELECT id FROM user_session WHERE user_id = :user
              ORDER BY last_seen_at DESC, id DESC OFFSET :limit)
            """)
        .bind("user", userId)
        .bind("limit", MAX_SESSIONS_OF_A_USER)
        .execute();
  }

  List<Session> of(Handle tx, UUID userId) {
    var now = clock.instant();
    return tx.createQuery(
            """
            SELECT id, address, browser, created_at, last_seen_at
            FROM user_session
            WHERE user_id = :user AND last_seen_at > :idle AND created_at > :absolute
            ORDER BY last_seen_at DESC, id DESC
            """)
        .bind("user", userId)
        .bind("idle", now.minus(IDLE))
        .bind("absolute", now.minus(ABSOLUTE))
        .map((row, _) ->
            new Session(
                row.getObject("id", UUID.class),
                row.getString("address"),
                row.getString("browser"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("last_seen_at", OffsetDateTime.class).toInstant()))
        .list();
  }

  /// Which session a cookie's secret is of.
  Optional<UUID> idOf(Handle tx, String secret) {
    return tx.createQuery("SELECT id FROM user_session WHERE token_hash = :hash")
        .bind("hash", Secrets.hash(secret))
        .mapTo(UUID.class)
        .findOne();
  }

  /// Ends one session of the person.
  void end(Handle tx, UUID userId, UUID id) {
    var ended =
        tx.createUpdate("DELETE FROM user_session WHERE id = :id AND user_id = :user")
            .bind("id", id)
            .bind("user", userId)
            .execute();
    if (ended == 0) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "There is no such session, or not any more", "");
    }
  }

  void end(Handle tx, String secret) {
    tx.createUpdate("DELETE FROM user_session WHERE token_hash = :hash")
        .bind("hash", Secrets.hash(secret))
        .execute();
  }

  void endAll(Handle tx, UUID userId) {
    tx.createUpdate("DELETE FROM user_session WHERE user_id = :user")
        .bind("user", userId)
        .execute();
  }
}
