package dev.fairway.agent;

import dev.fairway.api.Json;
import dev.fairway.workflow.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Values of the expression language from the JSON that jobs are given, and back.
public final class JsonValues {
  private JsonValues() {}

  /// What an expression sees of it.
  public static Value value(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> {
        var members = new LinkedHashMap<String, Value>();
        for (var member : json.properties()) {
          members.put(member.getKey(), value(member.getValue()));
        }
        yield new Value.Obj(members);
      }
      case ARRAY -> {
        var items = new ArrayList<Value>(json.size());
        for (var item : json) {
          items.add(value(item));
        }
        yield new Value.Arr(items);
      }
      case STRING -> Value.of(json.stringValue());
      case BOOLEAN -> Value.of(json.booleanValue());
      // The largest double may be smaller than that number.
      case NUMBER ->
          Value.of(json.isBigInteger() ? json.bigIntegerValue().doubleValue() : json.doubleValue());
      case NULL, MISSING -> Value.nothing();
      case BINARY, POJO ->
          throw new IllegalArgumentException("No value of JSON: " + json.getNodeType());
    };
  }

  public static JsonNode json(Value value) {
    return switch (value) {
      case Value.Obj object -> {
        var json = Json.MAPPER.createObjectNode();
        object.members().forEach((name, member) -> json.set(name, json(member)));
        yield json;
      }
      case Value.Arr array -> {
        var json = Json.MAPPER.createArrayNode();
        array.items().forEach(item -> json.add(json(item)));
        yield json;
      }
      case Value.Str text -> JsonNodeFactory.instance.stringNode(text.value());
      case Value.Bool bool -> JsonNodeFactory.instance.booleanNode(bool.value());
      case Value.Num number -> number(number.value());
      case Value.Null _ -> JsonNodeFactory.instance.nullNode();
    };
  }

  /// Without a fraction that is none.
  private static JsonNode number(double value) {
    var whole = (long) value;
    return whole == value && whole != Long.MAX_VALUE
        ? JsonNodeFactory.instance.numberNode(whole)
        : JsonNodeFactory.instance.numberNode(value);
  }
}
