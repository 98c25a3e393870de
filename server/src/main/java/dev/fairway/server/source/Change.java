package dev.fairway.server.source;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A branch or tag that somebody moved, with the commit at its head.
///
/// @param id grows with time
/// @param before null where the ref was made
/// @param after null where it was deleted
/// @param commit the commit that `after` leads to; null where there is none
/// @param forced whether commits were taken away from the ref
/// @param recovered whether it was found after the server died in mid-push
/// @param commitCount commits that came to the ref
/// @param title the first line of the commit's message
/// @param author of the commit
public record Change(
    UUID id,
    UUID projectId,
    String project,
    String ref,
    @Nullable String before,
    @Nullable String after,
    @Nullable String commit,
    boolean forced,
    boolean recovered,
    int commitCount,
    String pusher,
    Instant pushedAt,
    @Nullable String title,
    @Nullable String author) {

  /// The ref as people say it.
  public String branch() {
    return ref.replaceFirst("^refs/(heads|tags)/", "");
  }

  public boolean tag() {
    return ref.startsWith("refs/tags/");
  }
}
