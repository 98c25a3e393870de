package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Authenticator;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Finds out who asks: by the `Authorization` header where there is one, else by the cookie.
final class RequestAuthenticator implements Authenticator {
  static final String COOKIE = "fairway_session";

  /// The name under which our checkout sends a job's token, and the one that people know from
  /// GitHub, which says nothing about whose token it is.
  private static final Set<String> JOB_USERS = Set.of("job", "x-access-token");

  private final Database database;
  private final Sessions sessions;
  private final ApiTokens apiTokens;
  private final Agents agents;
  private final RecentAgents recent = new RecentAgents();
  private volatile JobTokens jobTokens = _ -> Optional.empty();

  RequestAuthenticator(Database database, Sessions sessions, ApiTokens apiTokens, Agents agents) {
    this.database = database;
    this.sessions = sessions;
    this.apiTokens = apiTokens;
    this.agents = agents;
  }

  void jobTokens(JobTokens tokens) {
    jobTokens = tokens;
  }

  @Override
  public Caller authenticate(Exchange exchange) {
    var authorization = exchange.header("Authorization").orElse("");
    if (authorization.isEmpty()) {
      // A session that has ended is nobody, so that its browser gets to the sign-in.
      return exchange.cookie(COOKIE).flatMap(sessions::caller).orElse(Caller.NOBODY);
    }
    var space = authorization.indexOf(' ');
    var scheme = authorization.substring(0, Math.max(space, 0)).toLowerCase(Locale.ROOT);
    var credentials = authorization.substring(space + 1).strip();
    return switch (scheme) {
      case "bearer" ->
          ofToken(credentials, null)
              .or(() -> jobTokens.callerOf(credentials))
              .orElseThrow(RequestAuthenticator::refused);
      case "basic" -> basic(exchange, credentials);
      default ->
          throw new FairwayException(
              ErrorCode.UNAUTHENTICATED,
              "The Authorization header is neither Bearer nor Basic",
              "Send 'Authorization: Bearer TOKEN'.");
    };
  }

  /// For git. A browser must not come in this way: it would send what it remembers with requests
  /// that other sites make it send.
  private Caller basic(Exchange exchange, String credentials) {
    if (exchange.header("Sec-Fetch-Site").isPresent()) {
      throw new FairwayException(
          ErrorCode.UNAUTHENTICATED, "A browser signs in at /sign-in", "Sign in there.");
    }
    var pair = decode(credentials);
    var colon = pair.indexOf(':');
    if (colon < 0) {
      throw refused();
    }
    var user = pair.substring(0, colon);
    var token = pair.substring(colon + 1);
    var caller =
        JOB_USERS.contains(user)
            ? jobTokens.callerOf(token).or(() -> ofToken(token, null))
            : ofToken(token, user);
    return caller.orElseThrow(RequestAuthenticator::refused);
  }

  private Optional<Caller> ofToken(String token, @Nullable String owner) {
    if (token.startsWith(Secrets.API_TOKEN)) {
      return known(
              database.look(tx -> apiTokens.recognise(tx, token)), tx -> apiTokens.used(tx, token))
          .filter(caller -> owned(caller, owner));
    }
    if (token.startsWith(Secrets.AGENT_TOKEN)) {
      return recent
          .of(
              token,
              () ->
                  known(
                      database.look(tx -> agents.recognise(tx, token)),
                      tx -> agents.used(tx, token)))
          .filter(caller -> owned(caller, owner));
    }
    return Optional.empty();
  }

  private static boolean owned(Caller caller, @Nullable String owner) {
    return owner == null || owner.equals(caller.name());
  }

  /// A person's call asks the database each time, so that a token that was revoked is worth nothing
  /// at once; that it was used is written down now and then.
  private Optional<Caller> known(Optional<Recognised> recognised, Consumer<Handle> use) {
    recognised.filter(Recognised::stale).ifPresent(_ -> database.run(use));
    return recognised.map(Recognised::caller);
  }

  private static String decode(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refused();
    }
  }

  private static FairwayException refused() {
    return new FairwayException(
        ErrorCode.UNAUTHENTICATED,
        "The token is not valid, or not any more",
        "Make one at /account; git takes it as the password, with your name as the user.");
  }
}
