package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The schemas of our predicates themselves; what is recorded is held to them where it is recorded.
final class AttestationSchemaTest {
  @ParameterizedTest
  @EnumSource(PredicateType.class)
  void everyPredicateOfOursHasAStrictSchema(PredicateType type) {
    Schemas.of(type)
        .ifPresent(schema -> {
          assertThat(schema.path("$id").asString()).isEqualTo(type.uri());
          assertThat(schema.path("$schema").asString())
              .isEqualTo("https://json-schema.org/draft/2020-12/schema");
          assertThat(schema.path("title").asString()).isNotBlank();
          assertThat(lax(schema)).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(PredicateType.class)
  void aPredicateWithAnythingMoreOrLessIsRefused(PredicateType type) {
    Optional<JsonNode> schema = Schemas.of(type);
    if (schema.isEmpty()) {
      return;
    }

    var empty = Json.MAPPER.createObjectNode();
    var more = Json.MAPPER.createObjectNode().put("surprise", true);

    assertThat(Schemas.flaws(schema.get(), empty)).isNotEmpty();
    assertThat(Schemas.flaws(schema.get(), more)).anyMatch(flaw -> flaw.contains("surprise"));
  }

  /// Objects with named properties that let others in.
  private static List<JsonNode> lax(JsonNode node) {
    List<JsonNode> found = new ArrayList<>();
    if (node instanceof ObjectNode object
        && object.path("type").asString("").equals("object")
        && !object.has("additionalProperties")) {
      found.add(object);
    }
    node.forEach(child -> found.addAll(lax(child)));
    return found;
  }
}
