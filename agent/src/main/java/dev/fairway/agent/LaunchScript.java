package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.Shell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The shell script that turns a supervisor's child into a step's process: sets its variables, goes
/// to its folder, and becomes its interpreter. Everything is quoted; nothing of a step is read as
/// shell by this script.
final class LaunchScript {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /// Names that mean something to the shell that reads this script: it would refuse to set them, or
  /// behave differently at once.
  private static final Pattern OF_THE_SHELL =
      Pattern.compile(
          "BASH.*|COMP_.*|DIRSTACK|ENV|EPOCH.*|EUID|FUNCNAME|GROUPS|HIST.*|IFS|LINENO|OPT(ARG|ERR|IND)"
              + "|PIPESTATUS|POSIXLY_CORRECT|PPID|PS4|RANDOM|SECONDS|SHELLOPTS|SRANDOM|TMOUT|UID|_");

  private static final String WITHOUT_POWERSHELL =
      """
      command -v pwsh >/dev/null 2>&1 || {
        echo '##[error]The step wants PowerShell, and this agent has no pwsh on its PATH. Install it there, or use bash'
        exit 127
      }
      """;

  /// What the kernel takes for one variable, name and value.
  static final int MAX_VARIABLE_BYTES = 128 * 1024 - 1;

  private final StringBuilder text = new StringBuilder();
  private final StringBuilder unusual = new StringBuilder();

  LaunchScript(Map<String, String> environment, Path folder) {
    environment.forEach(this::variable);
    text.append("cd ")
        .append(quote(folder.toString()))
        .append(" || { echo ")
        .append(quote("##[error]The working directory " + folder + " cannot be entered"))
        .append("; exit 1; }\n");
  }

  /// Becomes the interpreter of `script`, called as GitHub calls it. Without a shell that is bash
  /// where there is one, else sh.
  String interpret(Optional<Shell> shell, Path script) {
    var file = quote(script.toString());
    if (shell.isEmpty()) {
      return whereThereIs("bash", "bash -e " + file, "sh -e " + file);
    }
    return switch (shell.get()) {
      case Shell.Known known ->
          switch (known) {
            case BASH -> text + exec("bash --noprofile --norc -eo pipefail " + file);
            case SH -> text + exec("sh -e " + file);
            case PYTHON -> whereThereIs("python", "python " + file, "python3 " + file);
            case PWSH ->
                text
                    + WITHOUT_POWERSHELL
                    + exec(
                        "pwsh -command "
                            + quote(". '" + script.toString().replace("'", "''") + "'"));
          };
      case Shell.Custom custom ->
          text
              + exec(
                  custom.command(script.toString()).stream()
                      .map(LaunchScript::quote)
                      .collect(Collectors.joining(" ")));
    };
  }

  /// Runs the agent's own shell command instead of a script of the step.
  String program(String command) {
    return text + command + "\n";
  }

  /// Becomes this program.
  String become(List<String> command) {
    return text + exec(command.stream().map(LaunchScript::quote).collect(Collectors.joining(" ")));
  }

  /// How the invocation is shown in the log.
  static String invocation(Optional<Shell> shell) {
    return shell
        .map(chosen ->
            switch (chosen) {
              case Shell.Known known ->
                  switch (known) {
                    case BASH -> "bash --noprofile --norc -eo pipefail {0}";
                    case SH -> "sh -e {0}";
                    case PYTHON -> "python {0}";
                    case PWSH -> "pwsh -command \". '{0}'\"";
                  };
              case Shell.Custom custom -> String.join(" ", custom.words());
            })
        .orElse("bash -e {0}");
  }

  /// The suffix that the interpreter expects of its file.
  static String suffix(Optional<Shell> shell) {
    var program =
        shell
            .map(chosen ->
                switch (chosen) {
                  case Shell.Known known -> known.word();
                  case Shell.Custom custom ->
                      Path.of("/").resolve(custom.words().getFirst()).getFileName().toString();
                })
            .orElse("bash");
    return switch (program) {
      case "bash", "sh" -> ".sh";
      case "python", "python3" -> ".py";
      case "pwsh" -> ".ps1";
      case String _ -> "";
    };
  }

  /// The script as the interpreter gets it: PowerShell goes on after an error and loses the exit
  /// code of the last program, unless it is told.
  static String prepared(Optional<Shell> shell, String script) {
    var lines = script.endsWith("\n") ? script : script + "\n";
    return shell.filter(Shell.Known.PWSH::equals).isPresent()
        ? "$ErrorActionPreference = 'Stop'\n"
            + lines
            + "if (Test-Path -LiteralPath Variable:LASTEXITCODE) { exit $LASTEXITCODE }\n"
        : lines;
  }

  static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private String whereThereIs(String program, String then, String otherwise) {
    return text + "command -v " + program + " >/dev/null 2>&1 && " + exec(then) + exec(otherwise);
  }

  private String exec(String command) {
    return (unusual.isEmpty() ? "exec " : "exec env" + unusual + " ") + command + "\n";
  }

  private void variable(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw refused(name, "its name is not a name");
    }
    if (value.indexOf('\0') >= 0) {
      throw refused(name, "its value contains a NUL byte");
    }
    if ((name + "=" + value).getBytes(StandardCharsets.UTF_8).length > MAX_VARIABLE_BYTES) {
      throw refused(name, "it is longer than " + MAX_VARIABLE_BYTES + " bytes");
    }
    if (IDENTIFIER.matcher(name).matches() && !OF_THE_SHELL.matcher(name).matches()) {
      text.append("export ").append(name).append('=').append(quote(value)).append('\n');
    } else {
      unusual.append(' ').append(quote(name + "=" + value));
    }
  }

  private static FairwayException refused(String name, String why) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        "The variable `" + name + "` cannot be passed to the step: " + why,
        "");
  }
}
