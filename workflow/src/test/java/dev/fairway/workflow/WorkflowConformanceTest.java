package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WorkflowConformanceTest {
  private static final Pattern LOCATED =
      Pattern.compile("(?:In )?(\\S+) \\(Line: (\\d+), Col: (\\d+)\\): (.*)", Pattern.DOTALL);
  private static final String FOLDER = ".github/workflows/";
  private static final String CUT = "[...]";

  /// What we refuse although the official parser lets it stand, by fixture: line, column, and how
  /// the message begins. The rest of each fixture must agree.
  private static final Map<String, List<String>> REFUSED =
      refused(
          """
          concurrency.yml 16:5 The job does nothing: give it `steps`
          concurrency.yml 19:5 The job does nothing: give it `steps`
          concurrency.yml 22:5 The job does nothing: give it `steps`
          concurrency.yml 27:5 The job does nothing: give it `steps`
          errors-job-runs-on-and-uses.yml 4:5 The job does nothing: give it `steps`
          errors-step-run-missing.yml 6:16 Invalid shell option 'foo'.
          errors-step-uses-syntax.yml 15:15 'docker://' does not name an image
          events-mapping-all.yml 76:5 you may only define one of `branches` and `branches-ignore`
          events-mapping-all.yml 113:5 you may only define one of `branches` and `branches-ignore`
          events-mapping-all.yml 115:5 you may only define one of `paths` and `paths-ignore`
          events-mapping-all.yml 158:5 you may only define one of `branches` and `branches-ignore`
          events-mapping-all.yml 160:5 you may only define one of `paths` and `paths-ignore`
          events-mapping-all.yml 188:5 you may only define one of `branches` and `branches-ignore`
          events-mapping-all.yml 192:5 you may only define one of `tags` and `tags-ignore`
          events-mapping-all.yml 194:5 you may only define one of `paths` and `paths-ignore`
          events-mapping-all.yml 234:5 you may only define one of `branches` and `branches-ignore`
          job-defaults.yml 7:16 The shell 'cmd' is not supported: no agent runs on Windows.
          job-snapshot-mapping.yml 7:5 'snapshot' is not supported: no image is made of an agent
          job-snapshot-simple.yml 14:5 'snapshot' is not supported: no image is made of an agent
          misc-jobs.yml 4:5 The job does nothing: give it `steps`
          misc-jobs.yml 25:5 The job does nothing: give it `steps`
          on-workflow_dispatch-unknown-keys-ignored.yml 3:5 Unexpected value 'unknown-key'.
          round-to-infinity.yml 5:22 Unexpected value '+999
          round-to-infinity.yml 10:22 Unexpected value '-999
          round-to-infinity.yml 15:22 Unexpected value '+999
          round-to-infinity.yml 33:26 Unexpected value '999
          round-to-infinity.yml 39:26 Unexpected value '-999
          step-id-generates-when-empty.yml 7:15 'org with space/repo with space@v2' is no name
          workflow-defaults.yml 4:12 The shell 'cmd' is not supported: no agent runs on Windows.
          """);

  /// Fixtures that the language has left behind.
  private static final Map<String, String> SUPERSEDED =
      Map.of("errors-anchor-tag.yml", "anchors are part of the language by now");

  /// A fixture: settings, the workflow, files that it calls by reference, and what the official
  /// parser said.
  private record Fixture(
      String name,
      Limits limits,
      String workflow,
      Map<String, String> called,
      List<Expected> errors,
      boolean skipsCalls,
      Value outcome) {}

  /// An official error; line 0 where it has no place, no file where it names none.
  private record Expected(String file, int line, int column, String message) {}

  @Test
  void agreesWithEveryOfficialWorkflowAndRefusesExactlyWhatIsListed() {
    Map<String, String> disagreements = new TreeMap<>();
    for (Path file : Conformance.files("workflows", ".yml")) {
      Fixture fixture = read(file);
      String difference = difference(fixture);
      if (!difference.isEmpty() && !SUPERSEDED.containsKey(fixture.name())) {
        disagreements.put(fixture.name(), difference);
      }
    }
    assertThat(disagreements).as("fixtures that we judge differently").isEmpty();
  }

  private static Map<String, List<String>> refused(String lines) {
    Map<String, List<String>> refused = new TreeMap<>();
    lines
        .lines()
        .forEach(line -> {
          String[] words = line.split(" ", 2);
          refused.computeIfAbsent(words[0], _ -> new ArrayList<>()).add(words[1]);
        });
    return refused;
  }

  private static String difference(Fixture fixture) {
    ParseResult result =
        WorkflowParser.parse(
            FOLDER + fixture.name(), fixture.workflow(), called(fixture), fixture.limits());
    List<Diagnostic> left =
        new ArrayList<>(
            result.diagnostics().stream()
                .filter(found -> found.severity() == Diagnostic.Severity.ERROR)
                .toList());
    List<Expected> missed =
        fixture.errors().stream().filter(expected -> !found(expected, left)).toList();
    List<String> refused =
        left.stream()
            .filter(one -> one.rule() == Rule.UNSUPPORTED)
            .map(one -> "%d:%d %s".formatted(one.line(), one.column(), one.message()))
            .toList();
    if (!missed.isEmpty() || refused.size() < left.size()) {
      return "%nmissed %s%ntoo many %s%n".formatted(missed, left);
    }
    if (!begin(refused, REFUSED.getOrDefault(fixture.name(), List.of()))) {
      return "%nrefused %s%n".formatted(String.join("\n", refused));
    }
    return switch (result) {
      case ParseResult.Invalid _ -> "";
      case ParseResult.Valid valid ->
          String.join(
              "\n", FixtureModel.differences((Value.Obj) fixture.outcome(), valid.workflow()));
    };
  }

  private static boolean begin(List<String> messages, List<String> beginnings) {
    boolean all = messages.size() == beginnings.size();
    for (int i = 0; all && i < messages.size(); i++) {
      all = messages.get(i).startsWith(beginnings.get(i));
    }
    return all;
  }

  private static CalledWorkflows called(Fixture fixture) {
    if (fixture.skipsCalls()) {
      return CalledWorkflows.UNKNOWN;
    }
    return (uses, _) ->
        fixture.called().containsKey(uses.text())
            ? new CalledWorkflows.Answer.Found(
                uses.text(), fixture.called().getOrDefault(uses.text(), ""))
            : new CalledWorkflows.Answer.Missing("the fixture does not have it");
  }

  /// Takes what agrees out of `left`, in which everything is in the order of the file.
  private static boolean found(Expected expected, List<Diagnostic> left) {
    return left.stream()
        .filter(one -> agrees(expected, one))
        .findFirst()
        .map(left::remove)
        .orElse(false);
  }

  private static boolean agrees(Expected expected, Diagnostic actual) {
    boolean place =
        expected.line() == 0
            || (expected.line() == actual.line() && expected.column() == actual.column());
    return place
        && (expected.file().isEmpty() || expected.file().equals(actual.file()))
        && FixtureModel.withoutNewerScopes(actual.message()).startsWith(expected.message());
  }

  private static Fixture read(Path file) {
    List<String> parts = List.of(Conformance.text(file).split("\n---\n"));
    Map<String, String> called = new TreeMap<>();
    for (int i = 2; i + 1 < parts.size() - 1; i += 2) {
      called.put(parts.get(i).strip(), parts.get(i + 1) + "\n");
    }
    String name = file.getFileName().toString();
    List<Expected> errors = new ArrayList<>();
    Value outcome = Value.ofJson(parts.getLast());
    if (outcome instanceof Value.Obj object
        && object.member("errors").orElse(Value.nothing()) instanceof Value.Arr list) {
      for (Value error : list.items()) {
        errors.add(expected(((Value.Obj) error).member("Message").orElseThrow().text()));
      }
    }
    return new Fixture(
        name,
        limits(parts.getFirst()),
        parts.get(1),
        called,
        causes(errors),
        parts.getFirst().contains("skip-reusable-workflows: true"),
        outcome);
  }

  private static Limits limits(String settings) {
    Limits usual = Limits.DEFAULT;
    return new Limits(
        number("max-file-size", settings, usual.characters()),
        usual.nodes(),
        number("max-depth", settings, usual.depth()),
        number("max-nested-reusable-workflows-depth", settings, usual.calls()),
        number("max-job-limit", settings, usual.jobs()),
        number("max-result-size", settings, (int) usual.bytes()));
  }

  private static int number(String setting, String settings, int usual) {
    Matcher matcher = Pattern.compile("(?m)^" + setting + ": (\\d+)").matcher(settings);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : usual;
  }

  /// Without those that only follow from another one about the same value.
  private static List<Expected> causes(List<Expected> errors) {
    Set<String> places = new HashSet<>();
    return errors.stream()
        .filter(error ->
            places.add(error.line() + ":" + error.column())
                || !error.message().startsWith("Unexpected value '${{"))
        .toList();
  }

  /// Long messages are cut off there.
  private static Expected expected(String message) {
    String text =
        message.endsWith(CUT) ? message.substring(0, message.length() - CUT.length()) : message;
    Matcher located = LOCATED.matcher(text);
    if (located.matches()) {
      return new Expected(
          located.group(1),
          Integer.parseInt(located.group(2)),
          Integer.parseInt(located.group(3)),
          located.group(4));
    }
    int colon = text.indexOf(": ");
    return colon < 0
        ? new Expected("", 0, 0, text)
        : new Expected(text.substring(0, colon), 0, 0, text.substring(colon + 2));
  }
}
