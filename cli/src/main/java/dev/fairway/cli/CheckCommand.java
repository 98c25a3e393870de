package dev.fairway.cli;

import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.WorkflowParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Validates workflows without a server.
@Command(
    name = "check",
    description = "Check workflows, offline; prints FILE:LINE:COL: message.",
    mixinStandardHelpOptions = true,
    footer = {"", "An invalid workflow ends it with exit code 2. Warnings do not."})
final class CheckCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description =
          "Workflow files. Without one: all of .github/workflows and .fairway/workflows here.")
  private List<Path> files = List.of();

  /// What `--json` prints.
  record Report(List<String> files, boolean valid, List<Map<String, Object>> diagnostics) {}

  @Override
  public Integer call() {
    var checked = files.isEmpty() ? WorkflowFiles.of(Path.of("")) : files;
    var found = new ArrayList<Diagnostic>();
    for (var file : checked) {
      var text = WorkflowFiles.read(file);
      WorkflowParser.parse(file.toString(), text, LocalCalls.of(file)).diagnostics().stream()
          .filter(one -> !found.contains(one))
          .forEach(found::add);
    }
    var errors = found.stream().filter(one -> one.severity() == Diagnostic.Severity.ERROR).count();
    output.print(
        new Report(
            checked.stream().map(Path::toString).toList(),
            errors == 0,
            found.stream().map(CheckCommand::json).toList()),
        () -> {
          found.forEach(output.writer()::println);
          output.writer().println(summary(checked.size(), errors, found.size() - errors));
        });
    return errors == 0 ? ExitCode.SUCCESS : ExitCode.BAD_INPUT;
  }

  private static Map<String, Object> json(Diagnostic found) {
    return Map.of(
        "file",
        found.file(),
        "line",
        found.line(),
        "column",
        found.column(),
        "severity",
        found.severity().name().toLowerCase(Locale.ROOT),
        "message",
        found.message());
  }

  private static String summary(long files, long errors, long warnings) {
    return count(files, "workflow")
        + " checked, "
        + (errors == 0 ? "no error" : count(errors, "error"))
        + (warnings == 0 ? "" : ", " + count(warnings, "warning"));
  }

  private static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
