package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Composes one YAML document from parser events, so that depth and the size of expanded aliases
/// are checked while the tree grows and not after.
final class YamlReader {
  private final String source;
  private final int characters;
  private final ScalarText texts;
  private final Limits limits;
  private final Size size;
  private final Iterator<Event> events;
  private final Map<String, Anchored> anchors = new HashMap<>();
  private final Map<String, Position> unused = new LinkedHashMap<>();
  private Position last = Position.START;
  private int nodes;

  /// An anchored node, how many nodes it stands for and how large they are; no node while it is
  /// still open.
  private record Anchored(@Nullable Yaml node, int nodes, long bytes) {}

  /// The file is not YAML, or not YAML that we read.
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Position position;

    Refused(Position position, String message) {
      super(message);
      this.position = position;
    }

    Position position() {
      return position;
    }

    String reason() {
      String message = getMessage();
      return message == null ? "" : message;
    }
  }

  private YamlReader(String text, Limits limits, Size size) {
    this.source = text;
    this.characters = text.codePointCount(0, text.length());
    this.texts = new ScalarText(text);
    this.limits = limits;
    this.size = size;
    LoadSettings settings =
        LoadSettings.builder().setUseMarks(true).setCodePointLimit(limits.characters()).build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /// The only document of the file; empty if there is none.
  ///
  /// @param size grows with what is read
  /// @param problems is told of anchors that nothing uses
  static Optional<Yaml> read(String text, Limits limits, Size size, Problems problems)
      throws Refused {
    if (text.length() > limits.characters()) {
      throw new Refused(
          Position.START,
          "The maximum file size of " + limits.characters() + " characters has been exceeded");
    }
    YamlReader reader = new YamlReader(text, limits, size);
    try {
      Optional<Yaml> document = reader.document();
      reader.unused.forEach((name, position) ->
          problems.warning(
              position, Rule.NO_EFFECT, "No alias uses the anchor '&%s'".formatted(name)));
      return document;
    } catch (MarkedYamlEngineException e) {
      Position position = e.getProblemMark().map(YamlReader::position).orElse(reader.last);
      throw new Refused(position, "This is not valid YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new Refused(reader.last, "This is not valid YAML: " + firstLine(e));
    }
  }

  private static String firstLine(Exception e) {
    String message = e.getMessage();
    return message == null ? "it cannot be read" : message.lines().findFirst().orElse("");
  }

  private Optional<Yaml> document() throws Refused {
    next(); // stream start
    Event event = next();
    if (event.getEventId() == Event.ID.StreamEnd) {
      return Optional.empty();
    }
    Yaml root = node(next(), 1);
    next(); // document end
    Event after = next();
    if (after.getEventId() != Event.ID.StreamEnd) {
      throw new Refused(position(after), "A workflow file holds one YAML document, not several");
    }
    return Optional.of(root);
  }

  private Event next() {
    Event event = events.next();
    last = position(event);
    return event;
  }

  private Yaml node(Event event, int depth) throws Refused {
    Position position = position(event);
    if (event instanceof AliasEvent alias) {
      return alias(alias, position);
    }
    int before = nodes;
    long bytesBefore = size.bytes();
    count(1, 0, position);
    Optional<String> anchor = ((NodeEvent) event).getAnchor().map(Anchor::getValue);
    anchor.ifPresent(name -> {
      anchors.put(name, new Anchored(null, 0, 0));
      unused.put(name, position);
    });
    Yaml node =
        event instanceof ScalarEvent scalar
            ? scalar(scalar, position)
            : collection((CollectionStartEvent) event, position, depth);
    anchor.ifPresent(
        name -> anchors.put(name, new Anchored(node, nodes - before, size.bytes() - bytesBefore)));
    return node;
  }

  private Yaml alias(AliasEvent alias, Position position) throws Refused {
    String name = alias.getAlias().getValue();
    Anchored anchored = anchors.get(name);
    if (anchored == null) {
      throw new Refused(position, "The alias '*" + name + "' names no anchor before it");
    }
    Yaml node = anchored.node();
    if (node == null) {
      throw new Refused(position, "The alias '*" + name + "' is inside its own anchor");
    }
    unused.remove(name);
    count(anchored.nodes(), anchored.bytes(), position);
    return node;
  }

  private Yaml collection(CollectionStartEvent event, Position position, int depth) throws Refused {
    if (depth > limits.depth()) {
      throw new Refused(position, "Maximum object depth exceeded");
    }
    boolean sequence = event.getEventId() == Event.ID.SequenceStart;
    String expected = CoreSchema.PREFIX + (sequence ? "seq" : "map");
    Optional<String> tag = event.getTag().filter(name -> !name.equals(expected));
    if (tag.isPresent() && !tag.get().equals("!")) {
      throw new Refused(position, "The tag '" + tag.get() + "' is not supported");
    }
    count(0, Size.ofCollection(), position);
    return sequence ? sequence(position, depth) : mapping(position, depth);
  }

  private Yaml sequence(Position position, int depth) throws Refused {
    List<Yaml> items = new ArrayList<>();
    for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
      items.add(node(event, depth + 1));
    }
    return new Yaml.Sequence(position, List.copyOf(items));
  }

  private Yaml mapping(Position position, int depth) throws Refused {
    List<Yaml.Pair> pairs = new ArrayList<>();
    for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
      if (!(node(event, depth + 1) instanceof Yaml.Scalar key)) {
        throw new Refused(position(event), "A key must be a string");
      }
      // A key is text: that of its value, where it looks like null, a boolean or a number.
      String name = key.value().text();
      pairs.add(
          new Yaml.Pair(
              new Yaml.Scalar(
                  position(event),
                  new Value.Str(name),
                  name,
                  event instanceof AliasEvent ? Optional.empty() : key.text()),
              node(next(), depth + 1)));
    }
    return new Yaml.Mapping(position, List.copyOf(pairs));
  }

  private Yaml scalar(ScalarEvent event, Position position) throws Refused {
    String text = text(event);
    Value value = value(event, text, position);
    count(0, Size.of(value), position);
    return new Yaml.Scalar(position, value, text, texts.of(event, position, text));
  }

  /// A block keeps its last line break only if the file has it.
  private String text(ScalarEvent event) {
    String text = event.getValue();
    boolean block =
        event.getScalarStyle() == ScalarStyle.LITERAL
            || event.getScalarStyle() == ScalarStyle.FOLDED;
    boolean unended =
        block
            && !source.endsWith("\n")
            && event.getEndMark().filter(end -> end.getIndex() >= characters).isPresent();
    return unended && text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private static Value value(ScalarEvent event, String text, Position position) throws Refused {
    Optional<String> tag = event.getTag().filter(name -> !name.equals("!"));
    if (tag.isEmpty() || tag.get().equals(CoreSchema.PREFIX + "str")) {
      boolean plain = event.getScalarStyle() == ScalarStyle.PLAIN && event.getTag().isEmpty();
      if (plain && CoreSchema.beyondInteger(text)) {
        throw invalid(text, CoreSchema.PREFIX + "int", position);
      }
      return plain ? CoreSchema.plain(text) : new Value.Str(text);
    }
    if (event.getScalarStyle() != ScalarStyle.PLAIN) {
      throw new Refused(
          position,
          "The scalar style '%s' on line %d and column %d is not valid with the tag '%s'"
              .formatted(
                  style(event.getScalarStyle()), position.line(), position.column(), tag.get()));
    }
    if (!CoreSchema.knows(tag.get())) {
      throw new Refused(position, "Unexpected tag '" + tag.get() + "'");
    }
    return CoreSchema.tagged(tag.get(), text).orElseThrow(() -> invalid(text, tag.get(), position));
  }

  private static Refused invalid(String text, String tag, Position position) {
    return new Refused(
        position,
        "The value '%s' on line %d and column %d is invalid for the type '%s'"
            .formatted(text, position.line(), position.column(), tag));
  }

  private static String style(ScalarStyle style) {
    return switch (style) {
      case DOUBLE_QUOTED, JSON_SCALAR_STYLE -> "DoubleQuoted";
      case SINGLE_QUOTED -> "SingleQuoted";
      case LITERAL -> "Literal";
      case FOLDED -> "Folded";
      case PLAIN -> "Plain";
    };
  }

  private void count(int more, long bytes, Position position) throws Refused {
    nodes += more;
    size.add(bytes);
    if (size.exceeded()) {
      throw new Refused(position, size.message());
    }
    if (nodes > limits.nodes()) {
      throw new Refused(
          position, "The file holds more than " + limits.nodes() + " values, aliases included");
    }
  }

  private static Position position(Event event) {
    return event.getStartMark().map(YamlReader::position).orElse(Position.START);
  }

  private static Position position(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
