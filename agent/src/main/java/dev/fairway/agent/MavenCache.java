package dev.fairway.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Offers the machine's local Maven repository to the jobs, read-only, as a remote repository on
/// the loopback interface. A job's own local repository starts empty and ends with it, so that no
/// job can change what another one builds with; what the machine has is not downloaded again.
/// Whatever is not there comes from where the job's build takes it anyway.
///
/// A read-only mount would not do: the repository is often readable for its owner alone.
public final class MavenCache implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Path repository;

  private MavenCache(HttpServer server, Path repository) {
    this.server = server;
    this.repository = repository;
  }

  public static MavenCache start(Path repository) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var cache = new MavenCache(server, repository.toRealPath());
    server.createContext("/", cache::answer);
    server.setExecutor(cache.threads);
    server.start();
    return cache;
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = repository.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
      var head = exchange.getRequestMethod().equals("HEAD");
      if ((!head && !exchange.getRequestMethod().equals("GET")) || !offered(path)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      try (var in = Files.newInputStream(path)) {
        var size = Files.size(path);
        exchange.sendResponseHeaders(200, head || size == 0 ? -1 : size);
        if (!head && size > 0) {
          in.transferTo(exchange.getResponseBody());
        }
      }
    }
  }

  /// Artifacts, not Maven's own notes; and only what lies in the repository.
  private boolean offered(Path path) throws IOException {
    var name = String.valueOf(path.getFileName());
    return path.startsWith(repository)
        && !name.startsWith("_")
        && !name.startsWith("maven-metadata")
        && !name.endsWith(".lastUpdated")
        && Files.isRegularFile(path)
        && path.toRealPath().startsWith(repository);
  }
}
