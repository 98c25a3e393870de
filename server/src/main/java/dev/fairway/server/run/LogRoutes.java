package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.EventStream;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.server.run.log.LogLines;
import dev.fairway.server.run.log.LogSearch;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/// The log of a job: by lines, as text, live, and searched.
final class LogRoutes implements Routes, AutoCloseable {
  /// As many browsers and command lines follow logs on this server.
  private static final int MAX_FOLLOWERS = 500;

  /// How long a follower waits for news until it is told that we are still here.
  private static final Duration PING = Duration.ofSeconds(10);

  /// A stream ends after that time, and who follows comes back with their permissions asked again.
  private static final Duration MAX_AGE = Duration.ofMinutes(15);

  private static final int DEFAULT_LINES = 500;

  private final Database database;
  private final JobLogs logs;
  private final LogWatches watches;
  private final InstantSource clock;
  private final Semaphore places = new Semaphore(MAX_FOLLOWERS);

  LogRoutes(Database database, JobLogs logs, InstantSource clock) {
    this.database = database;
    this.logs = logs;
    this.watches = new LogWatches(database);
    this.clock = clock;
  }

  /// @param total whole lines that the log has so far
  /// @param ended whether no more will come
  record LinesView(long first, List<String> lines, long total, boolean ended) {}

  @Override
  public void register(RouteTable routes) {
    var log = "/api/v1/projects/{name}/runs/{number}/jobs/{job}/log";
    routes.get(log, Permission.RUN_READ, this::lines);
    routes.get(log + "/text", Permission.RUN_READ, this::text);
    routes.get(log + "/search", Permission.RUN_READ, this::search);
    routes.get(log + "/events", Permission.RUN_READ, this::follow);
  }

  private void lines(Exchange exchange) {
    var job = job(exchange);
    var from = exchange.queryNumber("from", 1, 1, Long.MAX_VALUE);
    var count = (int) exchange.queryNumber("count", DEFAULT_LINES, 1, LogLines.MAX_LINES);
    exchange.json(view(job, from, count));
  }

  private LinesView view(JobRun job, long from, int count) {
    var total = database.read(tx -> logs.extent(tx, job.id())).lines();
    var ended = job.phase().terminal();
    var wanted = ended ? count : (int) Math.clamp(total - from + 1, 0, count);
    var lines = logs.lines(job.id(), from, wanted);
    return new LinesView(from, lines.lines(), Math.max(total, lines.next() - 1), ended);
  }

  private void text(Exchange exchange) throws IOException {
    var job = job(exchange);
    var inline = exchange.query("inline").isPresent();
    exchange.header(
        "Content-Disposition",
        (inline ? "inline" : "attachment")
            + "; filename=\"run-"
            + exchange.pathNumber("number")
            + "-"
            + job.id()
            + ".log\"");
    try (var out = exchange.stream("text/plain; charset=utf-8")) {
      logs.copy(job.id(), out);
    }
  }

  private void search(Exchange exchange) {
    var job = job(exchange);
    var text = exchange.query("q").orElse("");
    if (text.isBlank() || text.length() > LogSearch.MAX_TEXT_CHARS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "q must have 1 to " + LogSearch.MAX_TEXT_CHARS + " characters",
          "Give the text to look for.");
    }
    var from = exchange.queryNumber("from", 1, 1, Long.MAX_VALUE);
    var limit =
        (int) exchange.queryNumber("limit", LogSearch.MAX_MATCHES, 1, LogSearch.MAX_MATCHES);
    exchange.json(logs.search(job.id(), text, from, limit));
  }

  private void follow(Exchange exchange) throws IOException {
    var job = job(exchange);
    var from = exchange.queryNumber("from", 1, 1, Long.MAX_VALUE);
    if (!places.tryAcquire()) {
      throw new FairwayException(
          ErrorCode.RATE_LIMITED,
          MAX_FOLLOWERS + " logs are already followed on this server",
          "Load the page again to see more of the log.",
          Map.of("retryAfter", 30),
          null);
    }
    var signal = watches.join(job.id());
    try {
      follow(exchange.events(), signal, job.id(), from);
    } finally {
      watches.leave(job.id());
      places.release();
    }
  }

  private void follow(EventStream stream, QueueSignal signal, UUID id, long from)
      throws IOException {
    var next = from;
    var end = clock.instant().plus(MAX_AGE);
    var open = true;
    while (open && clock.instant().isBefore(end)) {
      var seen = signal.count();
      var job = database.read(tx -> JobStore.find(tx, id)).orElseThrow();
      var view = view(job, next, LogLines.MAX_LINES);
      if (!view.lines().isEmpty()) {
        stream.send("lines", "", Json.MAPPER.writeValueAsString(view));
        next = view.first() + view.lines().size();
      } else if (view.ended()) {
        stream.send("end", "", job.stateWord());
        return;
      } else {
        open = signal.await(seen, PING);
        stream.ping();
      }
    }
  }

  private JobRun job(Exchange exchange) {
    return database.read(tx -> RunApi.job(tx, exchange));
  }

  @Override
  public void close() {
    watches.close();
  }
}
