package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.Leases;
import dev.fairway.server.run.Run;
import dev.fairway.server.run.RunArtifacts;
import dev.fairway.server.run.Runs;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Upload and download for agents, download for people and programs.
final class ArtifactRoutes implements Routes {
  /// An artifact as the API shows it.
  record ArtifactJson(
      String name,
      String digest,
      long size,
      int entries,
      Instant createdAt,
      @Nullable Instant expiresAt,
      String href) {}

  private final Artifacts artifacts;
  private final Runs runs;
  private final Database database;

  ArtifactRoutes(Artifacts artifacts, Runs runs, Database database) {
    this.artifacts = artifacts;
    this.runs = runs;
    this.database = database;
  }

  @Override
  public void register(RouteTable routes) {
    routes.put("/agent/v1/jobs/{job}/artifacts/{artifact}", Permission.RUN_JOBS, this::upload);
    routes.get("/agent/v1/jobs/{job}/artifacts", Permission.RUN_JOBS, this::listForJob);
    routes.get("/agent/v1/jobs/{job}/artifacts/{artifact}", Permission.RUN_JOBS, this::fetch);
    routes.get("/api/v1/projects/{name}/runs/{number}/artifacts", Permission.RUN_READ, this::list);
    routes.get(
        "/api/v1/projects/{name}/runs/{number}/artifacts/{artifact}",
        Permission.RUN_READ,
        this::download);
  }

  private void upload(Exchange exchange) throws IOException {
    if (exchange.bodyLength() > ArtifactLimits.MAX_ARTIFACT_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The artifact is longer than " + ArtifactLimits.MAX_ARTIFACT_BYTES + " bytes",
          "Upload less, or split it into several artifacts.");
    }
    var holder =
        new Leases.Holder(
            exchange.pathId("job"),
            exchange.queryNumber("fence", 0, 0, Long.MAX_VALUE),
            exchange.caller().knownId());
    var terms = terms(exchange);
    try (var body = exchange.bodyStream()) {
      var artifact = artifacts.upload(holder, exchange.path("artifact"), terms, body);
      var run = database.read(tx -> runs.find(tx, artifact.runId())).orElseThrow();
      exchange.json(receipt(exchange, run, artifact));
    }
  }

  private static Artifacts.Terms terms(Exchange exchange) {
    var most = ArtifactLimits.RETENTION.toDays();
    var days = exchange.queryNumber("retentionDays", most, 1, most);
    var overwrite = exchange.query("overwrite").orElse("false");
    return switch (overwrite) {
      case "true", "false" ->
          new Artifacts.Terms(Duration.ofDays(days), Boolean.parseBoolean(overwrite));
      default ->
          throw new FairwayException(
              ErrorCode.INVALID_INPUT, "overwrite is '" + overwrite + "'", "Give true or false.");
    };
  }

  private void listForJob(Exchange exchange) {
    exchange.json(
        Listing.whole(
            database.read(tx -> {
              var run = readable(tx, exchange);
              return artifacts.of(tx, run.id()).stream()
                  .map(artifact -> receipt(exchange, run, artifact))
                  .toList();
            })));
  }

  private void fetch(Exchange exchange) throws IOException {
    var name = exchange.path("artifact");
    var artifact =
        database.read(tx ->
            artifacts
                .find(tx, readable(tx, exchange).id(), name)
                .orElseThrow(() -> Artifacts.unknown(name)));
    send(exchange, artifact);
  }

  private Run readable(Handle tx, Exchange exchange) {
    return artifacts.readableBy(
        tx,
        exchange.pathId("job"),
        exchange.caller().knownId(),
        exchange.query("run").map(ArtifactRoutes::runId));
  }

  private static UUID runId(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + text + "' is not the id of a run",
          "The id is what `github.run_id` was there, a UUID.",
          e);
    }
  }

  private void list(Exchange exchange) {
    exchange.json(
        Listing.whole(
            database.read(tx -> {
              var run = run(tx, exchange);
              return artifacts.of(tx, run.id()).stream()
                  .map(artifact -> json(run, artifact))
                  .toList();
            })));
  }

  private void download(Exchange exchange) throws IOException {
    var name = exchange.path("artifact");
    var artifact =
        database.read(tx ->
            artifacts
                .find(tx, run(tx, exchange).id(), name)
                .orElseThrow(() -> Artifacts.unknown(name)));
    exchange.header(
        "Content-Disposition",
        "attachment; filename=\"artifact.zip\"; filename*=UTF-8''" + encoded(name) + ".zip");
    send(exchange, artifact);
  }

  private void send(Exchange exchange, Artifact artifact) throws IOException {
    var file = artifacts.file(artifact.digest());
    exchange.header("Content-Length", Long.toString(artifact.size()));
    exchange.header("ETag", "\"sha256:" + artifact.digest() + "\"");
    Files.copy(file, exchange.stream("application/zip"));
  }

  private Run run(Handle tx, Exchange exchange) {
    var number = exchange.pathNumber("number");
    return runs.find(tx, exchange.path("name"), number)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                "The project " + exchange.path("name") + " has no run #" + number,
                "Look at its runs."));
  }

  /// The artifacts for the page of their run.
  List<RunArtifacts.Item> items(Handle tx, Run run) {
    return artifacts.of(tx, run.id()).stream()
        .map(artifact ->
            new RunArtifacts.Item(
                artifact.name(),
                artifact.digest(),
                artifact.size(),
                href(run, artifact),
                artifact.expiresAt()))
        .toList();
  }

  private static ArtifactJson json(Run run, Artifact artifact) {
    return new ArtifactJson(
        artifact.name(),
        artifact.digest(),
        artifact.size(),
        artifact.entries(),
        artifact.createdAt(),
        artifact.expiresAt(),
        href(run, artifact));
  }

  private static ArtifactReceipt receipt(Exchange exchange, Run run, Artifact artifact) {
    return new ArtifactReceipt(
        artifact.number(),
        artifact.name(),
        artifact.digest(),
        artifact.size(),
        exchange.origin() + href(run, artifact));
  }

  private static String href(Run run, Artifact artifact) {
    return "/api/v1/projects/"
        + run.project()
        + "/runs/"
        + run.number()
        + "/artifacts/"
        + encoded(artifact.name());
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }
}
