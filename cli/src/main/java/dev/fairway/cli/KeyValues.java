package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// Names and values from a file: a JSON object, or lines `NAME=VALUE` as `.env` files have them.
///
/// A line may begin with `export`; `#` begins a comment where a line or, after a blank, a bare
/// value ends. A value in single quotes is taken as it is; in double quotes `\n`, `\t`, `\"`, `\\`
/// and `\$` are what they stand for. Both may go over several lines.
final class KeyValues {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Path file;
  private final String text;
  private int at;

  private KeyValues(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  static Map<String, String> read(Path file) {
    var text = WorkflowFiles.read(file);
    return text.stripLeading().startsWith("{")
        ? json(file, text)
        : new KeyValues(file, text).lines();
  }

  private static Map<String, String> json(Path file, String text) {
    try {
      if (Json.MAPPER.readTree(text) instanceof ObjectNode object) {
        var values = new LinkedHashMap<String, String>();
        object
            .properties()
            .forEach(one -> {
              if (!one.getValue().isValueNode() || one.getValue().isNull()) {
                throw new FairwayException(
                    ErrorCode.INVALID_INPUT, file + ": `" + one.getKey() + "` is not a text", "");
              }
              values.put(one.getKey(), one.getValue().asString());
            });
        return values;
      }
    } catch (JacksonException e) {
      // Its message would show a part of the file, which may be secret.
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "%s:%d:%d: this is no JSON"
              .formatted(file, e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
          "");
    }
    throw new FairwayException(ErrorCode.INVALID_INPUT, file + " holds no JSON object", "");
  }

  private Map<String, String> lines() {
    var values = new LinkedHashMap<String, String>();
    while (at < text.length()) {
      skip(" \t\r\n");
      if (at == text.length()) {
        break;
      }
      if (text.charAt(at) == '#') {
        at = lineEnd();
        continue;
      }
      var begin = at;
      var equals = text.indexOf('=', at);
      var name = equals < 0 || equals > lineEnd() ? "" : text.substring(at, equals).strip();
      if (name.startsWith("export ")) {
        name = name.substring("export ".length()).strip();
      }
      if (!NAME.matcher(name).matches()) {
        throw refused(begin, "a line is NAME=VALUE");
      }
      at = equals + 1;
      values.put(name, value());
    }
    return values;
  }

  private String value() {
    skip(" \t");
    if (at == text.length()) {
      return "";
    }
    return switch (text.charAt(at)) {
      case '\'' -> literal();
      case '"' -> quoted();
      default -> {
        var end = lineEnd();
        var bare = text.substring(at, end);
        at = end;
        yield bare.replaceFirst("(^|\\s)#.*", "").strip();
      }
    };
  }

  private String literal() {
    var end = text.indexOf('\'', at + 1);
    if (end < 0) {
      throw refused(at, "the quote does not end");
    }
    var value = text.substring(at + 1, end);
    at = end + 1;
    restOfLine();
    return value;
  }

  private String quoted() {
    var begin = at;
    var value = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
      var c = text.charAt(at);
      if (c == '\\' && at + 1 < text.length()) {
        at++;
        switch (text.charAt(at)) {
          case 'n' -> value.append('\n');
          case 't' -> value.append('\t');
          case 'r' -> value.append('\r');
          case '"', '\\', '$' -> value.append(text.charAt(at));
          default -> value.append('\\').append(text.charAt(at));
        }
      } else {
        value.append(c);
      }
    }
    if (at == text.length()) {
      throw refused(begin, "the quote does not end");
    }
    at++;
    restOfLine();
    return value.toString();
  }

  private void restOfLine() {
    skip(" \t\r");
    if (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '#') {
      throw refused(at, "something follows the quote");
    }
    at = lineEnd();
  }

  private void skip(String blanks) {
    while (at < text.length() && blanks.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private int lineEnd() {
    var end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  private FairwayException refused(int place, String why) {
    var line = text.substring(0, place).chars().filter(c -> c == '\n').count() + 1;
    var column = place - text.lastIndexOf('\n', place - 1);
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "%s:%d:%d: %s".formatted(file, line, column, why), "");
  }
}
