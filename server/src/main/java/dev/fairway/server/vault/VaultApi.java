package dev.fairway.server.vault;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import org.jspecify.annotations.Nullable;

/// `/api/v1/secrets` and `/api/v1/variables`; the scope stands in the query.
final class VaultApi implements Routes {
  private record Value(@Nullable String value) {}

  /// @param secrets how many were sealed anew
  private record Rotated(int secrets) {}

  private final Database database;
  private final Vault vault;
  private final Scopes scopes;

  VaultApi(Database database, Vault vault, Scopes scopes) {
    this.database = database;
    this.vault = vault;
    this.scopes = scopes;
  }

  @Override
  public void register(RouteTable routes) {
    register(routes, "/api/v1/secrets", Kind.SECRET);
    register(routes, "/api/v1/variables", Kind.VARIABLE);
    routes.post("/api/v1/rotate-secret-key", Permission.ORGANISATION_WRITE, this::rotate);
  }

  private void register(RouteTable routes, String path, Kind kind) {
    routes.get(path, Permission.PROJECT_READ, exchange -> list(exchange, kind));
    routes.put(path + "/{name}", Permission.SECRET_WRITE, exchange -> set(exchange, kind));
    routes.delete(path + "/{name}", Permission.SECRET_WRITE, exchange -> remove(exchange, kind));
  }

  private void list(Exchange exchange, Kind kind) {
    var scope = scope(exchange);
    exchange.json(Listing.whole(database.read(tx -> vault.list(tx, kind, scope))));
  }

  private void set(Exchange exchange, Kind kind) {
    var scope = writable(exchange);
    var value = exchange.body(Value.class).value();
    if (value == null) {
      throw new FairwayException(ErrorCode.INVALID_INPUT, "The field value is missing", "Send it.");
    }
    var by = exchange.caller().name();
    database.run(tx -> vault.set(tx, kind, scope, exchange.path("name"), value, by));
    exchange.nothing();
  }

  private void remove(Exchange exchange, Kind kind) {
    var scope = writable(exchange);
    database.run(
        tx -> vault.remove(tx, kind, scope, exchange.path("name"), exchange.caller().name()));
    exchange.nothing();
  }

  private void rotate(Exchange exchange) {
    exchange.json(new Rotated(vault.rotate(database, exchange.caller().name())));
  }

  private Scope writable(Exchange exchange) {
    Caller caller = exchange.caller();
    var scope = scope(exchange);
    Scopes.requireWrite(caller, scope);
    return scope;
  }

  private Scope scope(Exchange exchange) {
    return scopes.of(exchange.query("project"), exchange.query("environment"));
  }
}
