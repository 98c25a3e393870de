package dev.fairway.server;

import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.identity.NewUser;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A whole server on a database of its own, and the people who use it.
final class RunningServer implements AutoCloseable {
  private static final String PASSWORD = "correct horse battery";

  private final TestDatabase database;
  private final FairwayServer server;
  private final Contract contract = Contract.read();
  private String token = "";

  private RunningServer(TestDatabase database, FairwayServer server) {
    this.database = database;
    this.server = server;
  }

  static RunningServer start(Path folder) {
    var database = TestDatabase.create();
    return new RunningServer(
        database,
        FairwayServer.start(
            new ServerOptions(
                folder.resolve("data"),
                "127.0.0.1",
                0,
                Ingress.STRAIGHT,
                Optional.of(database.url()),
                folder.resolve("proxy"),
                Optional.empty(),
                false)));
  }

  Contract contract() {
    return contract;
  }

  RouteTable routes() {
    return server.routes();
  }

  Database database() {
    return database.database();
  }

  URI url() {
    return server.url();
  }

  /// The secret of ada's token, as git takes it.
  String token() {
    return token;
  }

  ApiClient nobody() {
    return withToken("");
  }

  ApiClient withToken(String secret) {
    return secret.isEmpty()
        ? ApiClient.nobody(server.url(), contract)
        : ApiClient.withToken(server.url(), contract, secret);
  }

  /// Sets the server up and comes back with a token that may do whatever its owner may.
  ApiClient ada() {
    var setup = server.setupLink().orElseThrow();
    var session =
        ApiClient.withSession(
            server.url(),
            contract,
            "/setup",
            "token",
            setup.getQuery().replaceFirst("token=", ""),
            "name",
            "ada",
            "full-name",
            "Ada L",
            "email",
            "ada@example.org",
            "password",
            PASSWORD,
            "password-again",
            PASSWORD);
    var id = session.get("/api/v1/users").path("items").path(0).path("id").asString();
    session.call(
        "PUT",
        "/api/v1/users/" + id + "/roles",
        200,
        "{\"roles\": [\"administrator\", \"developer\", \"operator\", \"viewer\"]}");
    var spare = session.post("/api/v1/tokens", 201, tokenRequest("spare"));
    session.call("DELETE", "/api/v1/tokens/" + spare.path("id").asString(), 204, (String) null);
    var issued = session.post("/api/v1/tokens", 201, tokenRequest("laptop"));
    token = issued.path("token").asString();
    return withToken(token);
  }

  private static String tokenRequest(String name) {
    var scopes =
        Arrays.stream(Permission.values())
            .filter(it -> it != Permission.RUN_JOBS && it != Permission.JOB_SERVICES)
            .map(it -> "\"" + it.word() + "\"")
            .collect(Collectors.joining(", "));
    return "{\"name\": \"%s\", \"scopes\": [%s], \"expiresAt\": \"%s\"}"
        .formatted(name, scopes, Instant.now().plus(Duration.ofHours(1)));
  }

  /// An approver who came without a browser.
  ApiClient mia() {
    var identity = server.identity();
    var secret =
        database()
            .transaction(tx -> {
              var user =
                  identity.createUser(
                      tx,
                      new NewUser("mia", "Mia M", "mia@example.org", Set.of(Role.APPROVER)),
                      PASSWORD,
                      "ada");
              return identity
                  .createToken(
                      tx,
                      user.id(),
                      "phone",
                      EnumSet.of(
                          Permission.RELEASE_READ,
                          Permission.DEPLOYMENT_APPROVE,
                          Permission.RUN_READ,
                          Permission.TEST_QUARANTINE),
                      Instant.now().plus(Duration.ofHours(1)),
                      "mia")
                  .secret();
            });
    return withToken(secret);
  }

  @Override
  public void close() {
    server.close();
    database.close();
  }
}
