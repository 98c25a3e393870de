package dev.fairway.server.artifact;

import dev.fairway.api.ArtifactName;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Permission;
import dev.fairway.server.run.Leases;
import dev.fairway.server.run.Run;
import dev.fairway.server.run.Runs;
import dev.fairway.server.run.TestReports;
import dev.fairway.server.run.report.ReportZip;
import dev.fairway.server.web.LiveEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What jobs uploaded.
public final class Artifacts {
  private final Database database;
  private final Evidence evidence;
  private final Leases leases;
  private final Runs runs;
  private final TestReports reports;
  private final InstantSource clock;
  private final BlobStore blobs;

  Artifacts(
      Database database,
      Evidence evidence,
      Leases leases,
      Runs runs,
      TestReports reports,
      InstantSource clock,
      BlobStore blobs) {
    this.database = database;
    this.evidence = evidence;
    this.leases = leases;
    this.runs = runs;
    this.reports = reports;
    this.clock = clock;
    this.blobs = blobs;
  }

  /// What an upload asks for.
  ///
  /// @param retention how long it stays unless a release needs it, [ArtifactLimits#RETENTION] at
  ///   most
  /// @param overwrite whether it takes the place of what the run has by its name
  record Terms(Duration retention, boolean overwrite) {
    Terms {
      if (retention.compareTo(ArtifactLimits.RETENTION) > 0) {
        throw new IllegalArgumentException("kept for " + retention);
      }
    }
  }

  /// Takes an artifact in. The same bytes under the same name may be sent again.
  Artifact upload(Leases.Holder holder, String name, Terms terms, InputStream body) {
    ArtifactName.checked(name);
    // Asked before the bytes too: whoever lost the lease need not send a gigabyte to hear it.
    database.run(tx -> leases.hold(tx, holder));
    try (var bytes = blobs.receive(body, ArtifactLimits.MAX_ARTIFACT_BYTES)) {
      var entries = ZipCheck.check(bytes.file());
      var found = testReports(bytes.file());
      return database.transaction(tx -> keep(tx, holder, name, terms, bytes, entries, found));
    }
  }

  private Artifact keep(
      Handle tx,
      Leases.Holder holder,
      String name,
      Terms terms,
      BlobStore.Incoming bytes,
      int entries,
      ReportZip.Found found) {
    var held = leases.hold(tx, holder);
    var run = held.run();
    ArtifactStore.lockNames(tx, run.id());
    var earlier = ArtifactStore.find(tx, run.id(), name);
    if (earlier.isPresent() && sameUpload(earlier.get(), holder, terms, bytes)) {
      return earlier.get();
    }
    earlier.ifPresent(artifact -> makeRoom(tx, artifact, holder, terms));
    if (ArtifactStore.count(tx, run.id()) >= ArtifactLimits.MAX_ARTIFACTS_PER_RUN) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The run has " + ArtifactLimits.MAX_ARTIFACTS_PER_RUN + " artifacts already",
          "Put more files into each.");
    }
    var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var artifact =
        new Artifact(
            Ids.next(),
            ArtifactStore.nextNumber(tx),
            run.projectId(),
            run.id(),
            held.job().id(),
            name,
            bytes.digest(),
            bytes.size(),
            entries,
            now,
            now.plus(terms.retention()));
    ArtifactStore.holdBlob(tx, bytes.digest(), bytes.size(), now);
    blobs.keep(bytes);
    ArtifactStore.insert(tx, artifact);
    ArtifactStore.expireWith(tx, artifact);
    evidence.record(tx, Provenance.statement(held, artifact));
    reports.keep(tx, held, name, found);
    LiveEvents.publish(tx, "run:" + run.id());
    return artifact;
  }

  /// What the run has, by name: of several attempts of a job, what the newest uploaded.
  public List<Artifact> of(Handle tx, UUID run) {
    return ArtifactStore.ofRun(tx, run, clock.instant());
  }

  public Optional<Artifact> find(Handle tx, UUID run, String name) {
    return ArtifactStore.find(tx, run, name).filter(artifact -> !artifact.expired(clock.instant()));
  }

  /// The file that holds an artifact's zip, for reading only.
  public Path file(String digest) {
    var size =
        database
            .read(tx -> ArtifactStore.blobSize(tx, digest))
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.NOT_FOUND, "No artifact has the digest sha256:" + digest, ""));
    return blobs.require(digest, size);
  }

  /// The run whose artifacts a running job asks for: its own, or another one of its project if its
  /// permissions say so. Whether others exist it does not learn.
  ///
  /// @param wanted the id of a run; empty for its own
  Run readableBy(Handle tx, UUID job, UUID agent, Optional<UUID> wanted) {
    var held = leases.heldBy(tx, job, agent);
    var own = held.run();
    if (wanted.isEmpty() || wanted.get().equals(own.id())) {
      return own;
    }
    if (!held.may(Permission.RUN_READ)) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          "The job may not see other runs",
          "Give it `permissions: {actions: read}` in its workflow.");
    }
    return runs.find(tx, wanted.get())
        .filter(run -> run.projectId().equals(own.projectId()))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                "The project " + own.project() + " has no run with the id " + wanted.get(),
                "The id is what `github.run_id` was there."));
  }

  /// Forgets what the run has by that name. What the ledger says about it stays.
  Artifact delete(Handle tx, UUID run, String name) {
    ArtifactStore.lockNames(tx, run);
    var artifact = find(tx, run, name).orElseThrow(() -> unknown(name));
    forget(tx, artifact);
    ArtifactStore.delete(tx, run, name);
    return artifact;
  }

  /// Forgets one artifact and the reports that were read from it.
  private void forget(Handle tx, Artifact artifact) {
    if (!ArtifactStore.delete(tx, artifact.id())) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "A release keeps the artifact '" + artifact.name() + "'",
          "Upload under another name.");
    }
    reports.forget(tx, artifact.projectId(), artifact.runId(), artifact.jobId(), artifact.name());
  }

  static FairwayException unknown(String name) {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        "The run has no artifact named '" + name + "'",
        "Look at the names that its jobs upload; artifacts go after "
            + ArtifactLimits.RETENTION.toDays()
            + " days, or earlier if their job says so, unless a release needs them.");
  }

  /// Forgets what is out of date, and deletes bytes that nobody names any more.
  void expire() {
    var limit = ArtifactLimits.MAX_EXPIRED_AT_ONCE;
    var expired = limit;
    while (expired == limit) {
      expired = database.transaction(tx -> ArtifactStore.expire(tx, clock.instant(), limit));
    }
    blobs.olderThan(clock.instant().minus(ArtifactLimits.ORPHAN_AGE), this::adopt);
    var unused = List.<String>of();
    do {
      unused = database.read(tx -> ArtifactStore.unusedBlobs(tx, limit));
      unused.forEach(digest -> database.run(tx -> drop(tx, digest)));
    } while (unused.size() == limit);
  }

  /// Gives a row to bytes that a crash left without one, so that they go the way of all that nobody
  /// names.
  private void adopt(Map<String, Long> sizes) {
    for (var digest : database.read(tx -> ArtifactStore.unknownBlobs(tx, sizes.keySet()))) {
      var size = sizes.getOrDefault(digest, 0L);
      database.run(tx -> ArtifactStore.holdBlob(tx, digest, size, clock.instant()));
    }
  }

  private void drop(Handle tx, String digest) {
    if (ArtifactStore.dropBlob(tx, digest)) {
      blobs.delete(digest);
    }
  }

  private static boolean sameUpload(
      Artifact earlier, Leases.Holder holder, Terms terms, BlobStore.Incoming bytes) {
    return earlier.jobId().equals(holder.job())
        && earlier.digest().equals(bytes.digest())
        && (!terms.overwrite() || earlier.keptFor(terms.retention()));
  }

  /// A name belongs to the job that took it first, until another attempt of that job comes or
  /// somebody overwrites it. What an earlier attempt made is in nobody's way and stays, with what
  /// the history of tests knows from it.
  private void makeRoom(Handle tx, Artifact earlier, Leases.Holder holder, Terms terms) {
    var owner =
        runs.jobs(tx, earlier.runId()).stream()
            .filter(job -> job.id().equals(earlier.jobId()))
            .findFirst();
    if (owner.isPresent() && terms.overwrite()) {
      forget(tx, earlier);
    } else if (owner.isPresent()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          earlier.jobId().equals(holder.job())
              ? "This job has uploaded other bytes as '" + earlier.name() + "' before"
              : "The job '"
                  + owner.get().name()
                  + "' has uploaded an artifact named '"
                  + earlier.name()
                  + "' before",
          "Give each artifact of a run a name of its own (in a matrix, put its values into it), or"
              + " set `overwrite: true`.");
    }
  }

  private static ReportZip.Found testReports(Path zip) {
    try (var in = Files.newInputStream(zip)) {
      return ReportZip.read(in);
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The artifact could not be read again: " + e.getMessage(),
          "Look at the server's disk.",
          e);
    }
  }
}
