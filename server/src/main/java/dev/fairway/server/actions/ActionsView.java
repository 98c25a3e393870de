package dev.fairway.server.actions;

import java.util.List;

/// What the page of actions shows.
///
/// @param sources a line for each, `PATTERN = FROM`
/// @param allowed a line for each pattern
/// @param refusal why something was not done; empty otherwise
public record ActionsView(List<ActionLock> locks, String sources, String allowed, String refusal) {
  public ActionsView {
    locks = List.copyOf(locks);
  }
}
