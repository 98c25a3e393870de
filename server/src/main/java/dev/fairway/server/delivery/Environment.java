package dev.fairway.server.delivery;

import java.time.Instant;

/// A place to deploy to, as it is defined now.
///
/// @param version counts its changes from 1
/// @param changedBy the name of who changed it last
public record Environment(
    EnvironmentDefinition definition, int version, Instant changedAt, String changedBy) {
  public String name() {
    return definition.name();
  }

  /// Whether somebody has to say yes before a release goes there.
  public boolean isProtected() {
    return definition.approvals().count() > 0;
  }

  /// How entries of the ledger refer to it.
  public String reference() {
    return "environment:" + name();
  }
}
