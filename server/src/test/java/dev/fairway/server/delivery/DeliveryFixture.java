package dev.fairway.server.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ProxyClient;
import dev.fairway.proxy.Proxy;
import dev.fairway.proxy.ProxyOptions;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.Routes;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.run.Runs;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.web.TestSite;
import dev.fairway.server.web.Web;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A project with a real repository, a real database, the real target and a real proxy: everything
/// that delivery works on.
final class DeliveryFixture {
  static final Duration LONG = Duration.ofSeconds(40);
  static final UUID ADA = UUID.fromString("00000000-0000-7000-8000-00000000000a");

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

  /// Fast, and long enough for a machine that has more to do.
  static final Pace FAST =
      new Pace(
          Duration.ofMillis(1_500),
          Duration.ofMillis(200),
          Duration.ofMillis(200),
          Duration.ofSeconds(1));

  final InstantSource clock = InstantSource.system();
  final Path folder;
  final TestSite site;

  /// What is delivered.
  final TillProject till;

  private final Proxy proxy;
  private final ProxyClient proxyClient;
  final Map<UUID, List<Release.Artifact>> uploaded = new HashMap<>();
  private @Nullable SourceModule source;
  private @Nullable DeliveryModule module;

  DeliveryFixture(Path folder) throws IOException {
    this.folder = folder;
    this.proxy =
        Proxy.start(
            new ProxyOptions(folder.resolve("proxy"), InetAddress.getLoopbackAddress(), 0, 0),
            clock);
    this.proxyClient = new ProxyClient(folder.resolve("proxy"));
    this.site = TestSite.start(clock, this::features);
    var project = source().projects().create("till", "", "main", caller("ada", Role.DEVELOPER));
    this.till =
        new TillProject(
            folder, database(), project, () -> module().subscribers().getFirst(), uploaded);
  }

  private List<Routes> features(TestSite.Ground ground) {
    try {
      source =
          SourceModule.create(
              ground.database(),
              ground.evidence(),
              clock,
              folder.resolve("data"),
              UUID.randomUUID());
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
      CrashObserver crash)
      throws IOException {
    var clock = InstantSource.system();
    return DeliveryModule.create(
        new DeliveryModule.Ground(
            database,
            new Evidence(clock),
            clock,
            web,
            identity,
            source.projects(),
            Optional.of(folder.resolve("target")),
            proxy,
            TillProject.facts(folder, uploaded),
            new Runs()),
        FAST,
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
    if (environments.length > 0) {
      apply(environments);
    }
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

  /// Whether that version answers now.
  boolean answers(String environment, String version) {
    try {
      return version(environment).equals(version);
    } catch (IOException e) {
      return false;
    }
  }

  /// The release that has the traffic.
  UUID serving(String environment) {
    return database()
        .read(tx -> DeploymentStore.serving(tx, environment, "till"))
        .orElseThrow()
        .releaseId();
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

  /// Stops everything that ran, each part although another one fails, and sees that no process of a
  /// service is left.
  void close() throws Exception {
    try (var _ = (AutoCloseable) proxy;
        var _ = (AutoCloseable) proxyClient;
        var _ = (AutoCloseable) site;
        var _ = (AutoCloseable) source();
        AutoCloseable _ = this::haltServices) {
      module().close();
    }
  }

  private void haltServices() throws Exception {
    LocalTarget.halt(folder.resolve("target"));
    assertThat(
            ProcessHandle.allProcesses()
                .filter(process -> isService(process.pid()))
                .map(process -> process.info().commandLine().orElse("a process")))
        .as("services that still run")
        .isEmpty();
  }

  private boolean isService(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1)
          .contains("FAIRWAY_TARGET=" + folder.resolve("target"));
    } catch (IOException _) {
      return false;
    }
  }
}
