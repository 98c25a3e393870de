package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Reads a mapping of a YAML file, key by key; what nobody asked for is refused.
///
/// Every refusal names file, line and column. Anchors, aliases and merge keys are refused: what a
/// reviewer reads is what there is.
final class Yaml {
  /// A file may have as many characters.
  static final int MAX_CHARS = 64 * 1024;

  /// A list or mapping may have as many entries.
  static final int MAX_ENTRIES = 100;

  /// A file may hold as many documents.
  static final int MAX_DOCUMENTS = 50;

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  private final String file;
  private final Node node;
  private final Map<String, Entry> entries;

  private record Entry(ScalarNode key, Node value) {}

  private Yaml(String file, Node node, Map<String, Entry> entries) {
    this.file = file;
    this.node = node;
    this.entries = entries;
  }

  /// The one document of that file.
  static Yaml document(String file, String text) {
    var documents = documents(file, text);
    if (documents.size() != 1) {
      throw refusal(file, 1, 1, "one document is expected, not " + documents.size());
    }
    return documents.getFirst();
  }

  /// All documents of that file; empty ones are left out.
  static List<Yaml> documents(String file, String text) {
    if (text.length() > MAX_CHARS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          file + " has " + text.length() + " characters, " + MAX_CHARS + " are allowed",
          "Split it.");
    }
    var settings = LoadSettings.builder().setLabel(file).setCodePointLimit(MAX_CHARS).build();
    try {
      var documents = new ArrayList<Yaml>();
      for (var node : new Compose(settings).composeAllFromString(text)) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL)) {
          continue;
        }
        if (documents.size() == MAX_DOCUMENTS) {
          throw refusal(file, node, "more than " + MAX_DOCUMENTS + " documents");
        }
        documents.add(mapping(file, node, "the document"));
      }
      return documents;
    } catch (MarkedYamlEngineException e) {
      var mark = e.getProblemMark();
      throw refusal(
          file,
          mark.map(Mark::getLine).orElse(0) + 1,
          mark.map(Mark::getColumn).orElse(0) + 1,
          e.getProblem());
    } catch (YamlEngineException e) {
      throw refusal(file, 1, 1, "this is not YAML: " + e.getMessage());
    }
  }

  private static Yaml mapping(String file, Node node, String what) {
    if (!(node instanceof MappingNode mapping)) {
      throw refusal(file, node, what + " must be a mapping");
    }
    refuseAnchor(file, node);
    var entries = new LinkedHashMap<String, Entry>();
    for (var tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw refusal(file, tuple.getKeyNode(), "a key must be a word");
      }
      refuseAnchor(file, key);
      refuseAnchor(file, tuple.getValueNode());
      var entry = new Entry(key, tuple.getValueNode());
      if (entries.putIfAbsent(key.getValue(), entry) != null) {
        throw refusal(file, key, "'" + key.getValue() + "' appears twice");
      }
      if (entries.size() > MAX_ENTRIES) {
        throw refusal(file, key, "more than " + MAX_ENTRIES + " entries");
      }
    }
    return new Yaml(file, node, entries);
  }

  private static void refuseAnchor(String file, Node node) {
    if (node.getAnchor().isPresent()) {
      throw refusal(file, node, "anchors and aliases are not supported: write the value out");
    }
  }

  /// Refuses every key that is not one of these.
  Yaml only(String... known) {
    var allowed = List.of(known);
    entries.forEach((name, entry) -> {
      if (!allowed.contains(name)) {
        throw refusal(
            file,
            entry.key(),
            "'" + name + "' is not supported here; known are " + String.join(", ", allowed));
      }
    });
    return this;
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  /// The keys in the order of the file.
  List<String> keys() {
    return List.copyOf(entries.keySet());
  }

  /// The text of a key that must be there.
  String text(String key) {
    return scalar(required(key), key);
  }

  Optional<String> optionalText(String key) {
    return Optional.ofNullable(entries.get(key)).map(entry -> scalar(entry.value(), key));
  }

  /// The text of a key that must be there and match.
  String text(String key, Pattern pattern, String meaning) {
    var text = text(key);
    if (!pattern.matcher(text).matches()) {
      throw refuse(key, "'" + text + "' is not " + meaning);
    }
    return text;
  }

  long number(String key, long otherwise, long min, long max) {
    var text = optionalText(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      var number = Long.parseLong(text.get());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number out of bounds.
    }
    throw refuse(key, "'" + text.get() + "' is not a whole number from " + min + " to " + max);
  }

  double share(String key, double otherwise) {
    var text = optionalText(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      var share = Double.parseDouble(text.get());
      if (share >= 0 && share <= 1) {
        return share;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a share out of bounds.
    }
    throw refuse(key, "'" + text.get() + "' is not a share from 0 to 1, such as 0.05");
  }

  Duration duration(String key, Duration otherwise, Duration min, Duration max) {
    var text = optionalText(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    var matcher = DURATION.matcher(text.get());
    if (matcher.matches()) {
      var amount = Long.parseLong(matcher.group(1));
      var duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
          };
      if (duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0) {
        return duration;
      }
    }
    throw refuse(
        key,
        "'%s' is not a time from %s to %s, such as 500ms, 10s, 5m or 1h"
            .formatted(text.get(), Durations.text(min), Durations.text(max)));
  }

  /// The words of a list; empty where the key is missing.
  List<String> texts(String key) {
    var entry = entries.get(key);
    if (entry == null) {
      return List.of();
    }
    if (!(entry.value() instanceof SequenceNode sequence)) {
      throw refusal(file, entry.value(), "'" + key + "' must be a list");
    }
    if (sequence.getValue().size() > MAX_ENTRIES) {
      throw refusal(file, sequence, "'" + key + "' has more than " + MAX_ENTRIES + " entries");
    }
    return sequence.getValue().stream()
        .map(item -> {
          refuseAnchor(file, item);
          return scalar(item, key);
        })
        .toList();
  }

  /// A mapping that must be there.
  Yaml mapping(String key) {
    return mapping(file, required(key), "'" + key + "'");
  }

  Optional<Yaml> optionalMapping(String key) {
    return Optional.ofNullable(entries.get(key))
        .map(entry -> mapping(file, entry.value(), "'" + key + "'"));
  }

  /// Refuses the value of that key, or this mapping where the key is missing.
  FairwayException refuse(String key, String message) {
    var entry = entries.get(key);
    return refusal(file, entry == null ? node : entry.value(), key + ": " + message);
  }

  private Node required(String key) {
    var entry = entries.get(key);
    if (entry == null) {
      throw refusal(file, node, "'" + key + "' is missing");
    }
    return entry.value();
  }

  private String scalar(Node value, String key) {
    if (!(value instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
      throw refusal(file, value, "'" + key + "' must be a single value");
    }
    return scalar.getValue();
  }

  private static FairwayException refusal(String file, Node node, String message) {
    var mark = node.getStartMark();
    return refusal(
        file,
        mark.map(Mark::getLine).orElse(0) + 1,
        mark.map(Mark::getColumn).orElse(0) + 1,
        message);
  }

  private static FairwayException refusal(String file, int line, int column, String message) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        "%s:%d:%d: %s".formatted(file, line, column, message),
        "Correct the file at that place.",
        Map.of("file", file, "line", line, "column", column),
        null);
  }
}
