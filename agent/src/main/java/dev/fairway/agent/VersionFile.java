package dev.fairway.agent;

import dev.fairway.api.Json;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The version of a tool that a file of the project asks for.
final class VersionFile {
  private static final Pattern REQUIRES_PYTHON =
      Pattern.compile("(?m)^[ \\t]*+requires-python[ \\t]*+=[ \\t]*+[\"']([^\"'\\n]++)[\"']");
  private static final Pattern PYTHON_OF_POETRY =
      Pattern.compile("(?m)^[ \\t]*+python[ \\t]*+=[ \\t]*+[\"']([^\"'\\n]++)[\"']");
  private static final Pattern PYTHON_OF_PIPENV =
      Pattern.compile(
          "(?m)^[ \\t]*+python_(?:full_)?version[ \\t]*+=[ \\t]*+[\"']([^\"'\\n]++)[\"']");

  /// The names of releases of Node.js with long support.
  private static final Map<String, String> LONG_SUPPORT =
      Map.ofEntries(
          Map.entry("argon", "4"),
          Map.entry("boron", "6"),
          Map.entry("carbon", "8"),
          Map.entry("dubnium", "10"),
          Map.entry("erbium", "12"),
          Map.entry("fermium", "14"),
          Map.entry("gallium", "16"),
          Map.entry("hydrogen", "18"),
          Map.entry("iron", "20"),
          Map.entry("jod", "22"),
          Map.entry("krypton", "24"));

  private VersionFile() {}

  /// @param name of the file, without its folder
  static Optional<String> of(SetupTool.Kind kind, String name, String text) {
    return switch (kind) {
      case NODE -> name.equals("package.json") ? ofPackage(text) : plain(text, "node");
      case PYTHON ->
          switch (name) {
            case "pyproject.toml" ->
                first(REQUIRES_PYTHON, text).or(() -> first(PYTHON_OF_POETRY, text));
            case "Pipfile" -> first(PYTHON_OF_PIPENV, text);
            case String _ -> plain(text, "python");
          };
      case JAVA -> plain(text, "java");
    };
  }

  private static Optional<String> first(Pattern pattern, String text) {
    var matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
  }

  /// From a file that holds the version alone, or from `.tool-versions` and its like: a line with
  /// the tool's name.
  private static Optional<String> plain(String text, String tool) {
    var lines =
        text.lines()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .toList();
    return lines.stream()
        .filter(line -> line.startsWith(tool))
        .map(line -> line.replaceFirst("^\\S*?(?:\\s+|=)", "").replaceFirst("^[a-z]+-", "").strip())
        .findFirst()
        .or(() -> lines.stream().findFirst())
        .map(line -> line.replaceFirst("^([a-z]+-)?", ""));
  }

  private static Optional<String> ofPackage(String text) {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      return Optional.empty();
    }
    var runtime = root.path("devEngines").path("runtime");
    return version(root.path("volta").path("node"))
        .or(() ->
            (runtime.isArray() ? runtime.valueStream() : Stream.of(runtime))
                .filter(one -> one.path("name").asString("").equals("node"))
                .flatMap(one -> version(one.path("version")).stream())
                .findFirst())
        .or(() -> version(root.path("engines").path("node")));
  }

  private static Optional<String> version(JsonNode node) {
    return node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
  }

  /// What the names of Node.js for some of its versions mean.
  static String withoutAlias(String version) {
    var word = version.toLowerCase(Locale.ROOT);
    return switch (word) {
      case "latest", "current", "node", "lts/*", "lts/-0" -> "*";
      case String _ when word.startsWith("lts/") ->
          LONG_SUPPORT.getOrDefault(word.substring("lts/".length()), version);
      case String _ -> version;
    };
  }
}
