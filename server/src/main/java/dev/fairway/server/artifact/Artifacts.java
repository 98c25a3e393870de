package dev.fairway.server.artifact;

import dev.fairway.api.ArtifactName;
import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.run.Leases;
import dev.fairway.server.run.Runs;
import dev.fairway.server.run.TestReports;
import dev.fairway.server.run.report.ReportZip;
import dev.fairway.server.web.LiveEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /// Takes an artifact in. The same bytes under the same name may be sent again.
  ArtifactReceipt upload(Leases.Holder holder, String name, InputStream body) {
    ArtifactName.checked(name);
    // Asked before the bytes too: whoever lost the lease need not send a gigabyte to hear it.
    database.run(tx -> leases.hold(tx, holder));
    try (var bytes = blobs.receive(body, ArtifactLimits.MAX_ARTIFACT_BYTES)) {
      var entries = ZipCheck.check(bytes.file());
      var found = testReports(bytes.file());
      return database.transaction(tx -> keep(tx, holder, name, bytes, entries, found));
    }
  }

  private ArtifactReceipt keep(
      Handle tx,
      Leases.Holder holder,
      String name,
      BlobStore.Incoming bytes,
      int entries,
      ReportZip.Found found) {
    var held = leases.hold(tx, holder);
    var run = held.run();
    ArtifactStore.lockNames(tx, run.id());
    var earlier = ArtifactStore.find(tx, run.id(), name);
    if (earlier.isPresent() && sameUpload(earlier.get(), holder, bytes)) {
      return receipt(earlier.get());
    }
    earlier.ifPresent(artifact -> requireSuperseded(tx, artifact, holder));
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
            run.projectId(),
            run.id(),
            held.job().id(),
            name,
            bytes.digest(),
            bytes.size(),
            entries,
            now,
            now.plus(ArtifactLimits.RETENTION));
    ArtifactStore.holdBlob(tx, bytes.digest(), bytes.size(), now);
    blobs.keep(bytes);
    ArtifactStore.insert(tx, artifact);
    evidence.record(tx, Provenance.statement(held, artifact));
    reports.keep(tx, held, name, found);
    LiveEvents.publish(tx, "run:" + run.id());
    return receipt(artifact);
  }

  /// What the run has, by name: of several attempts of a job, what the newest uploaded.
  public List<Artifact> of(Handle tx, UUID run) {
    return ArtifactStore.ofRun(tx, run);
  }

  public Optional<Artifact> find(Handle tx, UUID run, String name) {
    return ArtifactStore.find(tx, run, name);
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

  /// The artifact of that name that a running job may read: those of its own run.
  Artifact readableBy(UUID job, UUID agent, String name) {
    return database.read(tx ->
        find(tx, leases.heldBy(tx, job, agent).run().id(), name).orElseThrow(() -> unknown(name)));
  }

  List<ArtifactReceipt> listFor(UUID job, UUID agent) {
    return database.read(tx ->
        of(tx, leases.heldBy(tx, job, agent).run().id()).stream().map(Artifacts::receipt).toList());
  }

  static FairwayException unknown(String name) {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        "The run has no artifact named '" + name + "'",
        "Look at the names that its jobs upload; artifacts go after "
            + ArtifactLimits.RETENTION.toDays()
            + " days unless a release needs them.");
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
      Artifact earlier, Leases.Holder holder, BlobStore.Incoming bytes) {
    return earlier.jobId().equals(holder.job()) && earlier.digest().equals(bytes.digest());
  }

  /// A name belongs to the job that took it first, until another attempt of that job comes.
  private void requireSuperseded(Handle tx, Artifact earlier, Leases.Holder holder) {
    var owner =
        runs.jobs(tx, earlier.runId()).stream()
            .filter(job -> job.id().equals(earlier.jobId()))
            .findFirst();
    if (owner.isPresent()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          earlier.jobId().equals(holder.job())
              ? "This job has uploaded other bytes as '" + earlier.name() + "' before"
              : "The job '"
                  + owner.get().name()
                  + "' has uploaded an artifact named '"
                  + earlier.name()
                  + "' before",
          "Give each artifact of a run a name of its own; in a matrix, put its values into it.");
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

  private static ArtifactReceipt receipt(Artifact artifact) {
    return new ArtifactReceipt(artifact.name(), artifact.digest(), artifact.size());
  }
}
