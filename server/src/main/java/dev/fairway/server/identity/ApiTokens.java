package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// People's API tokens: each may do what its scopes name and its owner may, and no more.
public final class ApiTokens {
  static final Duration MAX_LIFE = Duration.ofDays(366);

  /// How exactly the last use is kept: enough to find tokens that nothing uses.
  private static final Duration USED_STEP = Duration.ofHours(1);

  private static final int MAX_NAME_CHARS = 60;
  private static final int MAX_TOKENS_OF_A_USER = 50;

  /// A token without its secret.
  public record Token(
      UUID id,
      String name,
      List<String> scopes,
      Instant createdAt,
      Instant expiresAt,
      @Nullable Instant lastUsedAt) {
    public Token {
      scopes = List.copyOf(scopes);
    }
  }

  private final InstantSource clock;
  private final Secrets secrets;
  private final Statements statements;

  ApiTokens(InstantSource clock, Secrets secrets, Statements statements) {
    this.clock = clock;
    this.secrets = secrets;
    this.statements = statements;
  }

  IssuedToken create(
      Handle tx, User owner, String name, Set<Permission> scopes, Instant expiresAt, String actor) {
    var now = clock.instant();
    requireUsable(name, scopes, now, expiresAt);
    if (of(tx, owner.id()).size() >= MAX_TOKENS_OF_A_USER) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          owner.name() + " has " + MAX_TOKENS_OF_A_USER + " tokens already",
          "Revoke those that nothing uses.");
    }
    var issued = new IssuedToken(Ids.next(), secrets.next(Secrets.API_TOKEN));
    var words = scopes.stream().map(Permission::word).sorted().toList();
    tx.createUpdate(
            """
            INSERT INTO api_token (id, token_hash, user_id, name, scopes, created_at, expires_at)
            VALUES (:id, :hash, :user, :name, :scopes, :now, :expires)
            """)
        .bind("id", issued.id())
        .bind("hash", Secrets.hash(issued.secret()))
        .bind("user", owner.id())
        .bind("name", name.strip())
        .bindArray("scopes", String.class, words)
        .bind("now", now)
        .bind("expires", expiresAt)
        .execute();
    var more = Map.<String, Object>of("scopes", words, "expiresAt", expiresAt);
    statements.tokenChanged(
        tx, "api token", "created", issued.id(), name.strip(), owner.name(), more, actor);
    return issued;
  }

  private static void requireUsable(
      String name, Set<Permission> scopes, Instant now, Instant expiresAt) {
    if (name.isBlank() || name.strip().length() > MAX_NAME_CHARS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A token needs a name of at most " + MAX_NAME_CHARS + " characters",
          "Say what will use it, such as 'laptop' or 'nightly report'.");
    }
    if (scopes.isEmpty()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "A token without scopes can do nothing", "Choose its scopes.");
    }
    if (scopes.contains(Permission.RUN_JOBS) || scopes.contains(Permission.JOB_SERVICES)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "Only an agent's token can run jobs, and only a job's use its services",
          "Add an agent.");
    }
    if (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(MAX_LIFE))) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A token ends within " + MAX_LIFE.toDays() + " days",
          "Give it an end in that time; make a new one then.");
    }
  }

  Optional<Recognised> recognise(Handle tx, String secret) {
    var hash = Secrets.hash(secret);
    return tx.createQuery(
            """
            SELECT u.id, u.name, u.roles, t.scopes,
                   t.last_used_at IS NULL OR t.last_used_at < :stale AS stale
            FROM api_token t
            JOIN app_user u ON u.id = t.user_id
            WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND t.expires_at > :now AND u.active
            """)
        .bind("hash", hash)
        .bind("now", clock.instant())
        .bind("stale", clock.instant().minus(USED_STEP))
        .map((row, _) -> new Recognised(caller(row), row.getBoolean("stale")))
        .findOne();
  }

  private static Caller caller(ResultSet row) throws SQLException {
    var roles = User.roles(row);
    var allowed = EnumSet.of(Permission.ANYONE, Permission.SIGNED_IN);
    allowed.addAll(scopes(row));
    allowed.retainAll(Permission.of(roles));
    return new Caller(
        Caller.Kind.PERSON,
        row.getObject("id", UUID.class),
        row.getString("name"),
        roles,
        allowed,
        null);
  }

  /// Scopes of a newer version that this one does not know grant nothing here.
  private static Set<Permission> scopes(ResultSet row) throws SQLException {
    var words = Set.of((String[]) row.getArray("scopes").getArray());
    return Arrays.stream(Permission.values())
        .filter(permission -> words.contains(permission.word()))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Permission.class)));
  }

  void used(Handle tx, String secret) {
    tx.createUpdate(
            """
            UPDATE api_token SET last_used_at = :now
            WHERE token_hash = :hash AND (last_used_at IS NULL OR last_used_at < :stale)
            """)
        .bind("now", clock.instant())
        .bind("stale", clock.instant().minus(USED_STEP))
        .bind("hash", Secrets.hash(secret))
        .execute();
  }

  List<Token> of(Handle tx, UUID userId) {
    return tx.createQuery(
            """
            SELECT id, name, scopes, created_at, expires_at, last_used_at
            FROM api_token
            WHERE user_id = :user AND revoked_at IS NULL AND expires_at > :now
            ORDER BY id DESC
            """)
        .bind("user", userId)
        .bind("now", clock.instant())
        .map((row, _) -> token(row))
        .list();
  }

  private static Token token(ResultSet row) throws SQLException {
    var used = row.getObject("last_used_at", OffsetDateTime.class);
    return new Token(
        row.getObject("id", UUID.class),
        row.getString("name"),
        List.of((String[]) row.getArray("scopes").getArray()),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
        used == null ? null : used.toInstant());
  }

  void revoke(Handle tx, User owner, UUID id, String actor) {
    var name =
        tx.createQuery(
                """
                UPDATE api_token SET revoked_at = :now
                WHERE id = :id AND user_id = :user AND revoked_at IS NULL
                RETURNING name
                """)
            .bind("now", clock.instant())
            .bind("id", id)
            .bind("user", owner.id())
            .mapTo(String.class)
            .findOne()
            .orElseThrow(() ->
                new FairwayException(ErrorCode.NOT_FOUND, owner.name() + " has no such token", ""));
    statements.tokenChanged(tx, "api token", "revoked", id, name, owner.name(), Map.of(), actor);
  }

  void revokeAll(Handle tx, User owner, String actor) {
    of(tx, owner.id()).forEach(token -> revoke(tx, owner, token.id(), actor));
  }

  /// The permissions with those words; an unknown word is an error.
  static Set<Permission> scopesOf(List<String> words) {
    return words.stream()
        .map(word ->
            Arrays.stream(Permission.values())
                .filter(permission -> permission.word().equals(word.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                    new FairwayException(
                        ErrorCode.INVALID_INPUT, "There is no scope '" + word + "'", "")))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Permission.class)));
  }
}
