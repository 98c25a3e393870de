package dev.fairway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.api.ProxyAddress;
import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRoute;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The proxy as a process of its own, with the little memory that it is to have.
class ProxyProcessTest {
  private static final String HOST = "shop.production.localhost";
  private static final long LARGE_BODY_BYTES = 300L << 20;
  private static final Pattern RESIDENT = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    for (var process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void servesItsRoutesAgainAfterKillNineWithoutBeingTold() throws Exception {
    try (var shop = new RealService("shop");
        var admin = new ProxyClient(folder)) {
      var first = start();
      admin.put(new ProxyRoute("shop.production", Set.of(HOST), shop.port(), "1.1.0", "i", 7));
      first.destroyForcibly().waitFor();
      start();
      try (var client = new Client(address().trafficPort(), HOST)) {
        assertThat(client.get("/").body()).isEqualTo("shop");
      }
      assertThat(admin.route("shop.production").orElseThrow().route().generation()).isEqualTo(7);
    }
  }

  @Test
  void finishesTheRequestUnderWayWhenItIsToldToStop() throws Exception {
    try (var shop = new RealService("shop");
        var admin = new ProxyClient(folder)) {
      var process = start();
      admin.put(new ProxyRoute("shop.production", Set.of(HOST), shop.port(), "1.1.0", "i", 1));
      try (var client = new Client(address().trafficPort(), HOST)) {
        client.write("GET /hold HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
        shop.held.await();
        process.destroy();
        shop.release.countDown();
        assertThat(client.read().body()).isEqualTo("shop");
      }
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void passesALargeBodyBothWaysInLittleMemory() throws Exception {
    try (var shop = new RealService("shop");
        var admin = new ProxyClient(folder)) {
      var process = start();
      admin.put(new ProxyRoute("shop.production", Set.of(HOST), shop.port(), "1.1.0", "i", 1));
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), address().trafficPort())) {
        socket.setSoTimeout(20_000);
        Thread.startVirtualThread(() -> upload(socket));
        assertThat(count(socket.getInputStream())).isGreaterThan(LARGE_BODY_BYTES);
      }
      var status = Files.readString(Path.of("/proc/" + process.pid() + "/status"));
      var resident = RESIDENT.matcher(status);
      assertThat(resident.find()).isTrue();
      assertThat(Long.parseLong(resident.group(1)) / 1024)
          .as("peak resident memory, MiB")
          .isLessThan(250);
    }
  }

  private static void upload(Socket socket) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /echo HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
              .formatted(HOST, LARGE_BODY_BYTES)
              .getBytes(StandardCharsets.US_ASCII));
      var block = new byte[1 << 20];
      for (var sent = 0L; sent < LARGE_BODY_BYTES; sent += block.length) {
        out.write(block);
      }
    } catch (IOException _) {
      // The reader notices that bytes are missing.
    }
  }

  private static long count(InputStream in) throws IOException {
    var block = new byte[1 << 20];
    var total = 0L;
    for (var read = in.read(block); read >= 0; read = in.read(block)) {
      total += read;
    }
    return total;
  }

  @Test
  void saysWhichPortIsTakenAndExitsWithTwo() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = String.valueOf(taken.getLocalPort());
      var process = launch(List.of("--data", folder.toString(), "--port", port));
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(2);
      assertThat(log()).contains("port " + port).contains("is in use");
    }
  }

  @Test
  void refusesAnUnknownOptionWithItsUsage() throws Exception {
    var process = launch(List.of("--data", folder.toString(), "--prot", "1"));
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(log()).contains("unknown option --prot").contains(ProxyMain.USAGE);
  }

  private Process start() throws IOException {
    Files.deleteIfExists(ProxyAddress.file(folder));
    var process = launch(List.of("--data", folder.toString(), "--port", "0", "--admin-port", "0"));
    Await.until(
        "the proxy listens", () -> Files.exists(ProxyAddress.file(folder)) || !process.isAlive());
    assertThat(process.isAlive()).as(log()).isTrue();
    return process;
  }

  private Process launch(List<String> options) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=32m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ProxyMain.class.getName()));
    command.addAll(options);
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    started.add(process);
    return process;
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private ProxyAddress address() throws IOException {
    return Json.MAPPER.readValue(Files.readAllBytes(ProxyAddress.file(folder)), ProxyAddress.class);
  }
}
