package dev.fairway.cli;

import com.sun.net.httpserver.HttpServer;
import dev.fairway.agent.Agent;
import dev.fairway.agent.AgentConfig;
import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.FairwayServer;
import dev.fairway.server.ServerOptions;
import dev.fairway.server.http.Ingress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Goes once through what starts most often, while the JVM watches which classes that needs. The
/// launcher runs it after a build, to make an AOT cache of each part: a JVM maps all of its cache,
/// and a command that ends within a moment must not pay for the classes of a server.
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--version"),
          List.of("--help"),
          List.of("login", "--help"),
          List.of("eval", "format('{0}', 1)"));

  /// One of everything that a small workflow has.
  private static final String WORKFLOW =
      """
      on: push
      env: {LEVEL: low}
      jobs:
        warm:
          runs-on: linux
          strategy: {matrix: {one: [1]}}
          steps:
            - run: 'echo ${{ env.LEVEL }} ${{ matrix.one }}'
      """;

  private static final List<String> PAGES = List.of("/healthz", "/readyz", "/sign-in");

  /// What a cache is made for.
  enum Part {
    COMMANDS,
    SERVER,
    AGENT
  }

  @Parameters(paramLabel = "PART", description = "${COMPLETION-CANDIDATES}")
  @SuppressWarnings("NullAway.Init")
  private Part part;

  @Override
  public Integer call() throws IOException {
    var folder = Files.createTempDirectory("fairway-warm-up");
    try {
      switch (part) {
        case COMMANDS -> commands(folder);
        case SERVER -> server(folder);
        case AGENT -> agent(folder);
      }
    } finally {
      DurableFiles.delete(folder);
    }
    return ExitCode.SUCCESS;
  }

  private static void commands(Path folder) throws IOException {
    COMMANDS.forEach(WarmUpCommand::execute);
    execute(List.of("check", workflow(folder)));
    execute(List.of("run", "-W", workflow(folder)));
  }

  private static String workflow(Path folder) throws IOException {
    return Files.writeString(folder.resolve("warm.yml"), WORKFLOW).toString();
  }

  private static void server(Path data) throws IOException {
    execute(List.of("up", "--help"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> halt(data)));
    try (var server =
            FairwayServer.start(
                new ServerOptions(
                    data,
                    "127.0.0.1",
                    0,
                    Ingress.STRAIGHT,
                    Optional.empty(),
                    data.resolve("proxy"),
                    Optional.empty(),
                    false));
        var http = HttpClient.newHttpClient()) {
      for (var page : PAGES) {
        visit(http, server.url().resolve(page));
      }
      new ServerWarmUp(server, data).run();
    }
  }

  /// Whoever interrupts a build leaves no database behind.
  private static void halt(Path data) {
    try {
      if (Files.isDirectory(data)) {
        FairwayServer.halt(data);
        DurableFiles.delete(data);
      }
    } catch (IOException e) {
      System.err.println("What the warm-up has left in " + data + " was not removed: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Runs a job, and asks a server that has none.
  private static void agent(Path folder) throws IOException {
    execute(List.of("run", "-W", workflow(folder)));
    var asked = new CountDownLatch(1);
    var nobody = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    nobody.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(HttpURLConnection.HTTP_NO_CONTENT, -1);
          exchange.close();
          asked.countDown();
        });
    nobody.start();
    var config =
        new AgentConfig(
            List.of(URI.create("http://127.0.0.1:" + nobody.getAddress().getPort())),
            Files.writeString(folder.resolve("token"), "none"),
            folder.resolve("agent"),
            "warm-up",
            List.of("linux"),
            1,
            List.of(),
            Optional.empty(),
            Duration.ZERO);
    try (var agent = Agent.start(config, Clock.systemUTC(), RandomGenerator.getDefault())) {
      asked.await();
      var _ = agent.drain();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      nobody.stop(0);
    }
  }

  private static void execute(List<String> command) {
    var arguments = command.toArray(String[]::new);
    Main.commandLine(arguments).setOut(new PrintWriter(new StringWriter())).execute(arguments);
  }

  private static void visit(HttpClient http, URI page) throws IOException {
    try {
      var status =
          http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        throw new FairwayException(ErrorCode.INTERNAL, page + " answered " + status, "");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
