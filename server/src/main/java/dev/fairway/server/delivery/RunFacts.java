package dev.fairway.server.delivery;

import dev.fairway.server.delivery.target.ArtifactZip;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What delivery wants to know of a run.
public interface RunFacts {
  /// What it uploaded.
  List<Release.Artifact> artifacts(Handle tx, UUID run);

  /// The counts of its tests; all 0 where it uploaded no report.
  DeliveryViews.Tests tests(Handle tx, UUID run);

  /// Opens an artifact's zip by its digest.
  ArtifactZip.Content content(String digest);
}
