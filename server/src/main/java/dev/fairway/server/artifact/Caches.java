package dev.fairway.server.artifact;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.run.Leases;
import dev.fairway.server.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What jobs keep for later ones.
///
/// A job writes for its own ref only. It reads what jobs at its ref wrote, then what a pull
/// request's base has, then the default branch's: so nobody can put bytes before a job of a branch
/// to which that person may not push.
final class Caches {
  private static final int MAX_KEY_CHARS = 512;

  private final Database database;
  private final Leases leases;
  private final InstantSource clock;
  private final BlobStore blobs;
  private final Uploads uploads;

  Caches(Database database, Leases leases, InstantSource clock, BlobStore blobs, Uploads uploads) {
    this.database = database;
    this.leases = leases;
    this.clock = clock;
    this.blobs = blobs;
    this.uploads = uploads;
  }

  /// Reserves a key for the job, which uploads next; empty where there is an entry already, or
  /// another job is about to make it.
  Optional<CacheEntry> reserve(UUID job, String key, String version) {
    check(key);
    check(version);
    var reserved =
        database.transaction(tx -> {
          var run = leases.held(tx, job).run();
          var at = now();
          return CacheStore.reserve(
              tx,
              new CacheEntry(
                  Ids.next(), 0, run.projectId(), job, run.ref(), key, version, null, 0, at, at),
              at.minus(ArtifactLimits.CACHE_RESERVATION));
        });
    reserved.ifPresent(entry -> uploads.begin(entry.id()));
    return reserved;
  }

  CacheEntry reserved(UUID job, String key, String version) {
    return database
        .read(tx -> CacheStore.reserved(tx, job, key, version))
        .orElseThrow(Caches::notReserved);
  }

  CacheEntry reserved(UUID job, long number) {
    return database
        .read(tx -> CacheStore.reserved(tx, job, number))
        .orElseThrow(Caches::notReserved);
  }

  /// Makes an entry of what was uploaded. Asked again, nothing more happens.
  void complete(CacheEntry entry, long size) {
    if (entry.digest() != null && entry.size() == size) {
      return;
    }
    try (var body = uploads.open(entry.id());
        var bytes = blobs.receive(body, ArtifactLimits.MAX_CACHE_BYTES)) {
      if (bytes.size() != size) {
        throw new FairwayException(
            ErrorCode.INCOMPLETE,
            bytes.size() + " of " + size + " bytes have arrived",
            "Upload it again.");
      }
      database.run(tx -> {
        leases.held(tx, entry.jobId());
        ArtifactStore.holdBlob(tx, bytes.digest(), bytes.size(), now());
        blobs.keep(bytes);
        CacheStore.complete(tx, entry.id(), bytes.digest(), bytes.size(), now());
        CacheStore.trim(tx, entry.projectId(), ArtifactLimits.MAX_CACHE_BYTES_PER_PROJECT);
      });
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The cache could not be read again: " + e.getMessage(),
          "Look at the server's disk.",
          e);
    }
    uploads.discard(entry.id());
  }

  /// The entry that the job may read for these keys: in each scope the first one exactly, then the
  /// newest that begins with one of them, in their order.
  Optional<CacheEntry> find(UUID job, List<String> keys, String version) {
    return database.transaction(tx -> {
      var run = leases.held(tx, job).run();
      for (var scope : scopes(tx, run)) {
        var found = find(tx, run.projectId(), scope, keys, version);
        if (found.isPresent()) {
          CacheStore.used(tx, found.get().id(), now());
          return found;
        }
      }
      return Optional.empty();
    });
  }

  private static Optional<CacheEntry> find(
      Handle tx, UUID project, String scope, List<String> keys, String version) {
    for (var key : keys) {
      var found =
          CacheStore.exact(tx, project, scope, version, key)
              .or(() -> CacheStore.newest(tx, project, scope, version, key));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static SequencedSet<String> scopes(Handle tx, Run run) {
    var scopes = new LinkedHashSet<String>();
    scopes.add(run.ref());
    var base = Json.MAPPER.readTree(run.contexts()).at("/github/base_ref").asString("");
    if (!base.isEmpty()) {
      scopes.add("refs/heads/" + base);
    }
    scopes.add(CacheStore.defaultRef(tx, run.projectId()));
    return scopes;
  }

  /// The file with an entry's bytes, for reading only.
  Path file(UUID id) {
    var entry =
        database
            .read(tx -> CacheStore.find(tx, id))
            .orElseThrow(() ->
                new FairwayException(ErrorCode.NOT_FOUND, "The cache is not kept any more", ""));
    return blobs.require(Objects.requireNonNull(entry.digest()), entry.size());
  }

  /// Forgets what nobody needs any more; the bytes go with those of artifacts.
  void expire() {
    database.run(tx -> CacheStore.expire(tx, now().minus(ArtifactLimits.CACHE_RETENTION)));
    uploads.expire(now().minus(ArtifactLimits.ORPHAN_AGE));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private static void check(String text) {
    if (text.isEmpty() || text.length() > MAX_KEY_CHARS || text.indexOf('\0') >= 0) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A cache's key and version have 1 to " + MAX_KEY_CHARS + " characters",
          "Choose a shorter key.");
    }
  }

  private static FairwayException notReserved() {
    return new FairwayException(
        ErrorCode.NOT_FOUND, "The job has not reserved this cache", "Reserve it first.");
  }
}
