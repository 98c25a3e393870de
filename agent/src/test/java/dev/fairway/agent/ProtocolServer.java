package dev.fairway.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import dev.fairway.api.Listing;
import dev.fairway.api.LogReply;
import dev.fairway.api.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The other side of the agent protocol, in memory, strict about every rule of it. It can go away
/// and come back with what it had, and lose its answers on the way.
final class ProtocolServer implements AutoCloseable {
  static final String TOKEN = "agent-token-0123456789";

  final ByteArrayOutputStream log = new ByteArrayOutputStream();
  final List<JobEvent> events = new ArrayList<>();
  final Map<String, byte[]> artifacts = new TreeMap<>();

  /// What other runs of the project have, by their ids; a job that asks for any but these may not.
  final Map<String, Map<String, byte[]>> otherRuns = new TreeMap<>();

  /// For how many days each artifact was to be kept; empty text where its upload did not say.
  final Map<String, String> retentions = new TreeMap<>();

  /// Of a JSON body, as the real server has it.
  private static final int MAX_BODY_BYTES = 1 << 20;

  private static final long CLAIM_NANOS = 200_000_000;

  private static final long FIRST_NUMBER = 4_711;

  private final Map<String, Long> numbers = new TreeMap<>();
  private final List<String> calls = new ArrayList<>();
  private final Deque<JobAssignment> queue = new ArrayDeque<>();
  private final Set<String> given = new HashSet<>();
  private final Set<String> forgotten = new HashSet<>();
  private final int port;
  private HttpServer http;
  private @Nullable JobCompletion completion;
  private long claimNanos = CLAIM_NANOS;
  private boolean cancel;
  private boolean leaseLost;
  private boolean refuseOutputs;
  private boolean damages;
  private boolean takeNoResults;
  private boolean revoked;
  private int loseEvery;
  private int requests;

  ProtocolServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    port = http.getAddress().getPort();
    serve();
  }

  /// The calls so far by their last word, such as `claim`, `heartbeat`, `log`.
  synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  synchronized void offer(JobAssignment job) {
    queue.add(job);
    notifyAll();
  }

  synchronized void cancelJob() {
    cancel = true;
  }

  /// From now on a claim waits for a job for that long.
  synchronized void holdClaims(Duration time) {
    claimNanos = time.toNanos();
  }

  synchronized void loseLease() {
    leaseLost = true;
  }

  /// Begins anew for another job. None that was offered before is given out any more, and what its
  /// agent still tells of one is refused.
  synchronized void forgetJob() {
    queue.clear();
    forgotten.addAll(given);
    completion = null;
    log.reset();
    events.clear();
  }

  /// From now on no outputs of a job are taken.
  synchronized void refuseOutputs() {
    refuseOutputs = true;
  }

  /// From now on artifacts arrive with a byte that nobody uploaded.
  synchronized void damageDownloads() {
    damages = true;
  }

  /// Whether results cannot be kept just now.
  synchronized void takeNoResults(boolean so) {
    takeNoResults = so;
  }

  /// From now on the agent's token is worth nothing.
  synchronized void revokeToken() {
    revoked = true;
  }

  /// From now on every `number`-th call is carried out and not answered.
  synchronized void loseAnswers(int number) {
    loseEvery = number;
  }

  synchronized @Nullable JobCompletion completion() {
    return completion;
  }

  synchronized String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  void goAway() {
    http.stop(0);
  }

  void comeBack() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    serve();
  }

  @Override
  public void close() {
    http.stop(0);
  }

  private void serve() {
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/agent/v1/", this::answer);
    http.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      Object reply;
      int status;
      try {
        if (body.length > MAX_BODY_BYTES && !exchange.getRequestMethod().equals("PUT")) {
          throw refusal(ErrorCode.TOO_LARGE, Map.of());
        }
        reply = reply(exchange, body);
        status = reply == null ? 204 : 200;
      } catch (FairwayException e) {
        reply = Problem.of(e);
        status = e.code().status();
      }
      synchronized (this) {
        if (loseEvery > 0 && ++requests % loseEvery == 0) {
          return;
        }
      }
      var bytes = reply instanceof byte[] raw ? raw : Json.MAPPER.writeValueAsBytes(reply);
      exchange.sendResponseHeaders(status, status == 204 ? -1 : bytes.length);
      if (status != 204) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  private synchronized @Nullable Object reply(HttpExchange exchange, byte[] body) {
    if (revoked
        || !("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      throw refusal(ErrorCode.UNAUTHENTICATED, Map.of());
    }
    var path = exchange.getRequestURI().getPath().substring("/agent/v1/".length()).split("/", -1);
    calls.add(path[path[0].equals("claim") ? 0 : 2]);
    if (path[0].equals("claim")) {
      return claim();
    }
    if (leaseLost || forgotten.contains(path[1])) {
      throw refusal(ErrorCode.LEASE_LOST, Map.of());
    }
    return switch (path[2]) {
      case "heartbeat" -> new Heartbeat.Reply(Instant.now().plusSeconds(1), cancel);
      case "events" -> take(Json.MAPPER.readValue(body, JobEvents.class));
      case "log" -> take(exchange.getRequestURI().getQuery(), body);
      case "artifacts" -> artifact(exchange, path, body);
      case "complete" -> complete(Json.MAPPER.readValue(body, JobCompletion.class));
      default -> throw refusal(ErrorCode.NOT_FOUND, Map.of());
    };
  }

  private @Nullable Object claim() {
    try {
      var until = System.nanoTime() + claimNanos;
      while (queue.isEmpty() && System.nanoTime() < until) {
        wait(claimNanos / 1_000_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var job = queue.poll();
    if (job != null) {
      given.add(job.job().toString());
    }
    return job;
  }

  private Object take(JobEvents batch) {
    if (batch.first() > events.size()) {
      return new JobEvents.Reply(events.size());
    }
    for (var number = events.size() - (int) batch.first();
        number < batch.events().size();
        number++) {
      events.add(batch.events().get(number));
    }
    return new JobEvents.Reply(events.size());
  }

  private Object take(String query, byte[] bytes) {
    var offset = Integer.parseInt(query.replaceAll(".*offset=(\\d+).*", "$1"));
    if (offset > log.size()) {
      throw refusal(ErrorCode.LOG_GAP, Map.of("size", log.size()));
    }
    var known = log.size() - offset;
    if (known < bytes.length) {
      log.write(bytes, known, bytes.length - known);
    }
    return new LogReply(log.size());
  }

  private Object artifact(HttpExchange exchange, String[] path, byte[] body) {
    var query = "&" + exchange.getRequestURI().getQuery() + "&";
    if (exchange.getRequestMethod().equals("PUT")) {
      var earlier = artifacts.get(path[3]);
      if (earlier != null && !Arrays.equals(earlier, body) && !query.contains("&overwrite=true&")) {
        throw refusal(ErrorCode.CONFLICT, Map.of());
      }
      artifacts.put(path[3], body);
      retentions.put(path[3], parameter(query, "retentionDays"));
      return receipt(path[3], body);
    }
    var run = parameter(query, "run");
    var all = run.isEmpty() ? artifacts : otherRuns.get(run);
    if (all == null) {
      throw refusal(ErrorCode.FORBIDDEN, Map.of());
    }
    if (path.length > 3) {
      var bytes = all.getOrDefault(path[3], new byte[0]);
      return damages ? Arrays.copyOf(bytes, bytes.length + 1) : bytes;
    }
    return Listing.whole(
        all.entrySet().stream().map(entry -> receipt(entry.getKey(), entry.getValue())).toList());
  }

  private static String parameter(String query, String name) {
    var found = Pattern.compile("&" + name + "=([^&]*)&").matcher(query);
    return found.find() ? found.group(1) : "";
  }

  private ArtifactReceipt receipt(String name, byte[] bytes) {
    try {
      var digest = WorkspaceHasher.digest(new ByteArrayInputStream(bytes));
      return new ArtifactReceipt(
          numbers.computeIfAbsent(name, _ -> FIRST_NUMBER + numbers.size()),
          name,
          HexFormat.of().formatHex(digest),
          bytes.length,
          url() + "/artifacts/" + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Object complete(JobCompletion told) {
    if (takeNoResults) {
      throw refusal(ErrorCode.STORAGE_UNAVAILABLE, Map.of());
    }
    var tail = told.tail();
    if (tail != null) {
      var _ = take(new JobEvents(told.fence(), tail.firstEvent(), tail.events()));
      var _ = take("offset=" + tail.logOffset(), tail.log());
    }
    if (told.events() != events.size() || told.logSize() != log.size()) {
      throw refusal(ErrorCode.INCOMPLETE, Map.of());
    }
    if (!told.outputs().isEmpty() && refuseOutputs) {
      throw refusal(ErrorCode.TOO_LARGE, Map.of());
    }
    completion = told;
    return Map.of();
  }

  private static FairwayException refusal(ErrorCode code, Map<String, Object> details) {
    return new FairwayException(code, code.id(), "", details, null);
  }
}
