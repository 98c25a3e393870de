package dev.fairway.server.artifact;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Handler;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers calls in the way of Twirp: JSON in, JSON out, and refusals as a code with a message.
///
/// The source is https://twitchtv.github.io/twirp/docs/spec_v7.html.
final class Twirp {
  private Twirp() {}

  /// One call.
  ///
  /// @param body the message, its fields in snake case
  record Call(Exchange exchange, JsonNode body) {
    /// A field's text; empty where it is missing.
    String text(String field) {
      return body.path(field).asString("");
    }
  }

  static Handler handler(Function<Call, ObjectNode> method) {
    return exchange -> {
      try {
        exchange.json(method.apply(new Call(exchange, exchange.body(JsonNode.class))));
      } catch (FairwayException e) {
        exchange
            .status(e.code().status())
            .json(
                Map.of(
                    "code",
                    code(e.code().status()),
                    "msg",
                    e.next().isEmpty() ? e.getMessage() : e.getMessage() + ". " + e.next()));
      }
    };
  }

  static ObjectNode answer() {
    return Json.MAPPER.createObjectNode();
  }

  private static String code(int status) {
    return switch (status) {
      case 400, 413, 422 -> "invalid_argument";
      case 401 -> "unauthenticated";
      case 403 -> "permission_denied";
      case 404 -> "not_found";
      case 409 -> "already_exists";
      case 429 -> "resource_exhausted";
      case 501 -> "unimplemented";
      default -> status < 500 ? "invalid_argument" : "unavailable";
    };
  }
}
