package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ArtifactName;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.Leases;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/// The service by which `@actions/artifact` (version 4 of the protocol) uploads and downloads. What
/// it makes are the same artifacts that the built-in actions make.
final class ArtifactService implements Routes {
  private static final String PATH = "/twirp/github.actions.results.api.v1.ArtifactService/";
  private static final String SHA256 = "sha256:";

  private final Database database;
  private final Leases leases;
  private final Artifacts artifacts;
  private final Uploads uploads;
  private final SignedUrls urls;
  private final InstantSource clock;

  ArtifactService(
      Database database,
      Leases leases,
      Artifacts artifacts,
      Uploads uploads,
      SignedUrls urls,
      InstantSource clock) {
    this.database = database;
    this.leases = leases;
    this.artifacts = artifacts;
    this.uploads = uploads;
    this.urls = urls;
    this.clock = clock;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post(PATH + "CreateArtifact", Permission.JOB_SERVICES, Twirp.handler(this::create));
    routes.post(PATH + "FinalizeArtifact", Permission.JOB_SERVICES, Twirp.handler(this::complete));
    routes.post(PATH + "ListArtifacts", Permission.JOB_SERVICES, Twirp.handler(this::list));
    routes.post(
        PATH + "GetSignedArtifactURL", Permission.JOB_SERVICES, Twirp.handler(this::download));
    routes.post(PATH + "DeleteArtifact", Permission.JOB_SERVICES, Twirp.handler(this::delete));
  }

  private ObjectNode create(Twirp.Call call) {
    var name = call.text("name");
    ArtifactName.checked(name);
    var type = call.text("mime_type");
    if (!type.isEmpty() && !type.contains("zip")) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "An artifact is a zip here, not " + type,
          "Upload it with archive: true.");
    }
    var expiry = Optional.of(call.text("expires_at")).filter(at -> !at.isEmpty()).map(this::expiry);
    held(call);
    var upload = upload(call, name);
    uploads.begin(upload);
    expiry.ifPresent(at -> uploads.note(upload, at.toString()));
    return Twirp.answer()
        .put("ok", true)
        .put(
            "signed_upload_url",
            urls.make(call.exchange().reached(), "PUT", ServiceRoutes.ARTIFACT_UPLOAD + upload));
  }

  private ObjectNode complete(Twirp.Call call) {
    var name = call.text("name");
    var holder = database.read(tx -> leases.holder(tx, call.exchange().caller().knownId()));
    var run = held(call).run().id();
    var upload = upload(call, name);
    if (!uploads.known(upload)) {
      // Asked again, because our first answer was lost.
      return completed(require(call, run, name));
    }
    try (var body = uploads.open(upload)) {
      var artifact = artifacts.upload(holder, name, terms(upload), body);
      var hash = call.text("hash");
      if (hash.startsWith(SHA256) && !hash.equals(SHA256 + artifact.digest())) {
        database.run(tx -> artifacts.delete(tx, run, name));
        throw new FairwayException(
            ErrorCode.INCOMPLETE, "Other bytes have arrived than were sent", "Upload it again.");
      }
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The upload cannot be read again: " + e.getMessage(),
          "Look at the server's disk.",
          e);
    }
    uploads.discard(upload);
    return completed(require(call, run, name));
  }

  private Instant expiry(String text) {
    try {
      var expiry = Instant.parse(text);
      if (expiry.isAfter(clock.instant())) {
        return expiry;
      }
    } catch (DateTimeParseException e) {
      // Refused below, like a time that has passed.
    }
    throw new FairwayException(
        ErrorCode.INVALID_INPUT,
        "expires_at is '" + text + "'",
        "Give a time to come, as in RFC 3339.");
  }

  /// By what was said when the upload began. A time beyond what is kept means as long as possible.
  private Artifacts.Terms terms(UUID upload) {
    var retention =
        uploads
            .note(upload)
            .map(text -> Duration.between(clock.instant(), expiry(text)))
            .filter(wanted -> wanted.compareTo(ArtifactLimits.RETENTION) < 0)
            .orElse(ArtifactLimits.RETENTION);
    return new Artifacts.Terms(retention, false);
  }

  private static ObjectNode completed(Artifact artifact) {
    return Twirp.answer().put("ok", true).put("artifact_id", Long.toString(artifact.number()));
  }

  private ObjectNode list(Twirp.Call call) {
    var run = held(call).run().id();
    var name = call.text("name_filter");
    var id = call.text("id_filter");
    var answer = Twirp.answer();
    var list = answer.putArray("artifacts");
    database.run(tx -> {
      for (var artifact : artifacts.of(tx, run)) {
        var number = Long.toString(artifact.number());
        if ((name.isEmpty() || name.equals(artifact.name()))
            && (id.isEmpty() || id.equals(number))) {
          list.addObject()
              .put("workflow_run_backend_id", run.toString())
              .put("workflow_job_run_backend_id", artifact.jobId().toString())
              .put("database_id", number)
              .put("name", artifact.name())
              .put("size", Long.toString(artifact.size()))
              .put("created_at", artifact.createdAt().toString())
              .put("digest", SHA256 + artifact.digest());
        }
      }
    });
    return answer;
  }

  private ObjectNode download(Twirp.Call call) {
    var artifact = require(call, held(call).run().id(), call.text("name"));
    return Twirp.answer()
        .put(
            "signed_url",
            urls.make(call.exchange().reached(), "GET", ServiceRoutes.ARTIFACT + artifact.id()));
  }

  private ObjectNode delete(Twirp.Call call) {
    var run = held(call).run().id();
    return completed(database.transaction(tx -> artifacts.delete(tx, run, call.text("name"))));
  }

  private Artifact require(Twirp.Call call, UUID run, String name) {
    return database
        .read(tx -> artifacts.find(tx, run, name))
        .orElseThrow(() -> Artifacts.unknown(call.text("name")));
  }

  /// The caller's job; the ids in the message must be those of the token.
  private Leases.Held held(Twirp.Call call) {
    var held = database.read(tx -> leases.held(tx, call.exchange().caller().knownId()));
    if (!call.text("workflow_run_backend_id").equals(held.run().id().toString())) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN, "A job reaches the artifacts of its own run only", "");
    }
    return held;
  }

  /// One job uploads one artifact of a name, so the two are the upload's name.
  private static UUID upload(Twirp.Call call, String name) {
    var job = call.exchange().caller().knownId();
    return UUID.nameUUIDFromBytes(("artifact/" + job + "/" + name).getBytes(UTF_8));
  }
}
