package dev.fairway.server.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.api.ProxyClient;
import dev.fairway.proxy.Proxy;
import dev.fairway.proxy.ProxyOptions;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.db.Ids;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.delivery.target.ArtifactZip;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.delivery.target.ServiceUser;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.Routes;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.web.TestSite;
import dev.fairway.server.web.Web;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// A project with a real repository, a real database, the real target and a real proxy: everything
/// that delivery works on.
final class DeliveryFixture implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(40);
  static final UUID ADA = UUID.fromString("00000000-0000-7000-8000-00000000000a");

  static final String SERVICE =
      """
      service: till
      owner: team-till
      artifacts: [till]
      run:
        command: [java, -XX:TieredStopAtLevel=1, -XX:+UseSerialGC, -cp, ., dev.fairway.server.delivery.TillService]
      health: {path: /health, interval: 50ms, timeout: 2s, healthy: 1, unhealthy: 2, start: 20s}
      drain: 1s
      """;

  static final String STAGING =
      """
      kind: Environment
      name: staging
      order: 1
      target: {kind: local}
      promotion: automatic
      verification: {duration: 300ms, minRequests: 20, maxErrorRate: 0.1}
      """;

  static final String PRODUCTION =
      """
      kind: Environment
      name: production
      order: 2
      target: {kind: local}
      promotion: approved
      approvals: {count: 1}
      verification: {duration: 300ms, minRequests: 20, maxErrorRate: 0.1}
      """;

  final InstantSource clock = InstantSource.system();
  final Path folder;
  final Map<UUID, List<Release.Artifact>> uploaded = new HashMap<>();
  final TestSite site;

  /// The account that pushes.
  UUID pusher = ADA;

  private final Path work;
  private final Proxy proxy;
  private final ProxyClient proxyClient;
  private @Nullable SourceModule source;
  private @Nullable DeliveryModule module;
  private final Project project;
  private int runs;

  DeliveryFixture(Path folder) throws IOException {
    this.folder = folder;
    this.proxy =
        Proxy.start(
            new ProxyOptions(folder.resolve("proxy"), InetAddress.getLoopbackAddress(), 0, 0),
            clock);
    this.proxyClient = new ProxyClient(folder.resolve("proxy"));
    this.work = Files.createDirectories(folder.resolve("work"));
    Files.createDirectories(folder.resolve("blobs"));
    this.site = TestSite.start(clock, this::features);
    this.project = source().projects().create("till", "", "main", caller("ada", Role.DEVELOPER));
    git("init", "--quiet", "--initial-branch=main");
  }

  private List<Routes> features(TestSite.Ground ground) {
    try {
      source =
          SourceModule.create(ground.database(), ground.evidence(), clock, folder.resolve("data"));
      module =
          open(
              ground.database(),
              folder,
              source,
              proxyClient,
              ground.web(),
              ground.identity().identity(),
              uploaded,
              _ -> {});
      return module.routes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Database database() {
    return site.database();
  }

  DeliveryModule module() {
    return Objects.requireNonNull(module);
  }

  /// The next server after one that was closed or died.
  DeliveryModule reopen() throws IOException {
    module =
        open(
            database(),
            folder,
            source(),
            proxyClient,
            site.web(),
            site.identity(),
            uploaded,
            _ -> {});
    return module;
  }

  private SourceModule source() {
    return Objects.requireNonNull(source);
  }

  /// The module on the data of that folder, as each server process has it.
  static DeliveryModule open(
      Database database,
      Path folder,
      SourceModule source,
      ProxyClient proxy,
      Web web,
      Identity identity,
      Map<UUID, List<Release.Artifact>> uploaded,
      CrashPoint.Observer crash)
      throws IOException {
    var clock = InstantSource.system();
    var runs =
        new RunFacts() {
          @Override
          public List<Release.Artifact> artifacts(Handle tx, UUID run) {
            return uploaded.getOrDefault(run, List.of());
          }

          @Override
          public DeliveryViews.Tests tests(Handle tx, UUID run) {
            return new DeliveryViews.Tests(12, 0, 1, Duration.ofSeconds(3));
          }

          @Override
          public ArtifactZip.Content content(String digest) {
            return () -> Files.newInputStream(folder.resolve("blobs").resolve(digest));
          }
        };
    return DeliveryModule.create(
        new DeliveryModule.Ground(
            database,
            new Evidence(clock),
            clock,
            web,
            identity,
            source.projects(),
            folder.resolve("target"),
            proxy,
            runs),
        crash);
  }

  /// The database of this test for another process.
  DatabaseUrl url() {
    return database()
        .read(tx ->
            tx.createQuery("SELECT current_database() AS name, inet_server_port() AS port")
                .map((row, _) ->
                    new DatabaseUrl(
                        "jdbc:postgresql://127.0.0.1:%d/%s"
                            .formatted(row.getInt("port"), row.getString("name")),
                        "postgres",
                        ""))
                .one());
  }

  /// Drives deployments, with these environments applied.
  DeliveryFixture started(String... environments) throws IOException {
    apply(environments);
    module().start();
    return this;
  }

  List<Environments.Applied> apply(String... documents) throws IOException {
    return module()
        .environments()
        .apply(
            caller("root", Role.ADMINISTRATOR),
            "environments.yml",
            String.join("---\n", documents));
  }

  static Caller caller(String name, Role... roles) {
    var id = name.equals("ada") ? ADA : UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
    return new Caller(
        Caller.Kind.PERSON, id, name, Set.of(roles), Permission.of(Set.of(roles)), null);
  }

  static Person approver(String name) {
    return new Person(
        caller(name).knownId(),
        name,
        name + " surname",
        name + "@example.com",
        Set.of(Role.APPROVER));
  }

  /// Commits the file as that author and pushes it as ada.
  String push(String author, String serviceFile, String content) throws IOException {
    Files.createDirectories(work.resolve(".fairway"));
    Files.writeString(work.resolve(ServiceDefinition.PATH), serviceFile);
    Files.writeString(work.resolve("content"), content + "\n" + Ids.next());
    git("add", "--all");
    git(
        "-c",
        "user.name=" + author,
        "-c",
        "user.email=" + author + "@example.com",
        "commit",
        "--quiet",
        "-m",
        "Change " + content);
    git(
        "push",
        "--quiet",
        folder.resolve("data/repositories/" + project.id() + ".git").toString(),
        "main");
    var sha = git("rev-parse", "HEAD").strip();
    var push = Ids.next();
    database()
        .run(tx -> {
          tx.createUpdate(
                  """
                  INSERT INTO push (id, project_id, pusher, pusher_id, received_at, state, commands)
                  VALUES (:id, :project, 'ada', :pusher, now(), 'recorded', '[]')
                  """)
              .bind("id", push)
              .bind("project", project.id())
              .bind("pusher", pusher)
              .execute();
          tx.createUpdate(
                  """
                  INSERT INTO commit_record (project_id, sha, parents, author_name, author_email,
                                             authored_at, committer_name, committer_email, committed_at,
                                             message, first_pushed_at, first_push_id)
                  VALUES (:project, :sha, '{}', :author, :author || '@example.com', now(), :author,
                          :author || '@example.com', now(), 'Change', now(), :push)
                  """)
              .bind("project", project.id())
              .bind("sha", sha)
              .bind("author", author)
              .bind("push", push)
              .execute();
        });
    return sha;
  }

  /// A push by ada whose run succeeds and uploads a service of that behaviour.
  Release release(String behaviour) throws IOException {
    var run = run(push("ada", SERVICE, behaviour), Map.of("till", till(behaviour)));
    return (Release) record(run);
  }

  ReleaseRecord record(UUID run) {
    return database().read(tx -> ReleaseStore.ofRun(tx, run)).orElseThrow();
  }

  /// A successful run of that commit that uploaded these.
  UUID run(String commit, Map<String, byte[]> artifacts) throws IOException {
    var run = Ids.next();
    var list =
        artifacts.entrySet().stream()
            .map(entry -> {
              var digest = store(entry.getValue());
              return new Release.Artifact(entry.getKey(), digest, entry.getValue().length);
            })
            .toList();
    uploaded.put(run, list);
    ended(run, ++runs, commit, "push", "refs/heads/main", "success");
    return run;
  }

  /// The end of a run, as the ledger tells it to subscribers.
  void ended(UUID run, int number, String commit, String event, String ref, String outcome)
      throws IOException {
    var predicate =
        Map.of(
            "project",
            project.id(),
            "run",
            run,
            "number",
            number,
            "event",
            event,
            "ref",
            ref,
            "commit",
            commit,
            "outcome",
            outcome);
    var entry =
        new LedgerEntry(
            number,
            Ids.next(),
            PredicateType.RUN,
            List.of(),
            Json.MAPPER.valueToTree(predicate),
            Set.of(),
            "fairway",
            clock.instant());
    var publisher = module().subscribers().getFirst();
    database().run(tx -> publisher.on(tx, entry));
  }

  private String store(byte[] zip) {
    try {
      var digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
      Files.write(folder.resolve("blobs").resolve(digest), zip);
      return digest;
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] till(String behaviour) throws IOException {
    var path = TillService.class.getName().replace('.', '/') + ".class";
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes);
        var in = TillService.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new AssertionError("the test service is not on the class path");
      }
      zip.putNextEntry(new ZipEntry(path));
      in.transferTo(zip);
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("behaviour"));
      zip.write(behaviour.getBytes(UTF_8));
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }

  /// The latest deployment of a release to an environment.
  Deployment deployment(Release release, String environment) {
    return database().read(tx -> DeploymentStore.ofRelease(tx, release.id())).stream()
        .filter(deployment -> deployment.environment().equals(environment))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no deployment to " + environment));
  }

  Deployment awaitState(Release release, String environment, DeploymentState state) {
    await(
        release.version() + " in " + environment + " is " + state,
        () -> state(release, environment) == state);
    return deployment(release, environment);
  }

  private @Nullable DeploymentState state(Release release, String environment) {
    return database().read(tx -> DeploymentStore.ofRelease(tx, release.id())).stream()
        .filter(deployment -> deployment.environment().equals(environment))
        .map(Deployment::state)
        .findFirst()
        .orElse(null);
  }

  /// The status that the service answers through the proxy.
  int get(String environment, String path) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.address().trafficPort())) {
      var request =
          "GET %s HTTP/1.1\r\nHost: till.%s.localhost\r\nConnection: close\r\n\r\n"
              .formatted(path, environment);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }

  /// The answer's body to `/`, which names the release.
  String version(String environment) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.address().trafficPort())) {
      var request =
          "GET / HTTP/1.1\r\nHost: till.%s.localhost\r\nConnection: close\r\n\r\n"
              .formatted(environment);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return answer.substring(answer.indexOf("\r\n\r\n") + 4).strip();
    }
  }

  /// The types of the entries about a deployment, in order.
  List<String> evidenceOf(Deployment deployment) {
    return database()
        .read(tx ->
            tx.createQuery(
                    """
                    SELECT type || COALESCE(' ' || (predicate ->> 'state'), '') FROM ledger_entry
                    WHERE :about = ANY (about) ORDER BY id
                    """)
                .bind("about", deployment.reference())
                .mapTo(String.class)
                .map(type -> type.replaceFirst(".*/attestation/([a-z-]+)/v[0-9.]+", "$1"))
                .list());
  }

  static void await(String what, BooleanSupplier condition) {
    var end = Instant.now().plus(LONG);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(end);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  private String git(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("git", "-C", work.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      assertThat(process.waitFor()).as(output).isZero();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return output;
  }

  /// Stops everything that ran.
  @Override
  public void close() throws Exception {
    module().close();
    try (var last =
        LocalTarget.open(
            folder.resolve("target"),
            Optional.of(ServiceUser.NOBODY),
            proxyClient,
            clock,
            _ -> {})) {
      for (var environment : List.of("staging", "production")) {
        last.remove(environment, "till");
      }
    }
    source().close();
    site.close();
    proxyClient.close();
    proxy.close();
  }
}
