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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/// The machines that run jobs, each with a token of its own.
public final class Agents {
  /// How exactly the last use is kept: a write per agent and that time.
  private static final Duration USED_STEP = Duration.ofMinutes(1);

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  public record Agent(UUID id, String name, Instant createdAt, @Nullable Instant lastUsedAt) {}

  private final InstantSource clock;
  private final Secrets secrets;
  private final Statements statements;

  Agents(InstantSource clock, Secrets secrets, Statements statements) {
    this.clock = clock;
    this.secrets = secrets;
    this.statements = statements;
  }

  IssuedToken create(Handle tx, String name, String actor) {
    if (!NAME.matcher(name).matches()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + name + "' cannot be an agent's name",
          "Use lower-case letters, digits, '.', '_' and '-', such as the host's name.");
    }
    var issued = new IssuedToken(Ids.next(), secrets.next(Secrets.AGENT_TOKEN));
    try {
      tx.createUpdate(
              """
              INSERT INTO agent (id, token_hash, name, created_at)
              VALUES (:id, :hash, :name, :now)
              """)
          .bind("id", issued.id())
          .bind("hash", Secrets.hash(issued.secret()))
          .bind("name", name)
          .bind("now", clock.instant())
          .execute();
    } catch (UnableToExecuteStatementException e) {
      if (!String.valueOf(e.getMessage()).contains("agent_name_key")) {
        throw e;
      }
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "There is, or was, an agent with the name " + name,
          "Choose another: a name means one machine in the evidence.",
          e);
    }
    statements.tokenChanged(tx, "agent", "created", issued.id(), name, name, Map.of(), actor);
    return issued;
  }

  Optional<Recognised> recognise(Handle tx, String secret) {
    return tx.createQuery(
            """
            SELECT id, name, last_used_at IS NULL OR last_used_at < :stale AS stale
            FROM agent WHERE token_hash = :hash AND revoked_at IS NULL
            """)
        .bind("stale", clock.instant().minus(USED_STEP))
        .bind("hash", Secrets.hash(secret))
        .map((row, _) ->
            new Recognised(
                new Caller(
                    Caller.Kind.AGENT,
                    row.getObject("id", UUID.class),
                    row.getString("name"),
                    Set.of(),
                    Set.of(Permission.ANYONE, Permission.RUN_JOBS),
                    null),
                row.getBoolean("stale")))
        .findOne();
  }

  void used(Handle tx, String secret) {
    tx.createUpdate(
            """
            UPDATE agent SET last_used_at = :now
            WHERE token_hash = :hash
              AND (last_used_at IS NULL OR last_used_at < :stale)
            """)
        .bind("now", clock.instant())
        .bind("stale", clock.instant().minus(USED_STEP))
        .bind("hash", Secrets.hash(secret))
        .execute();
  }

  List<Agent> all(Handle tx) {
    return tx.createQuery(
            """
            SELECT id, name, created_at, last_used_at FROM agent WHERE revoked_at IS NULL
            ORDER BY name
            """)
        .map((row, _) -> agent(row))
        .list();
  }

  private static Agent agent(ResultSet row) throws SQLException {
    var used = row.getObject("last_used_at", OffsetDateTime.class);
    return new Agent(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        used == null ? null : used.toInstant());
  }

  void revoke(Handle tx, UUID id, String actor) {
    var name =
        tx.createQuery(
                """
                UPDATE agent SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL
                RETURNING name
                """)
            .bind("now", clock.instant())
            .bind("id", id)
            .mapTo(String.class)
            .findOne()
            .orElseThrow(
                () -> new FairwayException(ErrorCode.NOT_FOUND, "There is no such agent", ""));
    statements.tokenChanged(tx, "agent", "revoked", id, name, name, Map.of(), actor);
  }
}
