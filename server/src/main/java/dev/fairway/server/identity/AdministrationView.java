package dev.fairway.server.identity;

import dev.fairway.server.http.Role;
import java.util.List;

/// What the administration page shows.
///
/// @param link of an invitation that was just made; empty otherwise
/// @param agentToken of an agent that was just added; empty otherwise
/// @param refusal why something was not done; empty otherwise
public record AdministrationView(
    List<User> users, List<Agents.Agent> agents, String link, String agentToken, String refusal) {
  public AdministrationView {
    users = List.copyOf(users);
    agents = List.copyOf(agents);
  }

  public List<Role> roles() {
    return List.of(Role.values());
  }
}
