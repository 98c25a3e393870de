package dev.fairway.bench.chaos;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What must hold when all faults are over, and what does not.
///
/// @param outcomes how many attempts ended how
/// @param defects each one a sentence; empty where everything holds
record Verdict(Map<String, Integer> outcomes, List<String> defects) {
  /// As much of a log is shown beside its defect.
  private static final int END_CHARS = 1_500;

  private record Attempt(
      String id,
      long run,
      String instance,
      int number,
      boolean counts,
      String outcome,
      String reason,
      boolean retrySafe,
      long fence) {}

  /// Runs that have not ended, of so many that must be there.
  static int open(Cluster cluster, int expected) throws SQLException {
    try (var connection = connect(cluster);
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT count(*) FROM run WHERE phase = 'ended'")) {
      row.next();
      return expected - row.getInt(1);
    }
  }

  static Verdict of(Cluster cluster, Workload workload, Collector collector) throws SQLException {
    var defects = new ArrayList<String>();
    try (var connection = connect(cluster)) {
      var attempts = attempts(connection);
      oneResultEach(attempts, workload, defects);
      reasons(attempts, cluster, workload, defects);
      noStepsTwice(attempts, collector, defects);
      wholeLogs(attempts, cluster, workload, defects);
      oneEntryEach(connection, attempts, defects);
      var outcomes = new TreeMap<String, Integer>();
      attempts.forEach(attempt -> outcomes.merge(attempt.outcome(), 1, Integer::sum));
      return new Verdict(outcomes, List.copyOf(defects));
    }
  }

  static Connection connect(Cluster cluster) throws SQLException {
    return DriverManager.getConnection(cluster.jdbcUrl(), "postgres", cluster.password());
  }

  private static List<Attempt> attempts(Connection connection) throws SQLException {
    var attempts = new ArrayList<Attempt>();
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                SELECT job.*, run.number FROM job JOIN run ON run.id = job.run_id
                ORDER BY run.number, job_key, matrix_index, job.attempt
                """)) {
      while (row.next()) {
        attempts.add(
            new Attempt(
                row.getString("id"),
                row.getLong("number"),
                "%d %s %d"
                    .formatted(
                        row.getLong("number"),
                        row.getString("job_key"),
                        row.getInt("matrix_index")),
                row.getInt("attempt"),
                row.getBoolean("current"),
                String.valueOf(row.getString("outcome")),
                row.getString("reason"),
                row.getBoolean("retry_safe"),
                row.getLong("fence")));
      }
    }
    return attempts;
  }

  private static void oneResultEach(
      List<Attempt> attempts, Workload workload, List<String> defects) {
    var current =
        attempts.stream()
            .filter(Attempt::counts)
            .collect(Collectors.groupingBy(Attempt::instance, TreeMap::new, Collectors.toList()));
    var expected = workload.runs() * Workload.JOBS_OF_A_RUN;
    if (current.size() != expected) {
      defects.add("there are %d jobs instead of %d".formatted(current.size(), expected));
    }
    current.forEach((instance, found) -> {
      if (found.size() != 1) {
        defects.add("job %s has %d results".formatted(instance, found.size()));
      }
    });
  }

  /// A job ends with success, or as an error that names the agent that is gone, and then it is
  /// retried if it may be.
  private static void reasons(
      List<Attempt> attempts, Cluster cluster, Workload workload, List<String> defects) {
    var last =
        attempts.stream().collect(Collectors.toMap(Attempt::instance, Attempt::number, Math::max));
    for (var attempt : attempts) {
      var gone = attempt.outcome().equals("error") && attempt.reason().contains(" gone: ");
      if (!attempt.outcome().equals("success") && !gone) {
        var server = cluster.names().servers().getFirst();
        var log = workload.log(server, attempt.run(), attempt.id()).orElse("");
        defects.add(
            "attempt %s ended as %s: %s%n%s"
                .formatted(attempt.id(), attempt.outcome(), attempt.reason(), end(log)));
      }
      var attemptsInAll = last.getOrDefault(attempt.instance(), 0);
      var due = gone && attempt.retrySafe() && attempt.number() == 1 ? 2 : attempt.number();
      if (attemptsInAll < due) {
        defects.add("job %s was not retried though it may be".formatted(attempt.instance()));
      }
      if (attemptsInAll > 1 && !attempt.retrySafe()) {
        defects.add("job %s was retried though it may not be".formatted(attempt.instance()));
      }
    }
  }

  private static String end(String log) {
    return log.substring(Math.max(0, log.length() - END_CHARS));
  }

  private static void noStepsTwice(
      List<Attempt> attempts, Collector collector, List<String> defects) {
    var starts = collector.count("start");
    var ends = collector.count("end");
    starts.forEach((job, count) -> {
      if (count > 1) {
        defects.add("the steps of attempt %s ran %d times".formatted(job, count));
      }
    });
    for (var attempt : attempts) {
      if (attempt.outcome().equals("success") && ends.getOrDefault(attempt.id(), 0) != 1) {
        defects.add("attempt %s succeeded and did not run to its end".formatted(attempt.id()));
      }
    }
  }

  private static void wholeLogs(
      List<Attempt> attempts, Cluster cluster, Workload workload, List<String> defects) {
    var wanted =
        IntStream.rangeClosed(1, Workload.LINES).mapToObj(number -> "line " + number).toList();
    var sum = "sum " + sha256(String.join("\n", wanted) + "\n");
    var servers = cluster.names().servers();
    var turn = 0;
    for (var attempt : attempts) {
      if (!attempt.outcome().equals("success")) {
        continue;
      }
      var server = servers.get(turn++ % servers.size());
      var log = workload.log(server, attempt.run(), attempt.id());
      var lines =
          log.orElse("").lines().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
      var counted = lines.stream().filter(line -> line.matches("line \\d+")).toList();
      if (!counted.equals(wanted) || lines.stream().filter(sum::equals).count() != 1) {
        defects.add(
            "the log of attempt %s has %d of %d lines"
                .formatted(attempt.id(), counted.size(), wanted.size()));
      }
    }
  }

  private static void oneEntryEach(
      Connection connection, List<Attempt> attempts, List<String> defects) throws SQLException {
    var entries = new TreeMap<String, Integer>();
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                SELECT predicate->>'job' AS job FROM ledger_entry
                WHERE type LIKE '%/attestation/job/v1'
                """)) {
      while (row.next()) {
        entries.merge(row.getString("job"), 1, Integer::sum);
      }
    }
    for (var attempt : attempts) {
      var count = entries.getOrDefault(attempt.id(), 0);
      if (count != 1) {
        defects.add("attempt %s has %d entries in the ledger".formatted(attempt.id(), count));
      }
    }
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery("SELECT count(*), count(index), max(index) FROM ledger_entry")) {
      row.next();
      if (row.getLong(1) != row.getLong(2) || row.getLong(3) != row.getLong(1) - 1) {
        defects.add(
            "the ledger has %d entries, %d with an index up to %d"
                .formatted(row.getLong(1), row.getLong(2), row.getLong(3)));
      }
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
