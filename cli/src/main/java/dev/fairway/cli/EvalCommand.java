package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Expression;
import dev.fairway.workflow.ExpressionSyntaxException;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Vocabulary;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Evaluates one expression of the workflow language.
@Command(
    name = "eval",
    description = "Evaluate an expression of the workflow language; prints JSON.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "  fairway eval \"startsWith(github.ref, 'refs/tags/')\" --context github.json",
      "",
      "The file holds an object with one member per context: {\"github\": {\"ref\": ...}}."
    })
final class EvalCommand implements Callable<Integer> {
  /// What a workflow can see somewhere; null unless the file gives it.
  private static final List<String> CONTEXTS =
      List.of(
          "github",
          "env",
          "vars",
          "job",
          "steps",
          "runner",
          "secrets",
          "strategy",
          "matrix",
          "needs",
          "inputs");

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Parameters(paramLabel = "EXPRESSION", description = "With or without ${{ }} around it.")
  @SuppressWarnings("NullAway.Init")
  private String expression;

  @Option(
      names = "--context",
      paramLabel = "JSON-FILE",
      description = "The contexts that the expression sees.")
  private Optional<Path> contextFile = Optional.empty();

  @Override
  public Integer call() {
    try {
      var given = contextFile.map(EvalCommand::contexts).orElseGet(Value::object);
      var names = new LinkedHashSet<>(CONTEXTS);
      names.addAll(given.members().keySet());
      var contexts = Contexts.empty();
      for (var context : given.members().entrySet()) {
        contexts = contexts.with(context.getKey(), context.getValue());
      }
      var value = Expression.parse(bare(expression), Vocabulary.of(names)).evaluate(contexts);
      output.writer().println(value.toJson());
      output.writer().flush();
      return ExitCode.SUCCESS;
    } catch (ExpressionSyntaxException e) {
      throw refused(e);
    } catch (EvaluationException e) {
      throw refused(e);
    }
  }

  private static FairwayException refused(Exception cause) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        String.valueOf(cause.getMessage()),
        "docs/guide/workflows.md describes the language.",
        cause);
  }

  private static String bare(String text) {
    var stripped = text.strip();
    return stripped.startsWith("${{") && stripped.endsWith("}}")
        ? stripped.substring(3, stripped.length() - 2)
        : text;
  }

  private static Value.Obj contexts(Path file) {
    if (Value.ofJson(WorkflowFiles.read(file)) instanceof Value.Obj object) {
      return object;
    }
    throw new FairwayException(
        ErrorCode.INVALID_INPUT,
        file + " does not hold a JSON object.",
        "It needs one member per context, such as {\"github\": {\"ref\": \"refs/heads/main\"}}.");
  }
}
