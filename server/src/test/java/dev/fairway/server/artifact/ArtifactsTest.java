package dev.fairway.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole of a server that artifacts need, with one job that runs.
final class ArtifactsTest {
  private static final UUID AGENT = UUID.fromString("018f0000-0000-7000-8000-00000000000a");
  private static final byte[] ZIP = Zips.of("payments.txt", "jar");
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps: [{run: "true"}]
      """;

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private TestDatabase test;
  private WebModule web;
  private SourceModule source;
  private RunModule run;
  private ArtifactModule artifact;
  private HttpServer http;
  private Project project;
  private JobAssignment job;
  private Instant now = Instant.now();

  @BeforeEach
  void start() throws Exception {
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
    var everything =
        new Caller(
            Caller.Kind.AGENT,
            AGENT,
            "agent-1",
            Set.of(Role.DEVELOPER),
            EnumSet.allOf(Permission.class),
            null);
    http =
        HttpServer.start(
            "127.0.0.1", 0, Ingress.STRAIGHT, routes, _ -> everything, (_, p) -> p.title());
    project = source.projects().create("payments", "", "", everything);
    pushWorkflow();
    job =
        Json.MAPPER.readValue(
            send(request("/agent/v1/claim")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            Json.MAPPER.writeValueAsString(
                                new ClaimRequest("agent-1", List.of("ubuntu-latest"), "plain")))))
                .body(),
            JobAssignment.class);
  }

  @AfterEach
  void stop() {
    client.close();
    web.close();
    run.close();
    artifact.close();
    source.close();
    http.close();
    test.close();
  }

  private void pushWorkflow() throws IOException, InterruptedException {
    var work = Files.createDirectories(folder.resolve("work/.github/workflows")).resolve("../..");
    Files.writeString(work.resolve(".github/workflows/ci.yml"), WORKFLOW);
    git(work, "init", "--quiet", "--initial-branch=main");
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
    git(work, "push", "--quiet", "http://127.0.0.1:" + http.port() + "/git/payments.git", "main");
    for (var entry : entries(PredicateType.PUSH)) {
      run.subscribers().forEach(each -> test.database().run(tx -> each.on(tx, entry)));
    }
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

  private List<LedgerEntry> entries(PredicateType type) {
    return test.database()
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

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
        .timeout(Duration.ofSeconds(30));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> upload(String name, byte[] zip, long fence) {
    return send(
        request("/agent/v1/jobs/" + job.job() + "/artifacts/" + name + "?fence=" + fence)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(zip)));
  }

  private HttpResponse<String> upload(String name, byte[] zip) {
    return upload(name, zip, job.fence());
  }

  @Test
  void aJobAndPeopleGetBackWhatAJobUploaded() throws Exception {
    var uploaded = upload("payments", ZIP);
    var again = upload("payments", ZIP);

    assertThat(uploaded.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(uploaded.body());
    for (var path :
        List.of(
            "/agent/v1/jobs/" + job.job() + "/artifacts/payments",
            "/api/v1/projects/payments/runs/1/artifacts/payments")) {
      var download = client.send(request(path).build(), BodyHandlers.ofByteArray());
      assertThat(download.body()).isEqualTo(ZIP);
    }
    assertThat(send(request("/agent/v1/jobs/" + job.job() + "/artifacts")).body())
        .startsWith("{\"items\":[{\"name\":\"payments\"");
    assertThat(send(request("/api/v1/projects/payments/runs/1/artifacts")).body())
        .contains("\"entries\":1");
    assertThat(send(request("/api/v1/projects/payments/runs/1/artifacts/none")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void evidenceSaysWhichRunMadeIt() {
    upload("payments", ZIP);

    assertThat(entries(PredicateType.PROVENANCE))
        .singleElement()
        .satisfies(entry -> {
          var definition = entry.predicate().path("buildDefinition");
          assertThat(definition.at("/externalParameters/workflow/path").asString())
              .isEqualTo(".github/workflows/ci.yml");
          assertThat(definition.at("/internalParameters/runNumber").asLong()).isEqualTo(1);
          assertThat(entry.subjects().getFirst().algorithm()).isEqualTo("sha256");
          assertThat(entry.actor()).isEqualTo("agent-1");
        });
  }

  @Test
  void refusesWhoHoldsNoLease() {
    assertThat(upload("payments", ZIP, job.fence() + 1).statusCode()).isEqualTo(409);
    assertThat(entries(PredicateType.PROVENANCE)).isEmpty();
  }

  @Test
  void refusesBadNamesUnsafeZipsAndOtherBytesUnderTheSameName() {
    assertThat(upload("..", ZIP).statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(upload("a%2Fb", ZIP).statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(upload("-x", ZIP).statusCode()).isEqualTo(400);
    assertThat(upload("climbs", Zips.of("../x", "y")).statusCode()).isEqualTo(422);
    upload("payments", ZIP);
    assertThat(upload("payments", Zips.of("other", "x")).statusCode()).isEqualTo(409);
  }

  @Test
  void whatNoReleaseNeedsGoesAfterItsTime() {
    upload("release", ZIP);
    upload("scratch", Zips.of("scratch", "x"));
    var all = test.database().read(tx -> artifact.artifacts().of(tx, runId()));
    var kept = all.getFirst();
    var gone = all.getLast();
    var release =
        new LedgerEntry(
            1,
            UUID.randomUUID(),
            PredicateType.RELEASE,
            List.of(Subject.sha256("release", kept.digest())),
            Json.MAPPER.createObjectNode(),
            Set.of(project.reference()),
            "fairway",
            now);
    test.database().run(tx -> artifact.subscriber().on(tx, release));

    now = now.plus(ArtifactLimits.RETENTION).plusSeconds(1);
    artifact.artifacts().expire();

    assertThat(artifact.artifacts().file(kept.digest())).exists();
    assertThatThrownBy(() -> artifact.artifacts().file(gone.digest()))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void bytesThatACrashLeftWithoutAnArtifactGoAfterADay() throws Exception {
    upload("payments", ZIP);
    var kept = test.database().read(tx -> artifact.artifacts().of(tx, runId())).getFirst();
    var folder = Objects.requireNonNull(artifact.artifacts().file(kept.digest()).getParent());
    var blobs = Objects.requireNonNull(folder.getParent());
    var old = orphan(blobs, "a", now.minus(ArtifactLimits.ORPHAN_AGE).minusSeconds(1));
    var fresh = orphan(blobs, "b", now);

    artifact.artifacts().expire();

    assertThat(old).doesNotExist();
    assertThat(fresh).exists();
    assertThat(artifact.artifacts().file(kept.digest())).exists();
  }

  private static Path orphan(Path blobs, String digit, Instant since) throws IOException {
    var digest = digit.repeat(64);
    var file = Files.createDirectories(blobs.resolve(digest.substring(0, 2))).resolve(digest);
    Files.writeString(file, "left");
    return Files.setLastModifiedTime(file, FileTime.from(since));
  }

  private UUID runId() {
    return test.database().read(tx -> run.runs().find(tx, "payments", 1)).orElseThrow().id();
  }
}
