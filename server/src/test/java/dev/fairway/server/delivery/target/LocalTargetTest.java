package dev.fairway.server.delivery.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.ProxyClient;
import dev.fairway.proxy.Proxy;
import dev.fairway.proxy.ProxyOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With a real service in real processes, behind a real proxy.
class LocalTargetTest {
  private static final Set<String> HOSTS = Set.of("127.0.0.1");
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final List<InstanceEvent> events = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private Proxy proxy;
  private ProxyClient admin;
  private LocalTarget target;

  @BeforeEach
  void start() throws IOException {
    var options = new ProxyOptions(folder.resolve("proxy"), InetAddress.getLoopbackAddress(), 0, 0);
    proxy = Proxy.start(options, InstantSource.system());
    admin = new ProxyClient(folder.resolve("proxy"));
    target = open();
  }

  private LocalTarget open() throws IOException {
    var user = Optional.of(ServiceUser.NOBODY);
    return LocalTarget.open(
        folder.resolve("target"),
        user,
        admin,
        InstantSource.system(),
        events::add,
        Duration.ofSeconds(1));
  }

  @AfterEach
  void stop() throws InterruptedException {
    target.remove("production", "shop");
    assertThat(ProcessHandle.allProcesses().filter(this::isOurs)).isEmpty();
    target.close();
    admin.close();
    proxy.close();
    http.close();
  }

  private boolean isOurs(ProcessHandle process) {
    try {
      return Files.readString(
              Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1)
          .contains("FAIRWAY_TARGET=" + folder.resolve("target"));
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void deploysSwitchesRollsBackAndRefusesWithoutLosingARequest() throws Exception {
    var first = healthy(order("1.1.0", "well"));
    target.switchTraffic(first.order().id(), HOSTS);
    var stop = new AtomicBoolean();
    var answered = new AtomicLong();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        // Closed first, whatever happens: nobody waits for clients that nobody stops.
        AutoCloseable _ = () -> stop.set(true)) {
      var clients = new ArrayList<Future<?>>();
      for (var i = 0; i < 24; i++) {
        clients.add(threads.submit(() -> sendUntil(stop, answered)));
      }
      var second = healthy(order("1.2.0", "well"));
      var moved = target.switchTraffic(second.order().id(), HOSTS);
      assertThat(moved.from()).contains(first.order().id());
      assertThat(target.switchTraffic(second.order().id(), HOSTS)).isEqualTo(moved);
      assertThat(get("/")).isEqualTo("1.2.0");

      var refused = target.start(order("1.3.0", "sick"));
      assertThat(target.awaitVerdict(refused.order().id(), LONG))
          .isInstanceOf(HealthVerdict.Failed.class);
      target.stop(refused.order().id());
      assertThat(get("/")).isEqualTo("1.2.0");

      var back = target.switchTraffic(first.order().id(), HOSTS);
      assertThat(get("/")).isEqualTo("1.1.0");
      assertThat(target.drain(back.route(), back.fromGeneration(), LONG)).isTrue();
      target.stop(second.order().id());
      var seen = answered.get();
      await("requests go on", () -> answered.get() > seen + 200);
      stop.set(true);
      for (var client : clients) {
        client.get();
      }
    }
    assertThatThrownBy(() -> target.stop(first.order().id()))
        .hasMessageContaining("has the traffic of shop.production");
  }

  private Void sendUntil(AtomicBoolean stop, AtomicLong answered) throws Exception {
    while (!stop.get()) {
      assertThat(get("/")).isIn("1.1.0", "1.2.0");
      answered.incrementAndGet();
    }
    return null;
  }

  @Test
  void saysWhyAnInstanceNeverBecameHealthy() throws Exception {
    var quits = target.start(order("1.1.0", "quits"));
    assertThat(target.awaitVerdict(quits.order().id(), LONG))
        .isInstanceOfSatisfying(
            HealthVerdict.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .contains("its process ended before it was healthy", "cannot open the till"));
    assertThatThrownBy(() -> target.switchTraffic(quits.order().id(), HOSTS))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("is FAILED, so it gets no traffic");
    assertThat(events).extracting(InstanceEvent::kind).containsExactly(InstanceEvent.Kind.FAILED);
  }

  @Test
  void adoptsARunningProcessAfterARestartOfTheServer() throws Exception {
    var before = healthy(order("1.1.0", "well"));
    target.close();
    target = open();
    assertThat(target.start(before.order()).process()).isEqualTo(before.process());
    assertThat(target.awaitVerdict(before.order().id(), LONG))
        .isInstanceOf(HealthVerdict.Healthy.class);
    assertThat(target.instances()).hasSize(1);
  }

  @Test
  void endsEverythingWithoutAServerAndStartsItAgainWithTheNext() throws Exception {
    var before = healthy(order("1.1.0", "well"));
    target.close();

    LocalTarget.halt(folder.resolve("target"));

    assertThat(ProcessHandle.allProcesses().filter(this::isOurs)).isEmpty();
    target = open();
    assertThat(target.awaitVerdict(before.order().id(), LONG))
        .isInstanceOf(HealthVerdict.Healthy.class);
  }

  @Test
  void adoptsWhatAServerLeftRunningThatWasKilled() throws Exception {
    target.close();
    var id = UUID.randomUUID();
    var doomed =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DoomedServer.class.getName(),
                folder.resolve("target").toString(),
                folder.resolve("proxy").toString(),
                id.toString())
            .inheritIO()
            .start();
    assertThat(doomed.waitFor()).isEqualTo(137);
    target = open();
    var adopted = target.instance(id).orElseThrow();
    assertThat(ProcessHandle.of(adopted.process().orElseThrow().pid())).isPresent();
    assertThat(target.awaitVerdict(id, LONG)).isInstanceOf(HealthVerdict.Healthy.class);
    target.switchTraffic(id, HOSTS);
    assertThat(get("/")).isEqualTo("1.1.0");
    assertThat(target.instance(id).orElseThrow().restarts()).isZero();
  }

  @Test
  void adoptsAProcessWhosePidACrashKeptFromBeingWrittenDown() throws Exception {
    var before = healthy(order("1.1.0", "well"));
    target.close();
    var file = folder.resolve("target/instances/" + before.order().id() + ".json");
    var record = Json.MAPPER.readValue(Files.readAllBytes(file), InstanceRecord.class);
    var lost = record.withProcess(Optional.empty(), record.startedAt());
    Files.write(file, Json.MAPPER.writeValueAsBytes(lost));
    target = open();
    assertThat(target.instance(before.order().id()).orElseThrow().process())
        .isEqualTo(before.process());
  }

  @Test
  void endsProcessesThatNobodyKnowsAfterARestartOfTheServer() throws Exception {
    var lost = healthy(order("1.1.0", "well"));
    var handle = ProcessHandle.of(lost.process().orElseThrow().pid()).orElseThrow();
    target.close();
    Files.delete(folder.resolve("target/instances/" + lost.order().id() + ".json"));
    target = open();
    await("the orphan is gone", () -> !handle.isAlive());
  }

  @Test
  void putsADamagedRecordAsideAndTakesUpTheOthers() throws Exception {
    var kept = healthy(order("1.1.0", "well"));
    target.close();
    var damaged = folder.resolve("target/instances/" + UUID.randomUUID() + ".json");
    Files.writeString(damaged, "{\"order\": ");
    target = open();
    assertThat(target.instances()).extracting(Instance::order).containsExactly(kept.order());
    assertThat(damaged).doesNotExist();
  }

  @Test
  void startsNothingOnceItIsClosed() throws Exception {
    var order = order("1.1.0", "well");
    target.close();
    assertThatThrownBy(() -> target.start(order)).hasMessage("the target is closed");
    target = open();
    assertThat(target.instances()).isEmpty();
  }

  @Test
  void takesNoWordOfARepositoryForAnOptionOfItsOwn() throws Exception {
    var order = order("1.1.0", "well");
    var run = new RunSpec(List.of("--inh-caps=+all", "sleep", "30"), "PORT", Map.of());
    var sly =
        new StartOrder(
            order.id(), "production", "shop", "1.1.0", order.releaseDigest(), run, order.health());
    target.start(sly);
    assertThat(target.awaitVerdict(sly.id(), LONG))
        .isInstanceOfSatisfying(
            HealthVerdict.Failed.class,
            failed -> assertThat(failed.reason()).contains("failed to execute --inh-caps=+all"));
  }

  @Test
  void asksAgainThoughAnAnswerNeverEnds() throws Exception {
    var endless = healthy(order("1.1.0", "endless"));
    assertThat(endless.state()).isEqualTo(InstanceState.HEALTHY);
  }

  @Test
  void aCheckThatCannotBeMadeFailsTheInstance() throws Exception {
    var order = order("1.1.0", "well");
    var check = new HealthCheck("/{", Duration.ofMillis(50), Duration.ofSeconds(2), 2, 3, LONG);
    var wrong =
        new StartOrder(
            order.id(), "production", "shop", "1.1.0", order.releaseDigest(), order.run(), check);
    target.start(wrong);
    assertThat(target.awaitVerdict(wrong.id(), LONG)).isInstanceOf(HealthVerdict.Failed.class);
  }

  @Test
  void aFullDiskLeavesNothingHalfUnpacked() {
    var content =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(
            () -> target.unpack(List.of(new ArtifactZip("shop", "0".repeat(64), () -> content))))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE))
        .hasMessageContaining("No space left on device");
    assertThat(folder.resolve("target/releases")).isEmptyDirectory();
  }

  @Test
  void neverTakesAForeignProcessWithARecycledPidForItsOwn() throws Exception {
    var processes = new Processes();
    var self = processes.identity(ProcessHandle.current().pid()).orElseThrow();
    assertThat(processes.isAlive(self)).isTrue();
    var earlier = new ProcessIdentity(self.pid(), self.startTicks() - 1, self.bootId());
    assertThat(processes.isAlive(earlier)).isFalse();
    assertThat(processes.isAlive(new ProcessIdentity(self.pid(), self.startTicks(), "before")))
        .isFalse();
    assertThat(processes.members(Optional.of(earlier), "FAIRWAY_INSTANCE=none")).isEmpty();
  }

  @Test
  void startsAnInstanceAgainThatEndsByItselfOnTheSamePort() throws Exception {
    var before = healthy(order("1.1.0", "well"));
    target.switchTraffic(before.order().id(), HOSTS);
    ProcessHandle.of(before.process().orElseThrow().pid()).orElseThrow().destroyForcibly();
    await("it was started again", () -> has(InstanceEvent.Kind.RESTARTED));
    assertThat(target.awaitVerdict(before.order().id(), LONG))
        .isInstanceOfSatisfying(
            HealthVerdict.Healthy.class,
            verdict -> {
              assertThat(verdict.instance().port()).isEqualTo(before.port());
              assertThat(verdict.instance().process()).isNotEqualTo(before.process());
              assertThat(verdict.instance().restarts()).isEqualTo(1);
            });
    assertThat(get("/")).isEqualTo("1.1.0");
    assertThat(events)
        .extracting(InstanceEvent::kind)
        .startsWith(
            InstanceEvent.Kind.HEALTHY, InstanceEvent.Kind.EXITED, InstanceEvent.Kind.RESTARTED);
  }

  @Test
  void endsAStubbornProcessByForce() throws Exception {
    var stubborn = healthy(order("1.1.0", "stubborn"));
    var handle = ProcessHandle.of(stubborn.process().orElseThrow().pid()).orElseThrow();
    target.stop(stubborn.order().id());
    await("the process that was killed is gone", () -> !handle.isAlive());
    target.stop(stubborn.order().id());
    assertThat(target.instances()).isEmpty();
  }

  @Test
  void keepsWatchingWhenItsListenerFails() throws Exception {
    target.close();
    target =
        LocalTarget.open(
            folder.resolve("target"),
            Optional.empty(),
            admin,
            InstantSource.system(),
            event -> {
              events.add(event);
              throw new IllegalStateException("the database is away");
            });
    var instance = healthy(order("1.1.0", "well"));
    ProcessHandle.of(instance.process().orElseThrow().pid()).orElseThrow().destroyForcibly();
    await("it was started again", () -> has(InstanceEvent.Kind.RESTARTED));
    assertThat(target.awaitVerdict(instance.order().id(), LONG))
        .isInstanceOf(HealthVerdict.Healthy.class);
  }

  @Test
  void passesNoVariableOfTheServerToAServiceAndRunsItAsItsOwnUser() throws Exception {
    var instance = healthy(order("1.1.0", "well"));
    target.switchTraffic(instance.order().id(), HOSTS);
    assertThat(get("/environment").lines())
        .containsExactlyInAnyOrder(
            "PORT",
            "GREETING",
            "PATH",
            "LANG",
            "HOME",
            "TMPDIR",
            "JAVA_HOME",
            "FAIRWAY_SERVICE",
            "FAIRWAY_ENVIRONMENT",
            "FAIRWAY_RELEASE",
            "FAIRWAY_INSTANCE",
            "FAIRWAY_TARGET");
    var status =
        Files.readString(Path.of("/proc/" + instance.process().orElseThrow().pid() + "/status"));
    assertThat(status).contains("NoNewPrivs:\t1");
    if (instance.confinement().contains("Runs as user 65534")) {
      assertThat(status).contains("Uid:\t65534", "CapBnd:\t0000000000000000");
    }
  }

  private boolean has(InstanceEvent.Kind kind) {
    return events.stream().anyMatch(event -> event.kind() == kind);
  }

  private Instance healthy(StartOrder order) throws InterruptedException {
    target.start(order);
    assertThat(target.start(order).order()).as("the same order again").isEqualTo(order);
    var verdict = target.awaitVerdict(order.id(), LONG);
    assertThat(verdict).isInstanceOf(HealthVerdict.Healthy.class);
    return target.instance(order.id()).orElseThrow();
  }

  private StartOrder order(String version, String behaviour) throws IOException {
    var release = target.unpack(List.of(Zips.shop(behaviour)));
    return new StartOrder(
        UUID.randomUUID(),
        "production",
        "shop",
        version,
        release.digest(),
        new RunSpec(
            List.of(
                "java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx32m",
                "-cp",
                ".",
                ShopService.class.getName()),
            "PORT",
            Map.of("GREETING", "ahoy")),
        new HealthCheck(
            "/health",
            Duration.ofMillis(50),
            Duration.ofSeconds(2),
            2,
            3,
            behaviour.equals("sick") ? Duration.ofSeconds(2) : Duration.ofSeconds(20)));
  }

  private String get(String path) throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + proxy.address().trafficPort() + path);
    var response = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static void await(String what, BooleanSupplier condition) {
    var end = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not in time: " + what);
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }
}
