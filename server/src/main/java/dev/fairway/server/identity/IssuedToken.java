package dev.fairway.server.identity;

import java.util.UUID;

/// A token just made. The secret exists nowhere else: show it once.
public record IssuedToken(UUID id, String secret) {
  @Override
  public String toString() {
    return "IssuedToken[id=" + id + "]";
  }
}
