package dev.fairway.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ClaimRequest;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.run.Run;
import dev.fairway.server.run.RunModule;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.vault.TestVault;
import dev.fairway.server.web.WebModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// The whole of a server that artifacts need, with a clock that the test moves. Whoever calls may
/// do everything that an agent and a developer may; with the token of a job's services he is that
/// job.
final class ArtifactSite implements AutoCloseable {
  private static final UUID AGENT = UUID.fromString("018f0000-0000-7000-8000-00000000000a");

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path folder;
  private final TestDatabase test;
  private final WebModule web;
  private final SourceModule source;
  private final RunModule run;
  private final ArtifactModule artifact;
  private final HttpServer http;
  private final Caller everything =
      new Caller(
          Caller.Kind.AGENT,
          AGENT,
          "agent-1",
          Set.of(Role.DEVELOPER),
          EnumSet.allOf(Permission.class),
          null);
  private int pushes;
  Instant now = Instant.now();

  ArtifactSite(Path folder) {
    this.folder = folder;
    InstantSource clock = () -> now;
    var evidence = new Evidence(clock);
    var data = folder.resolve("data");
    test = TestDatabase.create();
    web = WebModule.create(test.database(), clock);
    source = SourceModule.create(test.database(), evidence, clock, data, UUID.randomUUID());
    run =
        RunModule.create(
            test.database(),
            evidence,
            source.projects(),
            TestVault.over(evidence),
            web.web(),
            clock,
            new Random(1));
    artifact = ArtifactModule.create(test.database(), evidence, run, clock, TestVault.keys(), data);
    var routes = new RouteTable();
    source.routes().forEach(each -> each.register(routes));
    run.routes().forEach(each -> each.register(routes));
    artifact.routes().register(routes);
    http =
        HttpServer.start(
            "127.0.0.1",
            0,
            Ingress.STRAIGHT,
            routes,
            exchange ->
                exchange
                    .header("Authorization")
                    .flatMap(bearer -> run.tokens().callerOf(bearer.substring("Bearer ".length())))
                    .orElse(everything),
            (_, p) -> p.title());
  }

  @Override
  public void close() {
    client.close();
    web.close();
    run.close();
    artifact.close();
    source.close();
    http.close();
    test.close();
  }

  Database database() {
    return test.database();
  }

  ArtifactModule artifact() {
    return artifact;
  }

  String url() {
    return "http://127.0.0.1:" + http.port();
  }

  Project project(String name) {
    return source.projects().create(name, "", "", everything);
  }

  /// Pushes a commit with that workflow, which makes a run.
  void push(String project, String workflow) throws IOException, InterruptedException {
    var work = Files.createDirectories(folder.resolve("work-" + pushes++));
    var file = work.resolve(".github/workflows/ci.yml");
    Files.createDirectories(work.resolve(".github/workflows"));
    Files.writeString(file, workflow + "# " + pushes + "\n");
    git(work, "init", "--quiet", "--initial-branch=b" + pushes);
    git(work, "add", ".");
    git(
        work,
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.com",
        "commit",
        "--quiet",
        "--message",
        "Build");
    git(work, "push", "--quiet", url() + "/git/" + project + ".git", "b" + pushes);
    var entry = entries(PredicateType.PUSH).getLast();
    run.subscribers().forEach(each -> database().run(tx -> each.on(tx, entry)));
  }

  private static void git(Path folder, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }

  /// The next job in the queue, which runs from now on.
  JobAssignment claim() {
    var request = new ClaimRequest("agent-1", List.of("ubuntu-latest"), "plain");
    var job =
        Json.MAPPER.readValue(
            send(request("/agent/v1/claim")
                    .POST(BodyPublishers.ofString(Json.MAPPER.writeValueAsString(request))))
                .body(),
            JobAssignment.class);
    var beat =
        send(
            request("/agent/v1/jobs/" + job.job() + "/heartbeat")
                .POST(BodyPublishers.ofString("{\"fence\": " + job.fence() + "}")));
    assertThat(beat.statusCode()).as(beat.body()).isEqualTo(200);
    return job;
  }

  List<LedgerEntry> entries(PredicateType type) {
    return database()
        .read(tx ->
            tx.createQuery("SELECT * FROM ledger_entry WHERE type = :type ORDER BY id")
                .bind("type", type.uri())
                .map((row, _) ->
                    new LedgerEntry(
                        0,
                        row.getObject("id", UUID.class),
                        type,
                        List.of(Json.MAPPER.readValue(row.getString("subjects"), Subject[].class)),
                        Json.MAPPER.readTree(row.getString("predicate")),
                        Set.of((String[]) row.getArray("about").getArray()),
                        row.getString("actor"),
                        row.getTimestamp("recorded_at").toInstant()))
                .list());
  }

  /// What a query of one column finds.
  List<String> texts(String sql) {
    return database().read(tx -> tx.select(sql).mapTo(String.class).list());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(path.startsWith("/") ? url() + path : path))
        .timeout(Duration.ofSeconds(30));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(request.build(), handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// As the job's agent does it.
  ///
  /// @param more of the query, such as `&overwrite=true`
  HttpResponse<String> upload(JobAssignment job, String name, byte[] zip, String more) {
    return send(
        request(
                "/agent/v1/jobs/%s/artifacts/%s?fence=%d%s"
                    .formatted(job.job(), name, job.fence(), more))
            .PUT(BodyPublishers.ofByteArray(zip)));
  }

  ArtifactReceipt uploaded(JobAssignment job, String name, byte[] zip, String more) {
    var answer = upload(job, name, zip, more);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readValue(answer.body(), ArtifactReceipt.class);
  }

  /// What an agent sees of a run's artifacts.
  List<ArtifactReceipt> listed(JobAssignment job) {
    var answer = send(request("/agent/v1/jobs/" + job.job() + "/artifacts"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER
        .readValue(answer.body(), new TypeReference<Listing<ArtifactReceipt>>() {})
        .items();
  }

  /// A call of the service for the official clients.
  HttpResponse<String> call(JobAssignment job, String method, Map<String, String> message) {
    var services = job.services();
    var body = Json.MAPPER.createObjectNode();
    body.put("workflow_run_backend_id", job.run().toString());
    body.put("workflow_job_run_backend_id", job.job().toString());
    message.forEach(body::put);
    return send(
        request("/twirp/github.actions.results.api.v1.ArtifactService/" + method)
            .header("Authorization", "Bearer " + (services == null ? "" : services.runtimeToken()))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString())));
  }

  Run runOf(JobAssignment job) {
    return database().read(tx -> run.runs().find(tx, job.run())).orElseThrow();
  }

  /// What that run has by that name.
  @Nullable Artifact find(JobAssignment job, String name) {
    return database().read(tx -> artifact.artifacts().find(tx, job.run(), name)).orElse(null);
  }
}
