package dev.fairway.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Remembers a server and a token for the commands that talk to it.
@Command(
    name = "login",
    description = "Remember a server and an API token for the other commands.",
    mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Parameters(paramLabel = "URL", description = "The server, such as http://127.0.0.1:7070.")
  @SuppressWarnings("NullAway.Init")
  private String url;

  @Option(
      names = "--token",
      required = true,
      interactive = true,
      arity = "0..1",
      description = "An API token of your account page; asked for where no value is given.")
  @SuppressWarnings("NullAway.Init")
  private String token;

  @Override
  public Integer call() {
    var credentials = new Credentials(Credentials.server(url), token);
    try (var api = new ApiClient(credentials)) {
      var me = api.get("/api/v1/whoami");
      credentials.save(System.getenv());
      output.print(
          me,
          () ->
              output
                  .writer()
                  .println("Signed in to " + url + " as " + me.path("name").asString() + "."));
    }
    return ExitCode.SUCCESS;
  }
}
