package dev.fairway.agent;

import dev.fairway.api.ActionsRequest;
import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import dev.fairway.api.Listing;
import dev.fairway.api.LogReply;
import dev.fairway.api.Problem;
import dev.fairway.api.ResolvedAction;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/// The agent's side of the protocol, one method per call, without retries: an [IOException] means
/// that the server did not answer and the call may be repeated; a [FairwayException] is its answer.
///
/// Where several servers share the work, all calls go to one of them until it does not answer; the
/// next call goes to the next. Each of them knows every lease.
final class ServerClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(30);

  /// A little longer than a server lets a claim wait.
  private static final Duration CLAIM = Duration.ofSeconds(15);

  private static final Duration RESOLUTION = Duration.ofMinutes(5);
  private static final Duration TRANSFER = Duration.ofMinutes(15);
  private static final int MAX_REPLY_BYTES = 16 * 1024 * 1024;

  /// Of a call that nobody gives up; waiting for it costs nothing.
  private static final CompletableFuture<?> NEVER = new CompletableFuture<>();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final List<URI> servers;
  private final AtomicInteger current = new AtomicInteger();
  private final AtomicLong silences = new AtomicLong();
  private final String token;

  /// @param servers their base URLs, at least one
  ServerClient(List<URI> servers, String token) {
    this.servers =
        servers.stream()
            .map(server -> URI.create(server.toString().replaceAll("/+$", "") + "/"))
            .toList();
    this.token = token;
  }

  /// How often a call was not answered so far.
  long silences() {
    return silences.get();
  }

  /// A URL of any of the servers, at the one that is asked now.
  String here(String url) {
    return servers.size() == 1
        ? url
        : server().resolve(URI.create(url).getRawPath().substring(1)).toString();
  }

  private URI server() {
    return servers.get(current.get());
  }

  /// The server of that address did not answer: unless somebody else has noticed already, the next
  /// one is asked from now on.
  private void unanswered(URI asked) {
    silences.incrementAndGet();
    var at = current.get();
    if (asked.toString().startsWith(servers.get(at).toString())) {
      current.compareAndSet(at, (at + 1) % servers.size());
    }
  }

  Optional<JobAssignment> claim(ClaimRequest request) throws IOException, InterruptedException {
    var response = send(post("agent/v1/claim", request).timeout(CLAIM).build());
    return response.statusCode() == 204
        ? Optional.empty()
        : Optional.of(read(response, JobAssignment.class));
  }

  /// @param within how long the server has for its answer
  Heartbeat.Reply heartbeat(UUID job, Heartbeat heartbeat, Duration within)
      throws IOException, InterruptedException {
    return read(
        send(post(path(job, "heartbeat"), heartbeat).timeout(within).build()),
        Heartbeat.Reply.class);
  }

  JobEvents.Reply events(UUID job, JobEvents events) throws IOException, InterruptedException {
    return read(send(post(path(job, "events"), events).build()), JobEvents.Reply.class);
  }

  LogReply log(UUID job, long fence, long offset, byte[] bytes)
      throws IOException, InterruptedException {
    var request =
        request(path(job, "log") + "?fence=" + fence + "&offset=" + offset)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(bytes));
    return read(send(request.build()), LogReply.class);
  }

  /// @param givenUp when it is done, nobody waits for the transfer any more
  ArtifactReceipt upload(
      UUID job,
      long fence,
      String name,
      JobHost.Keeping keeping,
      Path zip,
      CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    var query = "?fence=" + fence + "&overwrite=" + keeping.overwrite();
    if (keeping.retentionDays().isPresent()) {
      query += "&retentionDays=" + keeping.retentionDays().getAsInt();
    }
    var request =
        request(path(job, "artifacts/" + segment(name)) + query)
            .header("Content-Type", "application/zip")
            .timeout(TRANSFER)
            .PUT(BodyPublishers.ofFile(zip));
    return read(send(request.build(), givenUp), ArtifactReceipt.class);
  }

  /// @param run the id of another run; empty for the job's own
  List<ArtifactReceipt> artifacts(UUID job, Optional<String> run)
      throws IOException, InterruptedException {
    var response = send(request(path(job, "artifacts") + of(run)).GET().build());
    try {
      return Json.MAPPER
          .readValue(response.body(), new TypeReference<Listing<ArtifactReceipt>>() {})
          .items();
    } catch (JacksonException e) {
      throw new IOException("The server's list of artifacts cannot be read", e);
    }
  }

  /// Writes the artifact to the new file `zip`. That the file cannot be written is no fault of the
  /// server's, and not worth another call.
  ///
  /// @param run the id of another run; empty for the job's own
  /// @param givenUp when it is done, nobody waits for the transfer any more
  void download(UUID job, Optional<String> run, String name, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    fetch(request(path(job, "artifacts/" + segment(name)) + of(run)), zip, givenUp);
  }

  /// Asks for the commits of actions, which the server may have to look up elsewhere first.
  ActionsRequest.Reply actions(UUID job, ActionsRequest request)
      throws IOException, InterruptedException {
    var call = post(path(job, "actions"), request).timeout(RESOLUTION);
    return read(send(call.build()), ActionsRequest.Reply.class);
  }

  /// Writes the code of an action to the new file `zip`.
  void action(UUID job, long fence, ResolvedAction action, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    var path = "actions/" + action.repository() + "/" + action.sha() + "?fence=" + fence;
    fetch(request(path(job, path)), zip, givenUp);
  }

  private void fetch(HttpRequest.Builder builder, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    var request = builder.timeout(TRANSFER).GET().build();
    var response = exchange(request, BodyHandlers.ofInputStream(), givenUp);
    try (var in = response.body()) {
      var _ = givenUp.thenRun(() -> abort(in));
      if (response.statusCode() != 200) {
        check(response.statusCode(), response.uri(), in.readNBytes(MAX_REPLY_BYTES));
      }
      copy(in, zip);
    } catch (IOException e) {
      unanswered(request.uri());
      throw e;
    }
  }

  /// Ends the reading of who waits for more.
  private static void abort(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "A download was given up", e);
    }
  }

  private static void copy(InputStream in, Path zip) throws IOException {
    var buffer = new byte[64 * 1024];
    try (var out = FileChannel.open(zip, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        write(out, ByteBuffer.wrap(buffer, 0, count));
      }
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The agent cannot keep what it fetches: " + e.getMessage(),
          "See that the disk of the agent's data folder has room.",
          e);
    }
  }

  void complete(UUID job, JobCompletion completion) throws IOException, InterruptedException {
    send(post(path(job, "complete"), completion).build());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private static String path(UUID job, String what) {
    return "agent/v1/jobs/" + job + "/" + what;
  }

  private static String of(Optional<String> run) {
    return run.map(id -> "?run=" + segment(id)).orElse("");
  }

  private static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder post(String path, Object body) {
    BodyPublisher json = BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body));
    return request(path).header("Content-Type", "application/json").POST(json);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server().resolve(path))
        .timeout(CALL)
        .header("Authorization", "Bearer " + token)
        .header("Accept", "application/json, application/problem+json");
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    return send(request, NEVER);
  }

  private HttpResponse<byte[]> send(HttpRequest request, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    var response =
        exchange(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_REPLY_BYTES), givenUp);
    check(response.statusCode(), response.uri(), response.body());
    return response;
  }

  /// Sends the request, and takes it back when it is given up.
  private <T> HttpResponse<T> exchange(
      HttpRequest request, BodyHandler<T> handler, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    var answer = http.sendAsync(request, handler);
    try {
      if (givenUp != NEVER) {
        CompletableFuture.anyOf(answer, givenUp).get();
        if (!answer.isDone()) {
          throw new IOException("Given up: " + request.method() + " " + request.uri());
        }
      }
      return answer.get();
    } catch (ExecutionException e) {
      unanswered(request.uri());
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private void check(int status, URI uri, byte[] body) throws IOException {
    if (status < 300) {
      return;
    }
    Problem problem;
    try {
      problem = Json.MAPPER.readValue(body, Problem.class);
    } catch (JacksonException e) {
      unanswered(uri);
      throw new IOException("The server answered " + uri + " with status " + status, e);
    }
    if (status >= 500 && status != ErrorCode.STORAGE_UNAVAILABLE.status()) {
      unanswered(uri);
      throw new IOException(problem.title());
    }
    throw problem.toException();
  }

  private static <T> T read(HttpResponse<byte[]> response, Class<T> type) throws IOException {
    try {
      return Json.MAPPER.readValue(response.body(), type);
    } catch (JacksonException e) {
      throw new IOException("The answer of " + response.uri() + " cannot be read", e);
    }
  }
}
