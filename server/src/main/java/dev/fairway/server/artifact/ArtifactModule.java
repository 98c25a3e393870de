package dev.fairway.server.artifact;

import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.RunArtifacts;
import dev.fairway.server.run.RunModule;
import dev.fairway.server.run.Runs;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Artifacts, put together. [#start] begins with the retention.
public final class ArtifactModule implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactModule.class);

  private final Artifacts artifacts;
  private final ArtifactRoutes routes;
  private final Runs runs;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ArtifactModule(Artifacts artifacts, ArtifactRoutes routes, Runs runs) {
    this.artifacts = artifacts;
    this.routes = routes;
    this.runs = runs;
  }

  /// @param data the server's data folder
  public static ArtifactModule create(
      Database database, Evidence evidence, RunModule run, InstantSource clock, Path data) {
    var runs = run.runs();
    var artifacts =
        new Artifacts(
            database,
            evidence,
            run.leases(),
            runs,
            run.reports(),
            clock,
            new BlobStore(data, clock));
    return new ArtifactModule(artifacts, new ArtifactRoutes(artifacts, runs, database), runs);
  }

  public Artifacts artifacts() {
    return artifacts;
  }

  public Routes routes() {
    return routes;
  }

  /// Keeps for ever what a release consists of.
  public Subscriber subscriber() {
    return new Subscriber() {
      @Override
      public String name() {
        return "artifact-keeper";
      }

      @Override
      public Set<PredicateType> types() {
        return Set.of(PredicateType.RELEASE);
      }

      @Override
      public void on(Handle tx, LedgerEntry entry) {
        var digests =
            entry.subjects().stream()
                .filter(subject -> subject.algorithm().equals("sha256"))
                .map(Subject::digest)
                .toList();
        entry.about().stream()
            .filter(reference -> reference.startsWith("project:"))
            .map(reference -> UUID.fromString(reference.substring("project:".length())))
            .forEach(project -> ArtifactStore.keepForEver(tx, project, digests));
      }
    };
  }

  /// What the page of a run shows.
  public RunArtifacts runArtifacts() {
    return (tx, run) ->
        runs.find(tx, run).stream().flatMap(found -> routes.items(tx, found).stream()).toList();
  }

  public void start() {
    Thread.ofVirtual().name("artifact-retention").start(this::retain);
  }

  private void retain() {
    try {
      do {
        try {
          artifacts.expire();
        } catch (RuntimeException e) {
          LOG.warn("Artifacts could not be tidied: {}", e.getMessage());
        }
      } while (!closed.await(ArtifactLimits.RETENTION_PERIOD.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
