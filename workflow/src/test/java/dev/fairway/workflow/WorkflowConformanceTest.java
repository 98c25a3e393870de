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
      Pattern.compile("\\(Line: (\\d+), Col: (\\d+)\\): (.*)", Pattern.DOTALL);
  private static final Pattern MAX_FILE_SIZE = Pattern.compile("max-file-size: (\\d+)");

  /// Fixtures that we judge differently on purpose, each with the reason: mostly the key, event or
  /// action that they use and that is refused here as not supported yet.
  private static final Map<String, String> DOES_NOT_APPLY =
      reasons(
          """
          bad-character.yml: the event schedule, and an action that is not built in; the official parser also lets a no-break space pass inside an expression
          error.yml: our list of properties leaves out `parallel`, which we do not have
          errors-max-result-size.yml: nothing is serialized here, so there is no result size; the file size and the number of values are limited instead
          errors-reusable-workflow-job-inputs-required.yml: reusable workflows
          errors-reusable-workflow-job-inputs-undefined.yml: reusable workflows
          errors-reusable-workflow-job-nested-permissions-not-allowed-job-level-from-caller-job-level.yml: reusable workflows
          errors-reusable-workflow-job-nested-permissions-not-allowed-workflow-level-from-caller-job-level.yml: reusable workflows
          errors-reusable-workflow-job-secrets-required.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-job-level-from-caller-default.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-job-level-from-caller-workflow-level.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-checks-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-deployments-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-id-token-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-packages-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-pull-requests-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-repository-projects-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-statuses-write.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-request-write-all-allowed-read-all.yml: reusable workflows
          errors-reusable-workflow-permissions-not-allowed-workflow-level-from-caller-job-level.yml: reusable workflows
          job-snapshot-mapping.yml: snapshot
          misc-steps.yml: it gives actions/checkout inputs that do not exist; we know its inputs and refuse others
          on-workflow_dispatch-unknown-keys-ignored.yml: an unknown key is an error here, as in events-single-invalid.yml, never ignored
          workflow-defaults.yml: the shell cmd
          """);

  /// A fixture: settings, the workflow, files that it refers to, and what the official parser said.
  private record Fixture(String name, Limits limits, String workflow, List<Expected> errors) {}

  /// An official error; line 0 where it has no place.
  private record Expected(int line, int column, String message) {}

  @Test
  void agreesWithEveryOfficialWorkflowThatUsesOnlySupportedKeys() {
    Map<String, String> disagreements = new TreeMap<>();
    List<String> staleReasons = new ArrayList<>();
    for (Path file : Conformance.files("workflows", ".yml")) {
      Fixture fixture = read(file);
      String difference = difference(fixture);
      if (!DOES_NOT_APPLY.containsKey(fixture.name())) {
        if (!difference.isEmpty()) {
          disagreements.put(fixture.name(), difference);
        }
      } else if (difference.isEmpty()) {
        staleReasons.add(fixture.name());
      }
    }
    assertThat(disagreements).as("fixtures that we judge differently").isEmpty();
    assertThat(staleReasons).as("listed as not applying, but they agree").isEmpty();
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
            CalledWorkflows.UNKNOWN,
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
    return agrees ? "" : "%nexpected %s%nbut was  %s%n".formatted(expected, errors);
  }

  private static boolean agrees(Expected expected, Diagnostic actual) {
    boolean place =
        expected.line() == 0
            || (expected.line() == actual.line() && expected.column() == actual.column());
    return place && actual.message().startsWith(expected.message());
  }

  private static Fixture read(Path file) {
    List<String> parts = List.of(Conformance.text(file).split("\n---\n"));
    Matcher size = MAX_FILE_SIZE.matcher(parts.getFirst());
    Limits limits =
        size.find()
            ? new Limits(
                Integer.parseInt(size.group(1)),
                Limits.DEFAULT.nodes(),
                Limits.DEFAULT.depth(),
                Limits.DEFAULT.calls())
            : Limits.DEFAULT;
    List<Expected> errors = new ArrayList<>();
    Value outcome = Value.ofJson(parts.getLast());
    if (outcome instanceof Value.Obj object
        && object.member("errors").orElse(Value.nothing()) instanceof Value.Arr list) {
      for (Value error : list.items()) {
        errors.add(expected(((Value.Obj) error).member("Message").orElseThrow().text()));
      }
    }
    return new Fixture(file.getFileName().toString(), limits, parts.get(1) + "\n", errors);
  }

  private static Expected expected(String message) {
    Matcher located = LOCATED.matcher(message);
    return located.find()
        ? new Expected(
            Integer.parseInt(located.group(1)),
            Integer.parseInt(located.group(2)),
            located.group(3))
        : new Expected(0, 0, message.substring(message.indexOf(": ") + 2));
  }
}
