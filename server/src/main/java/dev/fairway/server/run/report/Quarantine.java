package dev.fairway.server.run.report;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// That failures of a test are tolerated, for a reason and for a while.
///
/// @param until it ends then by itself
/// @param endedBy null while it lasts; `fairway` where its time was up
public record Quarantine(
    UUID id,
    UUID projectId,
    TestIdentity test,
    String reason,
    String begunBy,
    Instant begunAt,
    Instant until,
    @Nullable String endedBy,
    @Nullable Instant endedAt) {
  public boolean open() {
    return endedAt == null;
  }
}
