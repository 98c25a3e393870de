package dev.fairway.server.evidence;

import dev.fairway.api.Json;
import dev.fairway.ledger.InTotoStatement;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Where everything that happens is written down, in the transaction that makes it happen.
public final class Evidence {
  /// Tells the sequencer that something waits.
  static final String RECORDED = "ledger_recorded";

  private final InstantSource clock;

  public Evidence(InstantSource clock) {
    this.clock = clock;
  }

  /// Records the statement when the transaction commits; it is signed and gets its index shortly
  /// after.
  ///
  /// The bytes to sign are made here, so that whatever is recorded can be signed.
  ///
  /// @throws IllegalArgumentException if the predicate is not a JSON object, or too large
  public UUID record(Handle tx, Statement statement) {
    return recordAll(tx, List.of(statement)).getFirst();
  }

  /// As [#record], for several at once, in that order.
  public List<UUID> recordAll(Handle tx, List<Statement> statements) {
    if (statements.isEmpty()) {
      return List.of();
    }
    // PostgreSQL keeps microseconds; what is signed says the same instant.
    var at = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var ids = new ArrayList<UUID>();
    var batch =
        tx.prepareBatch(
            """
            INSERT INTO ledger_entry
                   (id, type, subjects, predicate, about, actor, recorded_at, payload)
            VALUES (:id, :type, CAST(:subjects AS jsonb), CAST(:predicate AS jsonb), :about, :actor,
                    :at, :payload)
            """);
    for (var statement : statements) {
      var predicate = Json.MAPPER.writeValueAsString(statement.predicate());
      var inToto =
          new InTotoStatement(
              statement.subjects().stream().map(Evidence::inToto).toList(),
              statement.type().uri(),
              predicate,
              new InTotoStatement.Context(List.copyOf(statement.about()), statement.actor(), at));
      var id = Ids.next();
      ids.add(id);
      batch
          .bind("id", id)
          .bind("type", statement.type().uri())
          .bind("subjects", Json.MAPPER.writeValueAsString(statement.subjects()))
          .bind("predicate", predicate)
          .bindArray("about", String.class, statement.about())
          .bind("actor", statement.actor())
          .bind("at", at)
          .bind("payload", inToto.payload())
          .add();
    }
    batch.execute();
    Database.notify(tx, RECORDED, "");
    return ids;
  }

  private static dev.fairway.ledger.Subject inToto(Subject subject) {
    return new dev.fairway.ledger.Subject(
        subject.name(), Map.of(subject.algorithm(), subject.digest()));
  }
}
