package dev.fairway.server.evidence;

import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import java.time.InstantSource;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Where everything that happens is written down, in the transaction that makes it happen.
public final class Evidence {
  static final String CHANNEL = "ledger_entry";

  private final InstantSource clock;

  public Evidence(InstantSource clock) {
    this.clock = clock;
  }

  /// Records the statement when the transaction commits; it is signed and gets its index shortly
  /// after.
  public UUID record(Handle tx, Statement statement) {
    var id = Ids.next();
    tx.createUpdate(
            """
            INSERT INTO ledger_entry (id, type, subjects, predicate, about, actor, recorded_at)
            VALUES (:id, :type, CAST(:subjects AS jsonb), CAST(:predicate AS jsonb), :about, :actor,
                    :at)
            """)
        .bind("id", id)
        .bind("type", statement.type().uri())
        .bind("subjects", Json.MAPPER.writeValueAsString(statement.subjects()))
        .bind("predicate", Json.MAPPER.writeValueAsString(statement.predicate()))
        .bindArray("about", String.class, statement.about())
        .bind("actor", statement.actor())
        .bind("at", clock.instant())
        .execute();
    Database.notify(tx, CHANNEL, "");
    return id;
  }
}
