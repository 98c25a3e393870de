package dev.fairway.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// A command that asks a server and prints its answer.
abstract class RemoteCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init")
  Output output;

  @Override
  public final Integer call() {
    try (var api = ApiClient.ofEnvironment()) {
      return ask(api);
    }
  }

  /// Does what the command is for.
  abstract int ask(ApiClient api);

  /// Prints the answer whole for programs, one line for people.
  final int say(JsonNode answer, String line) {
    output.print(answer, () -> output.writer().println(line));
    return ExitCode.SUCCESS;
  }

  /// Prints the answer whole for programs, and as a table of these fields for people; a heading is
  /// a field's name in capitals.
  final int list(JsonNode answer, JsonNode rows, List<String> fields) {
    output.print(
        answer,
        () ->
            output.table(
                fields.stream().map(RemoteCommand::heading).toList(),
                rows.valueStream()
                    .map(row -> fields.stream().map(field -> text(row, field)).toList())
                    .toList()));
    return ExitCode.SUCCESS;
  }

  /// A field's text; a commit is shortened as git does it.
  static String text(JsonNode row, String field) {
    var text = row.path(field).isNull() ? "" : row.path(field).asString("");
    return field.equals("commit") && text.length() > 7 ? text.substring(0, 7) : text;
  }

  private static String heading(String field) {
    return field.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT);
  }
}
