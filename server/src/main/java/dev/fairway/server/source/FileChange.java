package dev.fairway.server.source;

import org.jspecify.annotations.Nullable;

/// What a change did to one file; the counts are null for a binary one.
public record FileChange(String path, @Nullable Integer insertions, @Nullable Integer deletions) {
  public boolean binary() {
    return insertions == null;
  }
}
