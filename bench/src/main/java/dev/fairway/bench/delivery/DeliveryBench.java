package dev.fairway.bench.delivery;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ProxyAddress;
import dev.fairway.api.ProxyClient;
import dev.fairway.proxy.ProxyMain;
import dev.fairway.server.delivery.target.ArtifactZip;
import dev.fairway.server.delivery.target.HealthCheck;
import dev.fairway.server.delivery.target.HealthVerdict;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.delivery.target.RunSpec;
import dev.fairway.server.delivery.target.ServiceUser;
import dev.fairway.server.delivery.target.StartOrder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// 24 clients send all the while, and a service is deployed, rolled back and refused behind them.
///
/// The proxy and the service are processes of their own; this process is the server and the
/// clients. Exit code 1 if a request was lost, or if a rollback during verification (when the
/// former instance still runs) took longer than a second.
public final class DeliveryBench {
  private static final int CLIENTS = 24;
  private static final int ROUNDS = 3;
  private static final Duration STEADY = Duration.ofMillis(1_500);
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration ROLLBACK_LIMIT = Duration.ofSeconds(1);
  private static final String HOST = "bench.production.localhost";

  private final LocalTarget target;
  private final ArtifactZip artifact;
  private int lost;
  private Duration slowestRollback = Duration.ZERO;

  private DeliveryBench(LocalTarget target) throws IOException {
    this.target = target;
    this.artifact = service();
  }

  public static void main(String[] arguments) throws Exception {
    var folder = Files.createTempDirectory("fairway-bench-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var verdict = measure(folder);
    DurableFiles.delete(folder);
    System.exit(verdict);
  }

  private static int measure(Path folder) throws IOException, InterruptedException {
    var proxy = startProxy(folder.resolve("proxy"));
    try (var admin = new ProxyClient(folder.resolve("proxy"));
        var target =
            LocalTarget.open(
                folder.resolve("target"),
                Optional.of(ServiceUser.NOBODY),
                admin,
                InstantSource.system(),
                _ -> {})) {
      var bench = new DeliveryBench(target);
      try {
        bench.run(admin.ready().trafficPort());
        System.out.printf(
            "proxy: peak resident memory %s after all of this%n", peakMemory(proxy.pid()));
      } finally {
        target.remove("production", "bench");
      }
      return bench.verdict();
    } finally {
      proxy.destroy();
      proxy.waitFor();
    }
  }

  private int verdict() {
    var good = lost == 0 && slowestRollback.compareTo(ROLLBACK_LIMIT) <= 0;
    System.out.printf(
        "%s: %d requests lost, slowest rollback %d ms (at most 0 and %d)%n",
        good ? "PASS" : "FAIL", lost, slowestRollback.toMillis(), ROLLBACK_LIMIT.toMillis());
    return good ? 0 : 1;
  }

  private void run(int port) throws InterruptedException {
    var present = healthy("1.0.0");
    target.switchTraffic(present, Set.of(HOST));
    try (var load = new Load(port, HOST, CLIENTS)) {
      System.out.println(target.instance(present).orElseThrow().confinement());
      load.firstFrom("1.0.0", 0);
      steady();
      report("steady", load, 0);
      for (var round = 1; round <= ROUNDS; round++) {
        var bad = "1." + round + ".0";
        var began = System.nanoTime();
        var next = deploy(load, bad);
        refuse(load, "2." + round + ".0");
        rollBack(load, present, "1.0.0", next);
        present = rollBackToStopped(load, present);
        report("round " + round, load, began);
      }
    }
  }

  /// Start, become healthy, switch. The former instance stays: its successor is not yet verified.
  private UUID deploy(Load load, String release) throws InterruptedException {
    var began = System.nanoTime();
    var next = healthy(release);
    var healthyAt = System.nanoTime();
    target.switchTraffic(next, Set.of(HOST));
    var switched = System.nanoTime();
    var first = load.firstFrom(release, healthyAt);
    steady();
    System.out.printf(
        "deploy     start to healthy %4d ms, switch %3d ms, first answer %3d ms after the"
            + " decision%n",
        millis(began, healthyAt),
        millis(healthyAt, switched),
        millis(healthyAt, first.endedNanos()));
    return next;
  }

  private void refuse(Load load, String release) throws InterruptedException {
    var began = System.nanoTime();
    var id = start(release, 503, Duration.ofSeconds(2));
    var verdict = target.awaitVerdict(id, START);
    target.stop(id);
    if (!(verdict instanceof HealthVerdict.Failed)
        || load.samples().stream().anyMatch(sample -> sample.release().equals(release))) {
      throw new IllegalStateException("a bad release got traffic");
    }
    System.out.printf(
        "bad deploy refused and gone after %d ms%n", millis(began, System.nanoTime()));
  }

  /// During verification: the former instance still runs.
  private void rollBack(Load load, UUID former, String release, UUID bad)
      throws InterruptedException {
    var verdict = System.nanoTime();
    var back = target.switchTraffic(former, Set.of(HOST));
    var served = servingAgain(load, release, verdict);
    target.drain(back.route(), back.fromGeneration(), START);
    target.stop(bad);
    steady();
    System.out.printf(
        "rollback   serves again after %3d ms (former instance still running)%n", served);
  }

  /// Later: the former release is only unpacked, and its process starts first.
  private UUID rollBackToStopped(Load load, UUID present) throws InterruptedException {
    var verdict = System.nanoTime();
    var again = healthy("1.0.0");
    var back = target.switchTraffic(again, Set.of(HOST));
    var served = millis(verdict, System.nanoTime());
    target.drain(back.route(), back.fromGeneration(), START);
    target.stop(present);
    steady();
    System.out.printf(
        "rollback   serves again after %3d ms (former release started again)%n", served);
    return again;
  }

  private long servingAgain(Load load, String release, long verdict) {
    var served = millis(verdict, load.firstFrom(release, verdict).endedNanos());
    if (served > slowestRollback.toMillis()) {
      slowestRollback = Duration.ofMillis(served);
    }
    return served;
  }

  private void report(String phase, Load load, long since) {
    var samples = load.samples().stream().filter(s -> s.endedNanos() >= since).toList();
    var missing = samples.stream().filter(s -> s.release().isEmpty()).toList();
    var times = samples.stream().mapToLong(s -> s.endedNanos() - s.sentNanos()).sorted().toArray();
    lost += missing.size();
    System.out.printf(
        "%-10s %6d requests, %d lost; p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        phase,
        samples.size(),
        missing.size(),
        times[times.length / 2] / 1e6,
        times[(int) (times.length * 0.99)] / 1e6,
        times[times.length - 1] / 1e6);
    missing.stream().limit(5).forEach(sample -> System.out.println("  lost: " + sample.loss()));
  }

  private UUID healthy(String release) throws InterruptedException {
    var id = start(release, 200, START);
    if (target.awaitVerdict(id, START) instanceof HealthVerdict.Healthy) {
      return id;
    }
    throw new IllegalStateException(release + " is not healthy: " + target.logTail(id));
  }

  private UUID start(String release, int health, Duration limit) {
    var id = UUID.randomUUID();
    var unpacked = target.unpack(List.of(artifact));
    var run =
        new RunSpec(
            List.of(
                "java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                ".",
                BenchService.class.getName()),
            "PORT",
            Map.of("HEALTH", String.valueOf(health)));
    var check =
        new HealthCheck("/health", Duration.ofMillis(50), Duration.ofSeconds(1), 2, 3, limit);
    target.start(new StartOrder(id, "production", "bench", release, unpacked.digest(), run, check));
    return id;
  }

  private static ArtifactZip service() throws IOException {
    var path = BenchService.class.getName().replace('.', '/') + ".class";
    var zip = new ByteArrayOutputStream();
    try (var in = BenchService.class.getClassLoader().getResourceAsStream(path);
        var out = new ZipOutputStream(zip)) {
      if (in == null) {
        throw new IOException("the service is not on the class path");
      }
      out.putNextEntry(new ZipEntry(path));
      in.transferTo(out);
      out.closeEntry();
    }
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(zip.toByteArray());
      return new ArtifactZip(
          "bench",
          HexFormat.of().formatHex(digest),
          () -> new ByteArrayInputStream(zip.toByteArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  private static Process startProxy(Path data) throws IOException {
    Files.createDirectories(data);
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ProxyMain.class.getName(),
            "--data",
            data.toString(),
            "--port",
            "0");
    var began = System.nanoTime();
    var proxy =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(data.resolve("log").toFile()))
            .start();
    while (!Files.exists(ProxyAddress.file(data)) && proxy.isAlive()) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    System.out.printf("proxy      ready after %d ms%n", millis(began, System.nanoTime()));
    return proxy;
  }

  private static String peakMemory(long pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/status"))
        .lines()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1_024 + " MiB")
        .findFirst()
        .orElse("unknown");
  }

  /// Lets the load run on for a while.
  private static void steady() {
    var end = System.nanoTime() + STEADY.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static long millis(long from, long to) {
    return Duration.ofNanos(to - from).toMillis();
  }
}
