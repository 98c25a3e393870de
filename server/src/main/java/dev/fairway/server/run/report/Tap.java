package dev.fairway.server.run.report;

import dev.fairway.server.run.report.TestReport.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The Test Anything Protocol, versions 13 and 14.
///
/// Subtests are indented by four spaces and stand before the point that sums them up; then they
/// count, and the point does not. What a plan announced and did not come counts as failed.
final class Tap {
  private static final int INDENT = 4;
  private static final int MAX_DEPTH = 16;
  private static final Pattern POINT =
      Pattern.compile("(not )?ok\\b(?:\\s+(\\d{1,9}))?(?:\\s+-)?\\s*(.*)");
  private static final Pattern PLAN = Pattern.compile("1\\.\\.(\\d{1,9})\\s*(?:#.*)?");
  private static final Pattern DIRECTIVE =
      Pattern.compile("(?i)#\\s*(skip|todo)(?:ped)?\\b\\s*(.*)");
  private static final Pattern MILLIS = Pattern.compile("duration_ms:\\s*([\\d.]{1,20})");
  private static final Pattern SAID = Pattern.compile("(?:message|error):\\s*(.+)");

  private final String file;
  private final List<Level> levels = new ArrayList<>();
  private @Nullable Point last;

  /// What came at one depth and is not summed up yet.
  private static final class Level {
    private final List<Point> points = new ArrayList<>();
    private long planned = -1;
    private long came;
  }

  private static final class Point {
    private final List<String> path = new ArrayList<>();
    private final Verdict verdict;
    private String message;
    private final StringBuilder detail = new StringBuilder();
    private long millis;

    Point(String name, Verdict verdict, String message) {
      path.add(CaseCollector.cut(name, CaseCollector.MAX_NAME_CHARS));
      this.verdict = verdict;
      this.message = message;
    }
  }

  private Tap(String file) {
    this.file = file;
  }

  static TestReport read(String file, BoundedLines lines)
      throws IOException, UnreadableReportException {
    var tap = new Tap(file);
    for (var line = lines.next(); line != null; line = lines.next()) {
      var text = line.stripLeading();
      var spaces = line.length() - text.length();
      if (text.equals("---") && tap.last != null) {
        tap.yaml(lines, spaces);
      } else if (text.startsWith("Bail out!")) {
        tap.level(0, lines)
            .points
            .add(
                new Point(
                    "Bail out!", Verdict.FAILED, text.substring("Bail out!".length()).strip()));
        break;
      } else {
        tap.line(text, Math.min(spaces / INDENT, MAX_DEPTH), lines);
      }
    }
    return tap.report();
  }

  private void line(String text, int depth, BoundedLines lines) throws UnreadableReportException {
    var plan = PLAN.matcher(text);
    var point = POINT.matcher(text);
    if (plan.matches()) {
      level(depth, lines).planned = Long.parseLong(plan.group(1));
    } else if (point.matches()) {
      point(point.group(1) == null, point.group(3), depth, lines);
    }
  }

  private void point(boolean ok, String rest, int depth, BoundedLines lines)
      throws UnreadableReportException {
    var name = rest.strip();
    var message = "";
    var verdict = ok ? Verdict.PASSED : Verdict.FAILED;
    var hash = directive(rest);
    if (hash >= 0) {
      var directive = DIRECTIVE.matcher(rest.substring(hash));
      if (directive.lookingAt()) {
        var skip = directive.group(1).toLowerCase(Locale.ROOT).equals("skip");
        // A failure of what is still to do is expected; a success of it is one.
        verdict = skip || !ok ? Verdict.SKIPPED : Verdict.PASSED;
        message = directive.group(2).strip();
        name = rest.substring(0, hash).strip();
      }
    }
    name = name.replace("\\#", "#").replace("\\\\", "\\");
    var level = level(depth, lines);
    level.came++;
    var summed = new Point(name.isEmpty() ? "test " + level.came : name, verdict, message);
    var below = depth + 1 < levels.size() ? close(depth + 1) : List.<Point>of();
    below.forEach(each -> each.path.addFirst(summed.path.getFirst()));
    level.points.addAll(below);
    var told = below.stream().anyMatch(each -> each.verdict == Verdict.FAILED);
    if (below.isEmpty() || (verdict == Verdict.FAILED && !told)) {
      level.points.add(summed);
    }
    last = summed;
  }

  /// Where a directive begins: a `#` after a space that no backslash takes back. -1 for none.
  private static int directive(String rest) {
    for (var at = rest.indexOf('#'); at >= 0; at = rest.indexOf('#', at + 1)) {
      if ((at == 0 || rest.charAt(at - 1) == ' ')
          && DIRECTIVE.matcher(rest.substring(at)).matches()) {
        return at;
      }
    }
    return -1;
  }

  /// The block of facts about the point before it, up to `...`.
  private void yaml(BoundedLines lines, int spaces) throws IOException, UnreadableReportException {
    var point = last;
    for (var line = lines.next(); line != null; line = lines.next()) {
      var text = line.strip();
      if (text.equals("...") || point == null) {
        return;
      }
      var millis = MILLIS.matcher(text);
      if (millis.lookingAt()) {
        point.millis = CaseCollector.millis(millis.group(1)) / 1_000;
      }
      var said = SAID.matcher(text);
      if (point.message.isEmpty() && said.lookingAt()) {
        point.message = unquoted(said.group(1));
      }
      if (point.verdict != Verdict.PASSED
          && point.detail.length() < CaseCollector.MAX_DETAIL_CHARS) {
        point.detail.append(line.substring(Math.min(spaces, indent(line)))).append('\n');
      }
    }
  }

  private static int indent(String line) {
    return line.length() - line.stripLeading().length();
  }

  private static String unquoted(String value) {
    var text = value.strip();
    var quoted =
        text.length() > 1
            && (text.charAt(0) == '\'' || text.charAt(0) == '"')
            && text.charAt(text.length() - 1) == text.charAt(0);
    // A block follows in the next lines; the detail has it.
    return quoted ? text.substring(1, text.length() - 1) : text.matches("[|>][+-]?") ? "" : text;
  }

  private Level level(int depth, BoundedLines lines) throws UnreadableReportException {
    if (levels.stream().mapToLong(level -> level.points.size()).sum() > TestReport.MAX_EXECUTIONS) {
      throw new UnreadableReportException(
          "it has more than " + TestReport.MAX_EXECUTIONS + " tests", lines.number());
    }
    while (levels.size() <= depth) {
      levels.add(new Level());
    }
    return levels.get(depth);
  }

  /// What came at that depth and below, with what the plans announced in vain.
  private List<Point> close(int depth) {
    var points = new ArrayList<Point>();
    while (levels.size() > depth) {
      var level = levels.removeLast();
      points.addAll(0, level.points);
      if (level.planned > level.came) {
        points.add(
            new Point(
                "plan",
                Verdict.FAILED,
                "%d tests were announced, %d came".formatted(level.planned, level.came)));
      }
    }
    return points;
  }

  private TestReport report() throws UnreadableReportException {
    var cases = new CaseCollector(file);
    for (var point : close(0)) {
      var suite =
          point.path.size() == 1
              ? file
              : String.join(" › ", point.path.subList(0, point.path.size() - 1));
      cases.add(
          suite,
          point.path.getLast(),
          point.verdict,
          point.message,
          point.detail.toString(),
          point.millis);
    }
    return cases.report();
  }
}
