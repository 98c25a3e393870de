package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `/api/v1/whoami`, `users`, `tokens` and `agents`.
final class IdentityApi {
  private record UserRequest(String name, String fullName, String email, List<String> roles) {}

  private record RolesRequest(List<String> roles) {}

  private record TokenRequest(String name, List<String> scopes, Instant expiresAt) {}

  private record AgentRequest(String name) {}

  /// A user as the API shows it.
  private record UserJson(
      UUID id,
      String name,
      String fullName,
      String email,
      List<String> roles,
      boolean joined,
      boolean active,
      Instant createdAt) {
    static UserJson of(User user) {
      return new UserJson(
          user.id(),
          user.name(),
          user.fullName(),
          user.email(),
          user.roleWords(),
          user.joined(),
          user.active(),
          user.createdAt());
    }
  }

  private final Database database;
  private final Identity identity;
  private final ApiTokens apiTokens;
  private final Agents agents;

  IdentityApi(Database database, Identity identity, ApiTokens apiTokens, Agents agents) {
    this.database = database;
    this.identity = identity;
    this.apiTokens = apiTokens;
    this.agents = agents;
  }

  void register(RouteTable routes) {
    routes.get("/api/v1/whoami", Permission.ANYONE, this::whoami);
    routes.get("/api/v1/users", Permission.USER_READ, this::users);
    routes.post("/api/v1/users", Permission.USER_WRITE, this::createUser);
    routes.put("/api/v1/users/{id}/roles", Permission.USER_WRITE, this::setRoles);
    routes.post("/api/v1/users/{id}/deactivate", Permission.USER_WRITE, this::deactivate);
    routes.post("/api/v1/users/{id}/activate", Permission.USER_WRITE, this::activate);
    routes.get("/api/v1/users/{id}/sessions", Permission.USER_READ, this::sessionsOfUser);
    routes.delete(
        "/api/v1/users/{id}/sessions/{session}", Permission.USER_WRITE, this::endSessionOfUser);
    routes.get("/api/v1/sessions", Permission.SIGNED_IN, this::sessions);
    routes.delete("/api/v1/sessions/{session}", Permission.SIGNED_IN, this::endSession);
    routes.get("/api/v1/tokens", Permission.SIGNED_IN, this::tokens);
    routes.post("/api/v1/tokens", Permission.SIGNED_IN, this::createToken);
    routes.delete("/api/v1/tokens/{id}", Permission.SIGNED_IN, this::revokeToken);
    routes.get("/api/v1/agents", Permission.AGENT_WRITE, this::agents);
    routes.post("/api/v1/agents", Permission.AGENT_WRITE, this::createAgent);
    routes.delete("/api/v1/agents/{id}", Permission.AGENT_WRITE, this::revokeAgent);
  }

  private void whoami(Exchange exchange) {
    var caller = exchange.caller();
    exchange.json(
        Map.of(
            "kind", caller.kind(),
            "name", caller.name(),
            "roles", caller.roles().stream().map(Role::word).sorted().toList(),
            "permissions", caller.permissions().stream().map(Permission::word).sorted().toList()));
  }

  private void users(Exchange exchange) {
    var users = database.read(identity::users);
    exchange.json(Listing.whole(users).map(UserJson::of));
  }

  private void createUser(Exchange exchange) {
    var request = exchange.body(UserRequest.class);
    var newUser =
        new NewUser(
            present(request.name(), "name"),
            present(request.fullName(), "fullName"),
            present(request.email(), "email"),
            roles(present(request.roles(), "roles")));
    var actor = exchange.caller().name();
    exchange.status(201);
    database.run(tx -> {
      var user = identity.createUser(tx, newUser, actor);
      var link = exchange.origin() + "/invite?token=" + identity.invite(tx, user.id(), actor);
      exchange.json(Map.of("user", UserJson.of(user), "invitation", link));
    });
  }

  private void setRoles(Exchange exchange) {
    var roles = roles(present(exchange.body(RolesRequest.class).roles(), "roles"));
    var user =
        database.transaction(
            tx -> identity.setRoles(tx, exchange.pathId("id"), roles, exchange.caller().name()));
    exchange.json(UserJson.of(user));
  }

  private void deactivate(Exchange exchange) {
    var user =
        database.transaction(
            tx -> identity.deactivate(tx, exchange.pathId("id"), exchange.caller().name()));
    exchange.json(UserJson.of(user));
  }

  private void activate(Exchange exchange) {
    var user =
        database.transaction(
            tx -> identity.activate(tx, exchange.pathId("id"), exchange.caller().name()));
    exchange.json(UserJson.of(user));
  }

  private void sessionsOfUser(Exchange exchange) {
    sessions(exchange, exchange.pathId("id"));
  }

  private void endSessionOfUser(Exchange exchange) {
    endSession(exchange, exchange.pathId("id"));
  }

  private void sessions(Exchange exchange) {
    sessions(exchange, exchange.caller().knownId());
  }

  /// With a token as well: that only ever takes something away.
  private void endSession(Exchange exchange) {
    endSession(exchange, exchange.caller().knownId());
  }

  private void sessions(Exchange exchange, UUID user) {
    exchange.json(Listing.whole(database.read(tx -> identity.sessions(tx, user))));
  }

  private void endSession(Exchange exchange, UUID user) {
    var id = exchange.pathId("session");
    database.run(tx -> identity.endSession(tx, user, id, exchange.caller().name()));
    exchange.nothing();
  }

  private void tokens(Exchange exchange) {
    var tokens = database.read(tx -> apiTokens.of(tx, exchange.caller().knownId()));
    exchange.json(Listing.whole(tokens));
  }

  private void createToken(Exchange exchange) {
    AccountPages.requireSession(exchange.caller());
    var request = exchange.body(TokenRequest.class);
    var scopes = ApiTokens.scopesOf(present(request.scopes(), "scopes"));
    var issued =
        database.transaction(tx ->
            identity.createToken(
                tx,
                exchange.caller().knownId(),
                present(request.name(), "name"),
                scopes,
                present(request.expiresAt(), "expiresAt"),
                exchange.caller().name()));
    exchange.status(201).json(Map.of("id", issued.id(), "token", issued.secret()));
  }

  /// A token may end itself or its siblings: that only ever takes something away.
  private void revokeToken(Exchange exchange) {
    var caller = exchange.caller();
    database.run(
        tx -> identity.revokeToken(tx, caller.knownId(), exchange.pathId("id"), caller.name()));
    exchange.nothing();
  }

  private void agents(Exchange exchange) {
    exchange.json(Listing.whole(database.read(agents::all)));
  }

  private void createAgent(Exchange exchange) {
    var name = present(exchange.body(AgentRequest.class).name(), "name");
    var issued =
        database.transaction(tx -> identity.createAgent(tx, name, exchange.caller().name()));
    exchange.status(201).json(Map.of("id", issued.id(), "token", issued.secret()));
  }

  private void revokeAgent(Exchange exchange) {
    database.run(tx -> identity.revokeAgent(tx, exchange.pathId("id"), exchange.caller().name()));
    exchange.nothing();
  }

  private static Set<Role> roles(List<String> words) {
    return words.stream()
        .map(word ->
            Arrays.stream(Role.values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                    new FairwayException(
                        ErrorCode.INVALID_INPUT,
                        "There is no role '" + word + "'",
                        "The roles are "
                            + String.join(
                                ", ", Arrays.stream(Role.values()).map(Role::word).toList())
                            + ".")))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class)));
  }

  private static <T> T present(@Nullable T value, String field) {
    if (value == null) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The field " + field + " is missing", "Send it.");
    }
    return value;
  }
}
