package dev.fairway.server.delivery;

import dev.fairway.server.artifact.Artifacts;
import dev.fairway.server.delivery.target.ArtifactZip;
import dev.fairway.server.run.report.TestResults;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Runs as the stages before delivery keep them.
public final class RunRecords implements RunFacts {
  private final Artifacts artifacts;

  public RunRecords(Artifacts artifacts) {
    this.artifacts = artifacts;
  }

  @Override
  public List<Release.Artifact> artifacts(Handle tx, UUID run) {
    return artifacts.of(tx, run).stream()
        .map(artifact -> new Release.Artifact(artifact.name(), artifact.digest(), artifact.size()))
        .toList();
  }

  @Override
  public DeliveryViews.Tests tests(Handle tx, UUID run) {
    var totals = TestResults.totals(tx, run);
    return new DeliveryViews.Tests(
        totals.passed(),
        totals.failed(),
        totals.tolerated(),
        totals.skipped(),
        Duration.ofMillis(totals.durationMillis()));
  }

  @Override
  public ArtifactZip.Content content(String digest) {
    return () -> Files.newInputStream(artifacts.file(digest));
  }
}
