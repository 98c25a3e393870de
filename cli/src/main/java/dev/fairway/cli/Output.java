package dev.fairway.cli;

import dev.fairway.api.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;

/// The option `--json` of every command, and the two ways to print: for people and for programs.
final class Output {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  boolean json() {
    return json;
  }

  PrintWriter writer() {
    return spec.commandLine().getOut();
  }

  /// Tells a person what went wrong beside the work; programs that read the output do not see it.
  void warn(String text) {
    spec.commandLine().getErr().println("fairway: " + text);
  }

  /// Prints the value as JSON, or the text for people.
  void print(Object value, Runnable text) {
    if (json) {
      writer().println(json(value));
    } else {
      text.run();
    }
    writer().flush();
  }

  /// Prints a table for people: columns as wide as they must be, two spaces apart.
  void table(List<String> headings, List<List<String>> rows) {
    var all = new ArrayList<List<String>>();
    all.add(headings);
    all.addAll(rows);
    var widths = new int[headings.size()];
    for (var row : all) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (var row : all) {
      var line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        line.append(row.get(column));
        if (column < widths.length - 1) {
          line.repeat(' ', widths[column] - row.get(column).length() + 2);
        }
      }
      writer().println(line);
    }
  }

  static String json(Object value) {
    return Json.MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
  }

  /// Whether the innermost command was asked for JSON.
  static boolean wantsJson(ParseResult parsed) {
    var innermost = parsed;
    while (innermost.hasSubcommand()) {
      innermost = innermost.subcommand();
    }
    return innermost.hasMatchedOption("--json");
  }
}
