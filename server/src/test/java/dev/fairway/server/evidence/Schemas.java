package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Holds JSON to its schema, and what a ledger holds to the schemas of its predicates.
public final class Schemas {
  private static final String OURS = "https://fairway.dev/attestation/";

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private Schemas() {}

  /// The schema of one of our predicates; empty for those of others.
  static Optional<JsonNode> of(PredicateType type) {
    if (!type.uri().startsWith(OURS)) {
      return Optional.empty();
    }
    var file =
        "/schema/attestation/"
            + type.uri().substring(OURS.length()).replaceFirst("/(v[0-9]+)$", ".$1")
            + ".json";
    try (var in = PredicateType.class.getResourceAsStream(file)) {
      assertThat(in).as("%s, the schema of %s", file, type.uri()).isNotNull();
      return Optional.of(Json.MAPPER.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is wrong with it, formats included; nothing where it fits.
  public static List<String> flaws(JsonNode schema, JsonNode value) {
    return flaws(REGISTRY.getSchema(schema), value);
  }

  private static List<String> flaws(Schema schema, JsonNode value) {
    return schema
        .validate(
            value,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .map(Error::toString)
        .toList();
  }

  /// Validates every predicate of the ledger that is ours and there.
  ///
  /// @return the types that the ledger holds
  public static Set<PredicateType> requireLedgerToFit(Database database) {
    record Row(PredicateType type, String predicate) {}
    var rows =
        database.read(tx ->
            tx.createQuery(
                    """
                    SELECT type, predicate::text AS predicate FROM ledger_entry
                     WHERE payload IS NOT NULL
                    """)
                .map((row, _) ->
                    new Row(PredicateType.ofUri(row.getString("type")), row.getString("predicate")))
                .list());
    Map<PredicateType, Optional<Schema>> schemas = new HashMap<>();
    for (var row : rows) {
      schemas
          .computeIfAbsent(row.type(), type -> of(type).map(REGISTRY::getSchema))
          .ifPresent(schema ->
              assertThat(flaws(schema, Json.MAPPER.readTree(row.predicate())))
                  .as("%s %s", row.type().word(), row.predicate())
                  .isEmpty());
    }
    return rows.stream().map(Row::type).collect(Collectors.toSet());
  }
}
