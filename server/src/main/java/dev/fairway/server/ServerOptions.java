package dev.fairway.server;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.http.Ingress;
import java.nio.file.Path;
import java.util.Optional;

/// What a server is told at its start.
///
/// @param data where it keeps everything that is not in the database; held by one server at a time,
///   and shared by its replicas
/// @param host the address to listen on
/// @param port 0 for a free one
/// @param ingress how people get to it
/// @param database an existing PostgreSQL, or empty for the embedded one
/// @param proxy the data folder of the proxy, which names where it takes its routes
/// @param secretKey the keys that seal secrets, in Base64, divided by commas, the current one
///   first; empty for a file of them in the data folder
/// @param replica whether it only shares the work of another server, which holds the data folder
///   and has the built-in target
public record ServerOptions(
    Path data,
    String host,
    int port,
    Ingress ingress,
    Optional<DatabaseUrl> database,
    Path proxy,
    Optional<String> secretKey,
    boolean replica) {
  /// The folder of the embedded database, below the data folder.
  static final String POSTGRESQL = "postgresql";

  public ServerOptions {
    if (replica && database.isEmpty()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A replica needs the database that it shares with the other servers",
          "Set FAIRWAY_DATABASE_URL, to the same one for all of them.");
    }
  }

  /// Where the built-in target keeps the services that run on this machine.
  public static Path services(Path data) {
    return data.resolve("services");
  }
}
