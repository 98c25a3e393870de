package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.LocalActions;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Rule;
import dev.fairway.workflow.WorkflowLint;
import dev.fairway.workflow.WorkflowParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
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

  @Option(names = "--no-shellcheck", description = "Do not show scripts to shellcheck.")
  private boolean noShellcheck;

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
    var actions = new ConcurrentHashMap<Path, RepositoryActions>();
    var results =
        checked.parallelStream()
            .map(file ->
                check(
                    file,
                    actions.computeIfAbsent(WorkflowFiles.root(file), RepositoryActions::new)))
            .toList();
    var found = new LinkedHashSet<Diagnostic>();
    results.forEach(result -> found.addAll(result.findings()));
    if (!noShellcheck) {
      found.addAll(
          new ShellCheck(output)
              .check(results.stream().map(Result::scripts).flatMap(Optional::stream).toList()));
    }
    var names = checked.stream().map(Path::toString).toList();
    var order = new HashMap<String, Integer>();
    names.forEach(name -> order.putIfAbsent(name, order.size()));
    var report =
        new CheckReport(
            names,
            found.stream()
                .sorted(
                    Comparator.<Diagnostic>comparingInt(
                            one -> order.getOrDefault(one.file(), order.size()))
                        .thenComparing(Diagnostic::file)
                        .thenComparing(Diagnostic::position))
                .toList());
    (output.json() ? CheckFormat.JSON : format).print(report, output.writer());
    output.writer().flush();
    return report.errors() == 0 && !(strict && report.warnings() > 0)
        ? ExitCode.SUCCESS
        : ExitCode.BAD_INPUT;
  }

  /// @param scripts what could be read of the workflow
  private record Result(List<Diagnostic> findings, Optional<ShellCheck.Source> scripts) {}

  private static Result check(Path file, LocalActions actions) {
    try {
      return check(file, WorkflowFiles.read(file), actions);
    } catch (FairwayException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        throw e;
      }
      // One file that cannot be read hides nothing of the others.
      var why = "%s %s".formatted(e.getMessage(), e.next());
      return new Result(
          List.of(
              new Diagnostic(
                  file.toString(), 1, 1, Diagnostic.Severity.ERROR, Rule.SYNTAX, why.strip())),
          Optional.empty());
    }
  }

  private static Result check(Path file, String text, LocalActions actions) {
    var result = WorkflowParser.parse(file.toString(), text, LocalCalls.of(file));
    var findings = new ArrayList<>(result.diagnostics());
    findings.addAll(WorkflowLint.check(result, actions));
    var readable =
        switch (result) {
          case ParseResult.Invalid invalid -> invalid.readable();
          case ParseResult.Valid valid -> Optional.of(valid.workflow());
        };
    return new Result(findings, readable.map(one -> new ShellCheck.Source(one, text)));
  }
}
