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
import dev.fairway.server.vault.SecretKeys;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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
  private final Caches caches;
  private final List<Routes> services;
  private final Runs runs;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ArtifactModule(
      Artifacts artifacts, ArtifactRoutes routes, Caches caches, List<Routes> services, Runs runs) {
    this.artifacts = artifacts;
    this.routes = routes;
    this.caches = caches;
    this.services = services;
    this.runs = runs;
  }

  /// @param keys sign the addresses of bytes
  /// @param data the server's data folder
  public static ArtifactModule create(
      Database database,
      Evidence evidence,
      RunModule run,
      InstantSource clock,
      SecretKeys keys,
      Path data) {
    var runs = run.runs();
    var leases = run.leases();
    var blobs = new BlobStore(data, clock);
    var artifacts = new Artifacts(database, evidence, leases, runs, run.reports(), clock, blobs);
    var uploads = new Uploads(data);
    var urls = new SignedUrls(keys, clock);
    var caches = new Caches(database, leases, clock, blobs, uploads);
    var services =
        List.of(
            new ArtifactService(database, leases, artifacts, uploads, urls, clock),
            new CacheService(caches, uploads, urls),
            new ServiceRoutes(database, artifacts, caches, uploads, urls));
    return new ArtifactModule(
        artifacts, new ArtifactRoutes(artifacts, runs, database), caches, services, runs);
  }

  public Artifacts artifacts() {
    return artifacts;
  }

  public Routes routes() {
    return table -> {
      routes.register(table);
      services.forEach(service -> service.register(table));
    };
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
          caches.expire();
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
