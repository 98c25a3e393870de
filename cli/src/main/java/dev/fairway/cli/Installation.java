package dev.fairway.cli;

import dev.fairway.agent.AgentMain;
import dev.fairway.api.Closer;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyAddress;
import dev.fairway.api.ProxyClient;
import dev.fairway.proxy.ProxyMain;
import dev.fairway.server.FairwayServer;
import dev.fairway.server.ServerOptions;
import dev.fairway.server.db.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The whole system on one machine: the server in this process, proxy and agent beside it. A
/// replica is the server alone.
///
/// ```
/// DIR/            the server's data folder
/// DIR/processes/  process ids and output of proxy and agent
/// DIR/proxy/      the proxy's data folder
/// DIR/agent/      the agent's data folder and its token
/// ```
final class Installation implements AutoCloseable {
  private static final int PROXY_HEAP_MEGABYTES = 64;
  private static final int AGENT_HEAP_MEGABYTES = 20;
  private static final int SLOT_HEAP_MEGABYTES = 4;

  /// An agent waits for processes most of its life: what the optimising compiler would save it
  /// takes itself, in time and in memory. One that has no memory left ends, and is started anew:
  /// any of its threads could be the one that found none, and the rest would wait for it.
  private static final List<String> AGENT_OPTIONS =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError");

  /// Shorter than a [Companion] waits for its end.
  private static final int AGENT_DRAIN_SECONDS = 8;

  private final FairwayServer server;
  private final Closer open = new Closer();

  private Installation(FairwayServer server) {
    this.server = server;
    open.keep(server);
  }

  /// Starts it for as long as this process is not asked to end. A Ctrl-C or SIGTERM closes it, also
  /// one that comes while it starts: the start is finished first, or fails, and leaves nothing.
  ///
  /// @param afterwards done when it is closed, before the process ends
  static Installation startUntilEnd(
      InstallationOptions options, Map<String, String> environment, Runnable afterwards) {
    var started = new CompletableFuture<Installation>();
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  started.thenAccept(Installation::close).exceptionally(_ -> null).join();
                  afterwards.run();
                }));
    try {
      var installation = start(options, environment);
      started.complete(installation);
      return installation;
    } finally {
      started.cancel(false);
    }
  }

  /// Starts what does not run yet and adopts what does.
  private static Installation start(InstallationOptions options, Map<String, String> environment) {
    var data = options.data.toAbsolutePath().normalize();
    var server =
        FairwayServer.start(
            new ServerOptions(
                data,
                options.bind,
                options.port,
                options.ingress(),
                Optional.ofNullable(environment.get("FAIRWAY_DATABASE_URL"))
                    .map(DatabaseUrl::parse),
                data.resolve("proxy"),
                Optional.ofNullable(environment.get("FAIRWAY_SECRET_KEY")),
                options.replica));
    var installation = new Installation(server);
    try {
      if (!options.replica) {
        installation.startBeside(options, data);
      }
      return installation;
    } catch (RuntimeException | Error e) {
      installation.close();
      throw e;
    }
  }

  private void startBeside(InstallationOptions options, Path data) {
    var proxy =
        new Companion(
            "proxy",
            processes(data),
            JavaCommand.of(
                ProxyMain.class,
                PROXY_HEAP_MEGABYTES,
                List.of(),
                "server",
                List.of(
                    "--data",
                    data.resolve("proxy").toString(),
                    "--bind",
                    options.bind,
                    "--port",
                    Integer.toString(options.proxyPort))));
    open.keep(proxy);
    proxy.keep();
    var token = data.resolve("agent").resolve("token");
    server.provideAgentToken(token);
    var agent =
        new Companion(
            "agent",
            processes(data),
            JavaCommand.of(
                AgentMain.class,
                AGENT_HEAP_MEGABYTES + options.slots * SLOT_HEAP_MEGABYTES,
                AGENT_OPTIONS,
                "agent",
                List.of(
                    "--server",
                    server.url().toString(),
                    "--token-file",
                    token.toString(),
                    "--data",
                    data.resolve("agent").resolve("jobs").toString(),
                    "--labels",
                    String.join(",", options.labels()),
                    "--slots",
                    Integer.toString(options.slots),
                    "--drain",
                    Integer.toString(AGENT_DRAIN_SECONDS),
                    // Jobs see nothing of the installation that runs them.
                    "--hide",
                    data.toString())));
    open.keep(agent::stop);
    agent.keep();
    var address = proxy.await(() -> ready(data.resolve("proxy")));
    if (options.proxyPort != 0 && address.trafficPort() != options.proxyPort) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "The proxy of this data folder runs already, on port " + address.trafficPort(),
          "Start without --proxy-port " + options.proxyPort + ", or end it with `fairway down`.");
    }
  }

  private static Optional<ProxyAddress> ready(Path folder) {
    try (var client = new ProxyClient(folder)) {
      return Optional.of(client.ready());
    } catch (FairwayException e) {
      return Optional.empty();
    }
  }

  FairwayServer server() {
    return server;
  }

  /// Where the server answers.
  URI url() {
    return server.url();
  }

  /// Stops server and agent; the proxy and the services go on.
  @Override
  public void close() {
    open.close();
  }

  /// Ends what an earlier server left running in that data folder; refused while a server has it.
  static void stopEverything(Path data) {
    try (var _ = FairwayServer.reserve(data)) {
      Companion.stop("agent", processes(data));
      Companion.stop("proxy", processes(data));
      FairwayServer.halt(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Path processes(Path data) {
    try {
      return Files.createDirectories(data.resolve("processes"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
