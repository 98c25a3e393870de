package dev.fairway.server.identity;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a person's own page shows.
///
/// @param here the session in which the page is asked for
/// @param scopes what a new token may be given
/// @param secret of a token that was just made; empty otherwise
/// @param refusal why something was not done; empty otherwise
public record AccountView(
    User user,
    List<ApiTokens.Token> tokens,
    List<Sessions.Session> sessions,
    @Nullable UUID here,
    List<String> scopes,
    List<Integer> tokenDays,
    String secret,
    String refusal) {
  public AccountView {
    tokens = List.copyOf(tokens);
    sessions = List.copyOf(sessions);
    scopes = List.copyOf(scopes);
    tokenDays = List.copyOf(tokenDays);
  }
}
