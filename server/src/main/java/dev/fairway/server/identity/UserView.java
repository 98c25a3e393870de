package dev.fairway.server.identity;

import dev.fairway.server.http.Role;
import java.util.List;

/// What the page of a person shows to administrators.
///
/// @param sessions browsers in which the person is signed in
/// @param link by which the person sets a password, just made; empty otherwise
/// @param refusal why something was not done; empty otherwise
public record UserView(User user, List<Sessions.Session> sessions, String link, String refusal) {
  public UserView {
    sessions = List.copyOf(sessions);
  }

  public List<Role> roles() {
    return List.of(Role.values());
  }
}
