package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WorkflowConformanceTest {
  private static final Pattern LOCATED =
      Pattern.compile("(\\S+) \\(Line: (\\d+), Col: (\\d+)\\): (.*)", Pattern.DOTALL);
  private static final String CUT = "[...]";
  private static final Pattern MAX_CALLS =
      Pattern.compile("max-nested-reusable-workflows-depth: (\\d+)");
  private static final Pattern MAX_FILE_SIZE = Pattern.compile("max-file-size: (\\d+)");

  /// Fixtures that we judge differently on purpose, each with the reason.
  private static final Map<String, String> DISAGREEMENTS =
      reasons(
          """
          error.yml: our list of properties leaves out `parallel`, which we refuse
          errors-max-result-size.yml: nothing is serialized here, so there is no result size; the file size and the number of values are limited instead
          errors-reusable-workflow-permissions-not-allowed-request-write-all-allowed-read-all.yml: the place agrees; the message goes on with scopes that are newer than the fixture
          job-snapshot-mapping.yml: no image is made of an agent, so `snapshot` is refused
          misc-steps.yml: it gives actions/checkout inputs that do not exist; we know its inputs and refuse others
          on-workflow_dispatch-unknown-keys-ignored.yml: an unknown key is an error here, as in events-single-invalid.yml, never ignored
          workflow-defaults.yml: no agent runs on Windows, so the shell cmd is refused
          """);

  /// A fixture: settings, the workflow, files that it calls by reference, and what the official
  /// parser said.
  private record Fixture(
      String name,
      Limits limits,
      String workflow,
      Map<String, String> called,
      List<Expected> errors,
      Value outcome) {}

  /// An official error; line 0 where it has no place.
  private record Expected(String file, int line, int column, String message) {}

  @Test
  void agreesWithEveryOfficialWorkflowButThoseThatItArguesWith() {
    Map<String, String> disagreements = new TreeMap<>();
    List<String> staleReasons = new ArrayList<>();
    for (Path file : Conformance.files("workflows", ".yml")) {
      Fixture fixture = read(file);
      String difference = difference(fixture);
      if (!DISAGREEMENTS.containsKey(fixture.name())) {
        if (!difference.isEmpty()) {
          disagreements.put(fixture.name(), difference);
        }
      } else if (difference.isEmpty()) {
        staleReasons.add(fixture.name());
      }
    }
    assertThat(disagreements).as("fixtures that we judge differently").isEmpty();
    assertThat(staleReasons).as("argued with, but they agree").isEmpty();
  }

  private static Map<String, String> reasons(String lines) {
    Map<String, String> reasons = new TreeMap<>();
    lines
        .lines()
        .forEach(line -> {
          int colon = line.indexOf(": ");
          reasons.put(line.substring(0, colon), line.substring(colon + 2));
        });
    return reasons;
  }

  private static String difference(Fixture fixture) {
    ParseResult result =
        WorkflowParser.parse(
            ".github/workflows/" + fixture.name(),
            fixture.workflow(),
            (uses, _) ->
                fixture.called().containsKey(uses.text())
                    ? new CalledWorkflows.Answer.Found(
                        uses.text(), fixture.called().getOrDefault(uses.text(), ""))
                    : new CalledWorkflows.Answer.Missing("the fixture does not have it"),
            fixture.limits());
    List<Diagnostic> errors =
        result.diagnostics().stream()
            .filter(found -> found.severity() == Diagnostic.Severity.ERROR)
            .toList();
    List<Expected> expected =
        fixture.errors().stream()
            .sorted(Comparator.comparingInt(Expected::line).thenComparingInt(Expected::column))
            .toList();
    boolean agrees = errors.size() == expected.size();
    for (int i = 0; agrees && i < errors.size(); i++) {
      agrees = agrees(expected.get(i), errors.get(i));
    }
    if (!agrees) {
      return "%nexpected %s%nbut was  %s%n".formatted(expected, errors);
    }
    return switch (result) {
      case ParseResult.Invalid _ -> "";
      case ParseResult.Valid valid ->
          String.join(
              "\n", FixtureModel.differences((Value.Obj) fixture.outcome(), valid.workflow()));
    };
  }

  private static boolean agrees(Expected expected, Diagnostic actual) {
    boolean place =
        expected.line() == 0
            || (expected.line() == actual.line() && expected.column() == actual.column());
    return place
        && expected.file().equals(actual.file())
        && actual.message().startsWith(expected.message());
  }

  private static Fixture read(Path file) {
    List<String> parts = List.of(Conformance.text(file).split("\n---\n"));
    Map<String, String> called = new TreeMap<>();
    for (int i = 2; i + 1 < parts.size() - 1; i += 2) {
      called.put(parts.get(i).strip(), parts.get(i + 1) + "\n");
    }
    List<Expected> errors = new ArrayList<>();
    Value outcome = Value.ofJson(parts.getLast());
    if (outcome instanceof Value.Obj object
        && object.member("errors").orElse(Value.nothing()) instanceof Value.Arr list) {
      for (Value error : list.items()) {
        errors.add(expected(((Value.Obj) error).member("Message").orElseThrow().text()));
      }
    }
    return new Fixture(
        file.getFileName().toString(),
        limits(parts.getFirst()),
        parts.get(1) + "\n",
        called,
        errors,
        outcome);
  }

  private static Limits limits(String settings) {
    Limits usual = Limits.DEFAULT;
    return new Limits(
        number(MAX_FILE_SIZE, settings, usual.characters()),
        usual.nodes(),
        usual.depth(),
        number(MAX_CALLS, settings, usual.calls()));
  }

  private static int number(Pattern pattern, String settings, int usual) {
    Matcher matcher = pattern.matcher(settings);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : usual;
  }

  /// Long messages are cut off there.
  private static Expected expected(String message) {
    String text =
        message.endsWith(CUT) ? message.substring(0, message.length() - CUT.length()) : message;
    Matcher located = LOCATED.matcher(text);
    return located.matches()
        ? new Expected(
            located.group(1),
            Integer.parseInt(located.group(2)),
            Integer.parseInt(located.group(3)),
            located.group(4))
        : new Expected(
            text.substring(0, text.indexOf(": ")), 0, 0, text.substring(text.indexOf(": ") + 2));
  }
}
