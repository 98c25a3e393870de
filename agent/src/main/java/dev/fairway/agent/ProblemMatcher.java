package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Finds messages of a compiler or a linter in a step's output, by the regular expressions that a
/// tool's setup has brought along: one for a line, or several for lines that follow each other, the
/// last of which may repeat.
///
/// Source: "Problem Matchers" in the documentation of GitHub's runner.
final class ProblemMatcher {
  static final int MAX_PATTERNS = 20;
  static final int MAX_REGEXP_CHARS = 4_096;

  /// How often one match may look at a character, so that no expression takes for ever.
  private static final int MAX_LOOKS = 2_000_000;

  private static final Set<String> KEYS = Set.of("owner", "severity", "pattern");
  private static final List<String> GROUPS =
      List.of("file", "fromPath", "line", "column", "severity", "code", "message");
  private static final Set<String> SEVERITIES = Set.of("error", "warning", "notice");

  /// What was found.
  ///
  /// @param file as the tool names it
  /// @param line and `column` from 1, 0 where unknown
  record Problem(String severity, String message, Optional<String> file, int line, int column) {}

  /// @param groups the number of the group that holds each part
  private record Line(Pattern regexp, Map<String, Integer> groups, boolean loop) {}

  private final String owner;
  private final String severity;
  private final List<Line> lines;

  /// What each line but the last has found so far; null where it has not matched.
  private final List<@Nullable Map<String, String>> found = new ArrayList<>();

  private ProblemMatcher(String owner, String severity, List<Line> lines) {
    this.owner = owner;
    this.severity = severity;
    this.lines = List.copyOf(lines);
    reset();
  }

  /// The same, which has seen no line yet.
  ProblemMatcher anew() {
    return new ProblemMatcher(owner, severity, lines);
  }

  String owner() {
    return owner;
  }

  /// Reads a file with matchers; refuses what cannot be carried out.
  static List<ProblemMatcher> parse(String json) {
    try {
      var all = Json.MAPPER.readTree(json).path("problemMatcher");
      if (!all.isArray() || all.isEmpty()) {
        throw refused("`problemMatcher` must be a list");
      }
      var matchers = new ArrayList<ProblemMatcher>();
      all.forEach(one -> matchers.add(matcher(one)));
      return matchers;
    } catch (JacksonException e) {
      throw refused("it is not JSON: " + e.getOriginalMessage());
    }
  }

  private static ProblemMatcher matcher(JsonNode node) {
    var owner = node.path("owner").asString("");
    if (owner.isBlank()) {
      throw refused("a matcher has no `owner`");
    }
    for (var key : node.propertyNames()) {
      if (!KEYS.contains(key)) {
        throw refused("the matcher `%s` has the unknown key `%s`".formatted(owner, key));
      }
    }
    var severity = node.path("severity").asString("error").toLowerCase(Locale.ROOT);
    if (!SEVERITIES.contains(severity)) {
      throw refused("the matcher `%s` has the severity `%s`".formatted(owner, severity));
    }
    var patterns = node.path("pattern");
    if (!patterns.isArray() || patterns.isEmpty() || patterns.size() > MAX_PATTERNS) {
      throw refused(
          "the matcher `%s` needs a list of 1 to %d patterns".formatted(owner, MAX_PATTERNS));
    }
    var lines = new ArrayList<Line>();
    patterns.forEach(pattern -> lines.add(line(owner, pattern)));
    var begin = lines.subList(0, Math.max(1, lines.size() - 1));
    if (begin.stream().anyMatch(Line::loop)) {
      throw refused("only the last of several patterns of `%s` may loop".formatted(owner));
    }
    if (lines.stream().noneMatch(line -> line.groups().containsKey("message"))) {
      throw refused("no pattern of `%s` finds a `message`".formatted(owner));
    }
    return new ProblemMatcher(owner, severity, lines);
  }

  private static Line line(String owner, JsonNode node) {
    var text = node.path("regexp").asString("");
    if (text.isEmpty() || text.length() > MAX_REGEXP_CHARS) {
      throw refused(
          "a `regexp` of `%s` must have 1 to %d characters".formatted(owner, MAX_REGEXP_CHARS));
    }
    Pattern regexp;
    try {
      regexp = Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw refused("a `regexp` of `%s` is none: %s".formatted(owner, e.getDescription()));
    }
    var count = regexp.matcher("").groupCount();
    var groups = new HashMap<String, Integer>();
    for (var key : node.propertyNames()) {
      var value = node.path(key);
      if (GROUPS.contains(key)) {
        if (!value.isInt() || value.asInt() < 0 || value.asInt() > count) {
          throw refused("`%s` of `%s` is not the number of a group".formatted(key, owner));
        }
        groups.put(key, value.asInt());
      } else if (!key.equals("regexp") && !key.equals("loop")) {
        throw refused("a pattern of `%s` has the unknown key `%s`".formatted(owner, key));
      }
    }
    return new Line(regexp, groups, node.path("loop").asBoolean(false));
  }

  /// Looks at the next line of output.
  ///
  /// @throws TooSlow if the expression is one that takes for ever
  Optional<Problem> next(String text) throws TooSlow {
    var last = lines.size() - 1;
    for (var at = last; at >= 0; at--) {
      var before = at == 0 ? Map.<String, String>of() : found.get(at - 1);
      if (before == null) {
        continue;
      }
      var match = lines.get(at).regexp().matcher(new Bounded(text, new Looks(), 0, text.length()));
      if (!find(match)) {
        continue;
      }
      var merged = new HashMap<>(before);
      lines
          .get(at)
          .groups()
          .forEach((part, group) -> {
            if (match.group(group) instanceof String value) {
              merged.put(part, value);
            }
          });
      reset();
      if (at < last) {
        found.set(at, merged);
        return Optional.empty();
      }
      if (lines.get(at).loop()) {
        found.set(at - 1, before);
      }
      return problem(merged);
    }
    reset();
    return Optional.empty();
  }

  private static boolean find(Matcher match) throws TooSlow {
    try {
      return match.find();
    } catch (TooManyLooks | StackOverflowError e) {
      throw new TooSlow(e);
    }
  }

  private void reset() {
    found.clear();
    for (var at = 1; at < lines.size(); at++) {
      found.add(null);
    }
  }

  private Optional<Problem> problem(Map<String, String> parts) {
    var how = parts.getOrDefault("severity", "").toLowerCase(Locale.ROOT);
    var message = parts.getOrDefault("message", "").strip();
    if (message.isEmpty()) {
      return Optional.empty();
    }
    var code = parts.getOrDefault("code", "").strip();
    return Optional.of(
        new Problem(
            SEVERITIES.contains(how) ? how : severity,
            code.isEmpty() ? message : code + ": " + message,
            Optional.ofNullable(parts.get("file")).filter(file -> !file.isBlank()),
            number(parts.get("line")),
            number(parts.get("column"))));
  }

  private static int number(@Nullable String text) {
    return text != null && text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static FairwayException refused(String why) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "The problem matchers cannot be used: " + why, "");
  }

  /// A regular expression has looked at one line too often.
  static final class TooSlow extends Exception {
    private static final long serialVersionUID = 1L;

    TooSlow(Throwable cause) {
      super(cause);
    }
  }

  private static final class TooManyLooks extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyLooks() {
      super(null, null, false, false);
    }
  }

  private static final class Looks {
    private int count;

    void one() {
      if (++count > MAX_LOOKS) {
        throw new TooManyLooks();
      }
    }
  }

  /// Text that counts how often it is looked at. The platform's expressions take a time that may
  /// grow exponentially and know no limit; they see the text through this alone.
  private record Bounded(String text, Looks looks, int start, int end) implements CharSequence {
    @Override
    public int length() {
      return end - start;
    }

    @Override
    public char charAt(int index) {
      looks.one();
      return text.charAt(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Bounded(text, looks, start + from, start + to);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }
}
