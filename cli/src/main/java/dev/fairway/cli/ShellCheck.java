package dev.fairway.cli;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.Json;
import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.Position;
import dev.fairway.workflow.Rule;
import dev.fairway.workflow.Step;
import dev.fairway.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Shows the scripts of workflows to shellcheck, where it is installed.
///
/// An expression stands in the script as underscores of its length, which is why findings that
/// follow from its value being fixed are left out.
final class ShellCheck {
  private static final int MAX_SECONDS = 60;

  /// Sources that are not there, and what is constant only because of our underscores.
  private static final String EXCLUDED = "SC1091,SC2050,SC2154,SC2157,SC2194";

  private static final Pattern EXPRESSION = Pattern.compile("\\$\\{\\{.*?}}", Pattern.DOTALL);

  private final Output output;

  ShellCheck(Output output) {
    this.output = output;
  }

  /// A workflow and the text that it was read from.
  record Source(Workflow workflow, List<String> lines) {
    Source(Workflow workflow, String text) {
      this(workflow, List.of(text.split("\n", -1)));
    }
  }

  private record Script(Source source, Step.Run step) {}

  List<Diagnostic> check(List<Source> sources) throws InterruptedException {
    // The same script stands in many jobs, and is looked at once.
    var scripts = new LinkedHashMap<String, List<Script>>();
    for (var source : sources) {
      for (var job : source.workflow().jobs().values()) {
        if (job instanceof Job.Steps steps) {
          steps.steps().stream()
              .filter(Step.Run.class::isInstance)
              .map(Step.Run.class::cast)
              .filter(step -> !dialect(step).isEmpty())
              .forEach(step ->
                  scripts
                      .computeIfAbsent(text(step), _ -> new ArrayList<>())
                      .add(new Script(source, step)));
        }
      }
    }
    if (scripts.isEmpty() || !installed()) {
      return List.of();
    }
    try {
      var folder = Files.createTempDirectory("fairway-check-");
      try {
        return findings(List.copyOf(scripts.values()), run(List.copyOf(scripts.keySet()), folder));
      } finally {
        DurableFiles.delete(folder);
      }
    } catch (IOException | JacksonException e) {
      output.warn("shellcheck could not be asked: " + e.getMessage());
      return List.of();
    }
  }

  /// What shellcheck calls the shell; empty for another interpreter, or one that is only known
  /// later.
  private static String dialect(Step.Run step) {
    return step.fixedShell("bash")
        .filter(word -> word.equals("bash") || word.equals("sh"))
        .orElse("");
  }

  private static boolean installed() {
    return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "shellcheck")));
  }

  /// As many processes as there are processors, each with its share of the scripts.
  ///
  /// @return comments whose file is the number of a script
  private static List<JsonNode> run(List<String> scripts, Path folder)
      throws IOException, InterruptedException {
    for (int i = 0; i < scripts.size(); i++) {
      Files.writeString(folder.resolve(Integer.toString(i)), scripts.get(i));
    }
    var shares = Math.min(Runtime.getRuntime().availableProcessors(), scripts.size());
    var running = new ArrayList<Process>();
    try {
      for (int share = 0; share < shares; share++) {
        running.add(start(share, shares, scripts.size(), folder));
      }
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_SECONDS);
      for (var process : running) {
        if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          throw new IOException("it took longer than " + MAX_SECONDS + " s");
        }
      }
    } finally {
      running.forEach(Process::destroyForcibly);
    }
    var comments = new ArrayList<JsonNode>();
    for (int share = 0; share < shares; share++) {
      Json.MAPPER.readTree(answer(share, folder).toFile()).path("comments").forEach(comments::add);
    }
    return comments;
  }

  private static Process start(int share, int shares, int scripts, Path folder) throws IOException {
    var command =
        new ArrayList<>(List.of("shellcheck", "--norc", "--format=json1", "--exclude=" + EXCLUDED));
    for (int i = share; i < scripts; i += shares) {
      command.add(Integer.toString(i));
    }
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(answer(share, folder).toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    return process;
  }

  private static Path answer(int share, Path folder) {
    return folder.resolve("answer-" + share + ".json");
  }

  /// The script behind a line that names its shell, every expression replaced by underscores.
  private static String text(Step.Run step) {
    return "#!/bin/"
        + dialect(step)
        + "\n"
        + EXPRESSION
            .matcher(step.script().toString())
            .replaceAll(match -> match.group().replaceAll("[^\\n]", "_"));
  }

  private static List<Diagnostic> findings(List<List<Script>> scripts, List<JsonNode> comments) {
    var found = new ArrayList<Diagnostic>();
    for (var comment : comments) {
      for (var script : scripts.get(Integer.parseInt(comment.path("file").asString("")))) {
        // Behind our own first line.
        var place = place(script, comment.path("line").asInt() - 1, comment.path("column").asInt());
        found.add(
            new Diagnostic(
                script.source().workflow().file(),
                place.line(),
                place.column(),
                Diagnostic.Severity.WARNING,
                Rule.SHELL,
                "SC%d: %s"
                    .formatted(
                        comment.path("code").asInt(), comment.path("message").asString(""))));
      }
    }
    return found;
  }

  /// Where a place of the script is in the file: exactly for a block that begins with `|` and for
  /// text on one line, else where the script begins.
  private static Position place(Script script, int line, int column) {
    var begin = script.step().script().position();
    var lines = script.source().lines();
    var header = lines.get(begin.line() - 1);
    var written = header.substring(header.offsetByCodePoints(0, begin.column() - 1));
    if (written.startsWith(script.step().script().toString().stripTrailing())) {
      return new Position(begin.line(), begin.column() + column - 1);
    }
    if (!written.startsWith("|")) {
      return begin;
    }
    var indentation =
        lines.stream()
            .skip(begin.line())
            .filter(text -> !text.isBlank())
            .findFirst()
            .map(text -> text.length() - text.stripLeading().length())
            .orElse(0);
    return new Position(begin.line() + line, indentation + column);
  }
}
