package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A server in a process of its own that halts, as by kill -9, when it reaches a crash point.
final class DyingServer implements AutoCloseable {
  private final Process process;
  private final int port;

  private DyingServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static DyingServer start(DatabaseUrl database, Path data, CrashPoint point) {
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            DyingServer.class.getName(),
            database.jdbc(),
            data.toString(),
            point.name());
    try {
      var process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      return new DyingServer(process, Integer.parseInt(String.valueOf(lines.readLine())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url(String project) {
    return "http://ada:secret@127.0.0.1:" + port + "/git/" + project + ".git";
  }

  /// Whether it died within half a minute.
  boolean died() throws InterruptedException {
    return process.waitFor(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /// @param arguments the database's JDBC URL, the data folder, the crash point
  public static void main(String[] arguments) throws InterruptedException {
    var database = Database.open(new DatabaseUrl(arguments[0], "postgres", ""));
    var point = CrashPoint.valueOf(arguments[2]);
    var server =
        SourceServer.start(
            database,
            Path.of(arguments[1]),
            reached -> {
              if (reached == point) {
                Runtime.getRuntime().halt(137);
              }
            });
    System.out.println(server.port());
    Thread.currentThread().join();
  }
}
