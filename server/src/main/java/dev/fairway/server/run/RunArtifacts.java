package dev.fairway.server.run;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Tells the run page which artifacts a run has; the stage that keeps them implements it.
@FunctionalInterface
public interface RunArtifacts {
  /// How long an artifact stays that no release needs, unless its job asks for less.
  Duration RETENTION = Duration.ofDays(90);

  List<Item> of(Handle tx, UUID run);

  /// @param digest lower-case hexadecimal SHA-256
  /// @param size in bytes
  /// @param href where it can be downloaded
  record Item(String name, String digest, long size, String href) {}
}
