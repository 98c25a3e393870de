package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.delivery.Deployment.Step;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Releases, environments and deployments for programs.
final class DeliveryApi implements Routes {
  private static final int MAX_APPLY_BYTES = Yaml.MAX_CHARS * 4;

  /// @param state `published` or `failed`; where it failed, `reason` says why and there is no
  ///   service, digest or artifact
  record ReleaseJson(
      UUID id,
      String project,
      @Nullable String service,
      String version,
      String state,
      String reason,
      String commit,
      UUID runId,
      long runNumber,
      @Nullable String digest,
      List<Release.Artifact> artifacts,
      Instant createdAt) {
    static ReleaseJson of(ReleaseRecord record) {
      return switch (record) {
        case Release it ->
            new ReleaseJson(
                it.id(),
                it.project(),
                it.service(),
                it.version(),
                "published",
                "",
                it.commit(),
                it.runId(),
                it.runNumber(),
                it.digest(),
                it.artifacts(),
                it.createdAt());
        case FailedRelease it ->
            new ReleaseJson(
                it.id(),
                it.project(),
                null,
                it.version(),
                "failed",
                it.reason(),
                it.commit(),
                it.runId(),
                it.runNumber(),
                null,
                List.of(),
                it.createdAt());
      };
    }
  }

  /// A release with where it went.
  record ReleaseDetail(ReleaseJson release, List<DeploymentJson> deployments) {}

  record DeploymentJson(
      UUID id,
      String service,
      String version,
      UUID releaseId,
      String environment,
      Deployment.Kind kind,
      DeploymentState state,
      @Nullable Outcome outcome,
      String reason,
      String requestedBy,
      Instant requestedAt,
      Instant changedAt,
      @Nullable Instant switchedAt,
      @Nullable Instant endedAt,
      Verification.@Nullable Verdict verdict) {
    static DeploymentJson of(Handle tx, Deployment it) {
      return new DeploymentJson(
          it.id(),
          it.service(),
          ReleaseStore.published(tx, it.releaseId()).orElseThrow().version(),
          it.releaseId(),
          it.environment(),
          it.kind(),
          it.state(),
          it.outcome(),
          it.reason(),
          it.requestedBy(),
          it.requestedAt(),
          it.changedAt(),
          it.switchedAt(),
          it.endedAt(),
          it.verdict());
    }
  }

  /// A deployment with its way and its approvals.
  ///
  /// @param required how many people must say yes
  record DeploymentDetail(
      DeploymentJson deployment, List<Step> steps, int required, List<Approval> approvals) {}

  /// What of a service is in an environment.
  record ServiceJson(
      String service, String version, UUID releaseId, UUID deploymentId, Instant since) {}

  record EnvironmentJson(
      EnvironmentDefinition definition,
      int version,
      Instant changedAt,
      String changedBy,
      List<ServiceJson> services,
      List<DeploymentJson> open) {}

  private record Promotion(
      @Nullable UUID releaseId, @Nullable String environment, @Nullable String reason) {}

  private record Word(@Nullable String reason, @Nullable String password) {
    String why() {
      return reason == null ? "" : reason;
    }
  }

  private record RollbackRequest(
      @Nullable String environment, @Nullable String service, @Nullable String reason) {}

  private final Database database;
  private final Environments environments;
  private final Deployments deployments;
  private final Approvals approvals;
  private final People people;

  DeliveryApi(
      Database database,
      Environments environments,
      Deployments deployments,
      Approvals approvals,
      People people) {
    this.database = database;
    this.environments = environments;
    this.deployments = deployments;
    this.approvals = approvals;
    this.people = people;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/releases", Permission.RELEASE_READ, this::releases);
    routes.get("/api/v1/releases/{id}", Permission.RELEASE_READ, this::release);
    routes.get("/api/v1/environments", Permission.RELEASE_READ, this::environments);
    routes.get("/api/v1/environments/{name}", Permission.RELEASE_READ, this::environment);
    routes.put("/api/v1/apply", Permission.ENVIRONMENT_WRITE, this::apply);
    routes.get("/api/v1/deployments", Permission.RELEASE_READ, this::deployments);
    routes.post("/api/v1/deployments", Permission.DEPLOYMENT_PROMOTE, this::promote);
    routes.get("/api/v1/deployments/{id}", Permission.RELEASE_READ, this::deployment);
    routes.post(
        "/api/v1/deployments/{id}/approve",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decide(exchange, true));
    routes.post(
        "/api/v1/deployments/{id}/reject",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decide(exchange, false));
    routes.post("/api/v1/deployments/{id}/cancel", Permission.DEPLOYMENT_PROMOTE, this::cancel);
    routes.post("/api/v1/rollbacks", Permission.DEPLOYMENT_ROLL_BACK, this::rollBack);
  }

  private void releases(Exchange exchange) {
    var project = exchange.query("project").orElse(null);
    var wanted = exchange.list();
    exchange.json(database.read(tx -> ReleaseStore.list(tx, project, wanted)).map(ReleaseJson::of));
  }

  private void release(Exchange exchange) {
    exchange.json(
        database.read(tx -> {
          var record =
              ReleaseStore.named(tx, exchange.path("id"))
                  .orElseThrow(() ->
                      new FairwayException(
                          ErrorCode.NOT_FOUND,
                          "There is no release " + exchange.path("id"),
                          "List them with 'fairway releases list'."));
          return new ReleaseDetail(
              ReleaseJson.of(record),
              DeploymentStore.ofRelease(tx, record.id()).stream()
                  .map(deployment -> DeploymentJson.of(tx, deployment))
                  .toList());
        }));
  }

  private void environments(Exchange exchange) {
    exchange.json(
        Listing.whole(
            database.read(tx -> {
              var serving = DeploymentStore.serving(tx);
              var open = DeploymentStore.open(tx);
              return EnvironmentStore.all(tx).stream()
                  .map(environment -> json(tx, environment, serving, open))
                  .toList();
            })));
  }

  private void environment(Exchange exchange) {
    exchange.json(
        database.read(tx ->
            json(
                tx,
                EnvironmentStore.demand(tx, exchange.path("name")),
                DeploymentStore.serving(tx),
                DeploymentStore.open(tx))));
  }

  private static EnvironmentJson json(
      Handle tx, Environment environment, List<Serving> serving, List<Deployment> open) {
    return new EnvironmentJson(
        environment.definition(),
        environment.version(),
        environment.changedAt(),
        environment.changedBy(),
        serving.stream()
            .filter(there -> there.environment().equals(environment.name()))
            .map(there ->
                new ServiceJson(
                    there.service(),
                    ReleaseStore.published(tx, there.releaseId()).orElseThrow().version(),
                    there.releaseId(),
                    there.deploymentId(),
                    there.since()))
            .toList(),
        open.stream()
            .filter(deployment -> deployment.environment().equals(environment.name()))
            .map(deployment -> DeploymentJson.of(tx, deployment))
            .toList());
  }

  private void apply(Exchange exchange) throws IOException {
    var file = exchange.query("file").orElse("the request");
    byte[] bytes;
    try (var in = exchange.bodyStream()) {
      bytes = in.readNBytes(MAX_APPLY_BYTES + 1);
    }
    if (bytes.length > MAX_APPLY_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          file + " has more than " + MAX_APPLY_BYTES + " bytes",
          "Apply it in parts.");
    }
    exchange.json(
        Map.of("applied", environments.apply(exchange.caller(), file, utf8(file, bytes))));
  }

  private static String utf8(String file, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, file + " is not UTF-8 text", "Save it as UTF-8.", e);
    }
  }

  private void deployments(Exchange exchange) {
    var environment = exchange.query("environment").orElse(null);
    var wanted = exchange.list();
    exchange.json(
        database.read(tx ->
            DeploymentStore.list(tx, environment, wanted)
                .map(deployment -> DeploymentJson.of(tx, deployment))));
  }

  private void deployment(Exchange exchange) {
    exchange.json(
        database.read(tx -> {
          var deployment = DeploymentStore.demand(tx, exchange.pathId("id"));
          var environment = EnvironmentStore.demand(tx, deployment.environment());
          return new DeploymentDetail(
              DeploymentJson.of(tx, deployment),
              DeploymentStore.steps(tx, deployment.id()),
              environment.definition().approvals().count(),
              Approval.of(tx, deployment.id()));
        }));
  }

  private void promote(Exchange exchange) {
    var asked = exchange.body(Promotion.class);
    var reason = asked.reason() == null ? "" : asked.reason();
    var release = present(asked.releaseId(), "releaseId");
    var environment = present(asked.environment(), "environment");
    answer(
        exchange.status(201), deployments.promote(exchange.caller(), release, environment, reason));
  }

  private void decide(Exchange exchange, boolean approved) {
    var word = exchange.body(Word.class);
    people.confirm(exchange, word.password() == null ? "" : word.password());
    answer(
        exchange, approvals.decide(person(exchange), exchange.pathId("id"), approved, word.why()));
  }

  private Person person(Exchange exchange) {
    return database
        .read(tx -> people.person(tx, exchange.caller()))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.FORBIDDEN, "Approvals are given by people", "Sign in as one."));
  }

  private void cancel(Exchange exchange) {
    var word = exchange.body(Word.class);
    answer(exchange, deployments.cancel(exchange.caller(), exchange.pathId("id"), word.why()));
  }

  private void rollBack(Exchange exchange) {
    var asked = exchange.body(RollbackRequest.class);
    answer(
        exchange.status(201),
        deployments.rollBack(
            exchange.caller(),
            present(asked.environment(), "environment"),
            present(asked.service(), "service"),
            present(asked.reason(), "reason")));
  }

  private static <T> T present(@Nullable T value, String field) {
    if (value == null) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The field " + field + " is missing", "Send it.");
    }
    return value;
  }

  private void answer(Exchange exchange, Deployment deployment) {
    exchange.json(database.read(tx -> DeploymentJson.of(tx, deployment)));
  }
}
