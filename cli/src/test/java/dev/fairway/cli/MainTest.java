package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class MainTest {
  @Test
  void namesItsVersion() {
    assertThat(execute("--version").out()).startsWith("fairway 0.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "projects list", "evidence verify"})
  void everyCommandNamesItToo(String command) {
    assertThat(execute((command + " -V").split(" ")).out()).startsWith("fairway 0.");
  }

  @Test
  void theHelpListsEveryCommandButThoseOfTheLauncher() {
    var help = execute("--help").out();

    FairwayCommand.COMMANDS.keySet().stream()
        .filter(name -> !name.equals("warm-up"))
        .forEach(name -> assertThat(help).containsPattern("(?m)^  " + name + " "));
    assertThat(help).doesNotContain("warm-up");
  }

  @Test
  void everyCommandIsKnownByItsName() {
    FairwayCommand.COMMANDS.forEach((name, command) ->
        assertThat(new CommandLine(command.get()).getCommandName()).isEqualTo(name));
  }

  @Test
  void aMistypedCommandGetsASuggestion() {
    var result = execute("deploymnets");

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err()).contains("deployments");
  }

  @Test
  void anUnknownOptionIsBadInputAndSaysWhereToReadOn() {
    var result = execute("projects", "list", "--colour");

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err())
        .contains("Unknown option: '--colour'")
        .contains("fairway projects list --help");
  }

  @Test
  void anAddressThatIsNoneIsBadInput() {
    var result = execute("login", "ftp://somewhere", "--token", "t");

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err()).contains("not the address of a server");
  }

  @Test
  void errorsAreProblemsWhereJsonIsAskedFor() {
    var result = execute("login", "ftp://somewhere", "--token", "t", "--json");

    assertThat(result.err()).contains("\"code\" : \"invalid_input\"");
  }

  record Result(int exit, String out, String err) {}

  static Result execute(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var exit =
        Main.commandLine(arguments)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Result(exit, out.toString(), err.toString());
  }
}
