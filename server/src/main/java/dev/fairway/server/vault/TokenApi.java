package dev.fairway.server.vault;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// `/api/v1/token-default`: of the organisation, or of the project that the query names.
final class TokenApi implements Routes {
  private static final String PATH = "/api/v1/token-default";

  private final Database database;
  private final TokenDefaults defaults;
  private final Scopes scopes;

  TokenApi(Database database, TokenDefaults defaults, Scopes scopes) {
    this.database = database;
    this.defaults = defaults;
    this.scopes = scopes;
  }

  /// @param level what was decided there; null for nothing
  record Decided(@Nullable String level) {}

  /// @param level what was decided there; null for nothing
  /// @param effective what holds
  record Answer(@Nullable TokenDefault level, TokenDefault effective) {}

  @Override
  public void register(RouteTable routes) {
    routes.get(PATH, Permission.PROJECT_READ, this::show);
    routes.put(PATH, Permission.PROJECT_WRITE, this::decide);
  }

  private Optional<UUID> project(Exchange exchange) {
    return scopes.of(exchange.query("project"), Optional.empty()).project();
  }

  private void show(Exchange exchange) {
    var project = project(exchange);
    exchange.json(database.read(tx -> answer(tx, project)));
  }

  private void decide(Exchange exchange) {
    var project = project(exchange);
    requireWrite(exchange.caller(), project);
    var level = Optional.ofNullable(exchange.body(Decided.class).level()).map(TokenApi::level);
    exchange.json(
        database.transaction(tx -> {
          defaults.decide(tx, project, level, exchange.caller().name());
          return answer(tx, project);
        }));
  }

  private Answer answer(Handle tx, Optional<UUID> project) {
    var decided = defaults.decided(tx, project);
    var effective =
        project.map(id -> TokenDefaults.of(tx, id)).or(() -> decided).orElse(TokenDefault.READ);
    return new Answer(decided.orElse(null), effective);
  }

  static boolean mayWrite(Caller caller, Optional<UUID> project) {
    return caller.may(needed(project));
  }

  /// Who administers what it covers may decide.
  static void requireWrite(Caller caller, Optional<UUID> project) {
    if (!mayWrite(caller, project)) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          caller.name()
              + " may not decide what tokens of jobs may do there: the permission "
              + needed(project).word()
              + " is missing",
          "Ask an administrator, or use a token with that scope.");
    }
  }

  private static Permission needed(Optional<UUID> project) {
    return project.isPresent() ? Permission.PROJECT_WRITE : Permission.ORGANISATION_WRITE;
  }

  static TokenDefault level(String word) {
    return TokenDefault.ofWord(word)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.INVALID_INPUT,
                "'" + word + "' is no level for tokens",
                "Say read or write, or nothing to let the organisation's hold."));
  }
}
