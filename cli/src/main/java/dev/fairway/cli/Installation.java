package dev.fairway.cli;

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

/// The whole system on one machine: the server in this process, proxy and agent beside it.
///
/// ```
/// DIR/            the server's data folder
/// DIR/processes/  process ids and output of proxy and agent
/// DIR/proxy/      the proxy's data folder
/// DIR/agent/      the agent's data folder and its token
/// ```
final class Installation implements AutoCloseable {
  private static final int PROXY_HEAP_MEGABYTES = 64;

  private final FairwayServer server;
  private final Companion proxy;

  private Installation(FairwayServer server, Companion proxy) {
    this.server = server;
    this.proxy = proxy;
  }

  /// Starts what does not run yet and adopts what does.
  static Installation start(InstallationOptions options, Map<String, String> environment) {
    var data = options.data.toAbsolutePath().normalize();
    var server =
        FairwayServer.start(
            new ServerOptions(
                data,
                options.bind,
                options.port,
                Optional.ofNullable(environment.get("FAIRWAY_DATABASE_URL"))
                    .map(DatabaseUrl::parse),
                data.resolve("proxy")));
    var proxy =
        new Companion(
            "proxy",
            processes(data),
            JavaCommand.of(
                ProxyMain.class,
                PROXY_HEAP_MEGABYTES,
                List.of(
                    "--data",
                    data.resolve("proxy").toString(),
                    "--bind",
                    options.bind,
                    "--port",
                    Integer.toString(options.proxyPort))));
    proxy.keep();
    return new Installation(server, proxy);
  }

  /// Where the server answers.
  URI url() {
    return server.url();
  }

  /// Where the process ids are kept.
  static Path processes(Path data) {
    try {
      return Files.createDirectories(data.resolve("processes"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stops server and agent; the proxy and the services go on.
  @Override
  public void close() {
    proxy.close();
    server.close();
  }

  /// Stops the proxy as well.
  void stopEverything() {
    close();
    proxy.stop();
  }
}
