package dev.fairway.server.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Tells the run page which artifacts a run has; the stage that keeps them implements it.
@FunctionalInterface
public interface RunArtifacts {
  /// How long an artifact stays that no release needs, unless its job asks for less.
  Duration RETENTION = Duration.ofDays(90);

  List<Item> of(Handle tx, UUID run);

  /// @param digest lower-case hexadecimal SHA-256
  /// @param size in bytes
  /// @param href where it can be downloaded
  /// @param until when it goes; null where a release keeps it for ever
  record Item(String name, String digest, long size, String href, @Nullable Instant until) {}
}
