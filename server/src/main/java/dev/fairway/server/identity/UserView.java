package dev.fairway.server.identity;

import dev.fairway.server.http.Role;
import java.util.List;

/// What the page of a person shows to administrators.
///
/// @param link by which the person sets a password, just made; empty otherwise
/// @param refusal why something was not done; empty otherwise
public record UserView(User user, String link, String refusal) {
  public List<Role> roles() {
    return List.of(Role.values());
  }
}
