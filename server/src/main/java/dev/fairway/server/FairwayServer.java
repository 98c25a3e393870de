package dev.fairway.server;

import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.db.EmbeddedPostgreSql;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.RouteTable;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/// One server: everything that belongs to it, built here with explicit constructors and closed in
/// the reverse order.
public final class FairwayServer implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final HttpServer http;
  private final URI url;

  private FairwayServer(ServerOptions options) {
    var data = keep(DataFolder.open(options.data()));
    var database = keep(Database.open(databaseUrl(options, data)));

    var routes = new RouteTable();
    new SystemRoutes(database, Map::of).register(routes);
    this.http =
        keep(
            HttpServer.start(
                options.host(),
                options.port(),
                routes,
                _ -> Caller.NOBODY,
                (_, problem) -> problem.title()));
    this.url = URI.create("http://" + options.host() + ":" + http.port());
  }

  /// Starts a server; when this returns, it answers.
  public static FairwayServer start(ServerOptions options) {
    return new FairwayServer(options);
  }

  /// Where it answers.
  public URI url() {
    return url;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("could not be closed", e);
      }
    }
  }

  private DatabaseUrl databaseUrl(ServerOptions options, DataFolder data) {
    return options
        .database()
        .orElseGet(() -> keep(EmbeddedPostgreSql.open(data.folder("postgresql"))).url());
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }
}
