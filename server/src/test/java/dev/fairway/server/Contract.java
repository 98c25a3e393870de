package dev.fairway.server;

import dev.fairway.api.Json;
import dev.fairway.server.evidence.Schemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `openapi.yaml` as tests ask it.
///
/// Answers are held to it more strictly than clients are asked to be: a property that no schema
/// names is a flaw.
final class Contract {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
  private static final String SCHEMAS = "#/components/schemas/";

  /// One method of one path.
  ///
  /// @param permission its `x-permission`
  /// @param open whether it says that no sign-in is needed
  record Operation(
      String method, String path, String permission, boolean open, String tag, JsonNode node) {
    boolean matches(String wanted, String actual) {
      return method.equals(wanted) && actual.matches(path.replaceAll("\\{[^}]+}", "[^/]+"));
    }
  }

  private final JsonNode document;
  private final JsonNode definitions;
  private final List<Operation> operations;

  private Contract(JsonNode document) {
    this.document = document;
    var schemas = ((ObjectNode) document.path("components").path("schemas")).deepCopy();
    close(schemas);
    this.definitions = local(schemas);
    this.operations = operations(document);
  }

  static Contract read() {
    try (var in = Json.class.getResourceAsStream("/openapi.yaml")) {
      var settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
      return new Contract(Json.MAPPER.valueToTree(new Load(settings).loadFromInputStream(in)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Operation> operations() {
    return operations;
  }

  JsonNode document() {
    return document;
  }

  /// The words that a schema of the document lists.
  List<String> words(String schema) {
    return definitions.path(schema).path("enum").valueStream().map(JsonNode::asString).toList();
  }

  /// The operation that answers there; a path with literal segments comes before one with
  /// variables.
  Operation operation(String method, String path) {
    return operations.stream()
        .filter(operation -> operation.matches(method, path))
        .min((one, other) -> Boolean.compare(one.path().endsWith("}"), other.path().endsWith("}")))
        .orElseThrow(() -> new AssertionError("not in the contract: " + method + " " + path));
  }

  /// What is wrong with the answer.
  List<String> flaws(Operation operation, int status, String contentType, String body) {
    var responses = operation.node().path("responses");
    var response = resolve(responses.path(responses.has("" + status) ? "" + status : "default"));
    if (!responses.has("" + status) && status < 400) {
      return List.of("the status " + status + " is not in the contract");
    }
    var content = response.path("content");
    if (content.isMissingNode()) {
      return body.isEmpty() ? List.of() : List.of("an answer where none is promised: " + body);
    }
    var mediaType = contentType.replaceFirst(";.*", "");
    if (!content.has(mediaType)) {
      return List.of("the media type " + mediaType + " is not in the contract");
    }
    return mediaType.endsWith("json")
        ? flaws(content.path(mediaType).path("schema"), Json.MAPPER.readTree(body))
        : List.of();
  }

  /// What is wrong with the request.
  List<String> flaws(Operation operation, String body) {
    var schema =
        operation
            .node()
            .path("requestBody")
            .path("content")
            .path("application/json")
            .path("schema");
    if (schema.isMissingNode()) {
      return List.of();
    }
    return flaws(schema, Json.MAPPER.readTree(body));
  }

  private List<String> flaws(JsonNode schema, JsonNode value) {
    var whole = (ObjectNode) local(schema).deepCopy();
    whole.set("$defs", definitions);
    return Schemas.flaws(whole, value);
  }

  private JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
  }

  /// References as they are within one schema.
  private static JsonNode local(JsonNode node) {
    return Json.MAPPER.readTree(
        Json.MAPPER.writeValueAsString(node).replace('"' + SCHEMAS, "\"#/$defs/"));
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(Contract::close);
  }

  private static List<Operation> operations(JsonNode document) {
    List<Operation> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          var node = method.getValue();
          found.add(
              new Operation(
                  method.getKey().toUpperCase(Locale.ROOT),
                  path.getKey(),
                  node.path("x-permission").asString(""),
                  node.path("security").isArray() && node.path("security").isEmpty(),
                  node.path("tags").path(0).asString(""),
                  node));
        }
      }
    }
    return List.copyOf(found);
  }
}
