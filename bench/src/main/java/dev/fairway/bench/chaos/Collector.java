package dev.fairway.bench.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Hears from the jobs themselves when their steps begin and end, by a way that is never cut, and
/// answers each; whatever servers and agents believe, this is what happened.
final class Collector implements AutoCloseable {
  /// @param job the id of the attempt
  record Report(String word, String job) {}

  private static final int BACKLOG = 100;

  private final ServerSocket door;
  private final List<Report> reports = new ArrayList<>();

  Collector(String address) throws IOException {
    door = new ServerSocket(0, BACKLOG, InetAddress.getByName(address));
    Thread.ofPlatform().daemon().name("collector").start(this::listen);
  }

  /// A shell function `report WORD`.
  String shell() {
    return """
    report() { exec 3<>/dev/tcp/%s/%d; echo "$1 ${FAIRWAY_JOB%%-*}" >&3; read -r _ <&3; exec 3>&-; }\
    """
        .formatted(door.getInetAddress().getHostAddress(), door.getLocalPort());
  }

  private void listen() {
    while (!door.isClosed()) {
      try {
        var socket = door.accept();
        Thread.ofVirtual().start(() -> hear(socket));
      } catch (IOException e) {
        if (!door.isClosed()) {
          throw new java.io.UncheckedIOException(e);
        }
      }
    }
  }

  private void hear(Socket socket) {
    try (socket;
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      var line = in.readLine();
      if (line != null) {
        var words = line.split(" ", 2);
        synchronized (reports) {
          reports.add(new Report(words[0], withDashes(words[1])));
        }
        socket.getOutputStream().write('\n');
      }
    } catch (IOException e) {
      // The job was killed between its report and our answer; the report counts.
      System.Logger log = System.getLogger("chaos");
      log.log(System.Logger.Level.DEBUG, "A job did not wait for its answer", e);
    }
  }

  /// The id of a job, as the database has it: the name of a lease has none of its dashes.
  private static String withDashes(String id) {
    return id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
  }

  /// How many reports there were.
  int reports() {
    synchronized (reports) {
      return reports.size();
    }
  }

  /// How often each attempt reported that word.
  Map<String, Integer> count(String word) {
    var counts = new TreeMap<String, Integer>();
    synchronized (reports) {
      for (var report : reports) {
        if (report.word().equals(word)) {
          counts.merge(report.job(), 1, Integer::sum);
        }
      }
    }
    return counts;
  }

  @Override
  public void close() throws IOException {
    door.close();
  }
}
