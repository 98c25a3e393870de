package dev.fairway.cli;

import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.WorkflowLint;
import dev.fairway.workflow.WorkflowParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Validates workflows without a server.
@Command(
    name = "check",
    description = "Check workflows, offline; prints FILE:LINE:COL: message.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "An invalid workflow ends it with exit code 2, with --strict a warning too.",
      "Scripts are shown to shellcheck where that is installed."
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; text is the usual one.")
  private CheckFormat format = CheckFormat.TEXT;

  @Option(names = "--strict", description = "Let a warning count as an error.")
  private boolean strict;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description =
          "Workflow files. Without one: all of .github/workflows and .fairway/workflows here.")
  private List<Path> files = List.of();

  @Override
  public Integer call() throws InterruptedException {
    var checked = files.isEmpty() ? WorkflowFiles.of(Path.of("")) : files;
    // A file at a time on each processor: many of them are what takes long.
    var results = checked.parallelStream().map(CheckCommand::check).toList();
    var found = new LinkedHashSet<Diagnostic>();
    results.forEach(result -> found.addAll(result.findings()));
    found.addAll(
        new ShellCheck(output)
            .check(results.stream().map(Result::valid).flatMap(Optional::stream).toList()));
    var names = checked.stream().map(Path::toString).toList();
    var report =
        new CheckReport(
            names,
            found.stream()
                .sorted(
                    Comparator.<Diagnostic>comparingInt(one -> names.indexOf(one.file()))
                        .thenComparing(Diagnostic::position))
                .toList());
    (output.json() ? CheckFormat.JSON : format).print(report, output.writer());
    output.writer().flush();
    return report.errors() == 0 && !(strict && report.warnings() > 0)
        ? ExitCode.SUCCESS
        : ExitCode.BAD_INPUT;
  }

  /// @param valid the workflow, if the file is one
  private record Result(List<Diagnostic> findings, Optional<ShellCheck.Source> valid) {}

  private static Result check(Path file) {
    var text = WorkflowFiles.read(file);
    return switch (WorkflowParser.parse(file.toString(), text, LocalCalls.of(file))) {
      case ParseResult.Invalid invalid -> new Result(invalid.diagnostics(), Optional.empty());
      case ParseResult.Valid valid -> {
        var findings = new ArrayList<>(valid.diagnostics());
        findings.addAll(WorkflowLint.check(valid.workflow()));
        yield new Result(findings, Optional.of(new ShellCheck.Source(valid.workflow(), text)));
      }
    };
  }
}
