package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Git's smart HTTP, by handing each request to `git upload-pack` or `git receive-pack` with
/// `--stateless-rpc` and its bytes on as they come, both ways at once.
///
/// `git http-backend` does the same as a CGI program. We speak to the two commands themselves,
/// because a push has to be read anyway to know who asks for what before git may act, and because
/// what a CGI adds (headers to parse, paths and users in environment variables) is more than the
/// ten lines that it saves.
final class GitHttp implements Routes {
  private static final Logger LOG = LoggerFactory.getLogger(GitHttp.class);

  private static final String UPLOAD_PACK = "git-upload-pack";
  private static final String RECEIVE_PACK = "git-receive-pack";
  private static final String SUFFIX = ".git";
  private static final Pattern PROTOCOL = Pattern.compile("[a-z0-9=:.-]{1,100}");
  private static final int BUFFER_BYTES = 64 << 10;

  /// What a fetch may ask for: a job fetches exactly the commit that it runs.
  private static final List<String> FETCH_SETTINGS =
      List.of("uploadpack.allowAnySHA1InWant=true", "uploadpack.allowFilter=true");

  private final Projects projects;
  private final Repositories repositories;
  private final PushRecorder recorder;
  private final Git git;
  private final long maxPackBytes;

  GitHttp(
      Projects projects,
      Repositories repositories,
      PushRecorder recorder,
      Git git,
      long maxPackBytes) {
    this.projects = projects;
    this.repositories = repositories;
    this.recorder = recorder;
    this.git = git;
    this.maxPackBytes = maxPackBytes;
  }

  @Override
  public void register(RouteTable routes) {
    // The permission to push is asked for inside: the path is the same for both services.
    routes.get("/git/{repository}/info/refs", Permission.SOURCE_READ, this::advertise);
    routes.post("/git/{repository}/git-upload-pack", Permission.SOURCE_READ, this::fetch);
    routes.post("/git/{repository}/git-receive-pack", Permission.SOURCE_WRITE, this::push);
  }

  private void advertise(Exchange exchange) throws IOException {
    var service = exchange.query("service").orElse("");
    if (!service.equals(UPLOAD_PACK) && !service.equals(RECEIVE_PACK)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "This server speaks git's smart protocol only",
          "Use git 1.6.6 or newer.");
    }
    if (service.equals(RECEIVE_PACK) && !exchange.caller().may(Permission.SOURCE_WRITE)) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          exchange.caller().name() + " may not push: the permission source_write is missing",
          "Use a token of a developer that has this scope.");
    }
    var repository = repositories.open(project(exchange));
    var protocol = protocol(exchange);
    var command = service.substring("git-".length());
    var settings = service.equals(UPLOAD_PACK) ? FETCH_SETTINGS : List.<String>of();
    try (var transfer =
        git.transfer(
            repository.folder(),
            protocol,
            settings,
            List.of(command, "--stateless-rpc", "--advertise-refs", "."))) {
      transfer.process().getOutputStream().close();
      var out = exchange.stream("application/x-" + service + "-advertisement");
      if (!protocol.getOrDefault("GIT_PROTOCOL", "").contains("version=2")) {
        out.write((PushReport.packet("# service=" + service + "\n") + "0000").getBytes(UTF_8));
      }
      transfer.process().getInputStream().transferTo(out);
      report(transfer, service);
    }
  }

  private void fetch(Exchange exchange) throws IOException {
    var repository = repositories.open(project(exchange));
    try (var body = body(exchange);
        var transfer =
            git.transfer(
                repository.folder(),
                protocol(exchange),
                FETCH_SETTINGS,
                List.of("upload-pack", "--stateless-rpc", "."))) {
      var feeding = feed(body, transfer.process(), SourceLimits.MAX_FETCH_REQUEST_BYTES);
      transfer
          .process()
          .getInputStream()
          .transferTo(exchange.stream("application/x-git-upload-pack-result"));
      report(transfer, UPLOAD_PACK);
      await(feeding);
    }
  }

  private void push(Exchange exchange) throws IOException {
    var project = project(exchange);
    try (var body = body(exchange)) {
      var commands = PushCommands.read(body);
      var type = "application/x-git-receive-pack-result";
      if (commands.commands().isEmpty()) {
        // Git asks with an empty push whether it may, before it sends a large one.
        exchange.bytes(type, new byte[0]);
        return;
      }
      if (commands.overflow()) {
        drain(body);
        exchange.bytes(
            type,
            PushReport.refused(
                commands,
                "a push may move at most "
                    + SourceLimits.MAX_REF_UPDATES_PER_PUSH
                    + " branches and tags"));
        return;
      }
      var push = recorder.open(project, exchange.caller(), commands);
      try {
        receive(exchange, project, push, commands, body, type);
      } finally {
        recorder.finish(project, push);
      }
    }
  }

  private void receive(
      Exchange exchange,
      Project project,
      UUID push,
      PushCommands commands,
      InputStream body,
      String type)
      throws IOException {
    var repository = repositories.open(project);
    var environment =
        Map.of(
            "FAIRWAY_PROTECTED_REF", project.defaultRef(),
            "FAIRWAY_JOURNAL", repositories.journalFile(push).toString(),
            "FAIRWAY_CHANGES", exchange.origin() + "/projects/" + project.name() + "/commits");
    var settings =
        List.of(
            "core.hooksPath=" + repositories.hooks(),
            "receive.maxInputSize=" + maxPackBytes,
            "receive.fsckObjects=true",
            "receive.shallowUpdate=false",
            "receive.advertisePushOptions=false");
    try (var transfer =
        git.transfer(
            repository.folder(),
            environment,
            settings,
            List.of("receive-pack", "--stateless-rpc", "."))) {
      var whole = new SequenceInputStream(new ByteArrayInputStream(commands.raw()), body);
      var feeding = feed(whole, transfer.process(), Long.MAX_VALUE);
      relay(transfer.process().getInputStream(), exchange.stream(type));
      report(transfer, RECEIVE_PACK);
      await(feeding);
    }
  }

  /// Passes git's answer on. A pusher that went away does not stop a git that may be moving refs.
  private static void relay(InputStream from, OutputStream to) throws IOException {
    var buffer = new byte[BUFFER_BYTES];
    var gone = false;
    for (var length = from.read(buffer); length >= 0; length = from.read(buffer)) {
      if (!gone) {
        try {
          to.write(buffer, 0, length);
          to.flush();
        } catch (IOException e) {
          LOG.debug("The pusher went away: {}", e.getMessage());
          gone = true;
        }
      }
    }
  }

  /// Gives the request to git on a thread of its own, because git may answer before it has read
  /// everything. What git does not want any more is read away, so that the client gets to see why.
  /// A request that breaks off kills git: the end of its input would look like the end of the push.
  private Thread feed(InputStream body, Process process, long limit) {
    return Thread.ofVirtual()
        .name("git-request")
        .start(() -> {
          var buffer = new byte[BUFFER_BYTES];
          var open = true;
          var fed = 0L;
          try (var in = process.getOutputStream()) {
            for (var length = body.read(buffer); length >= 0; length = body.read(buffer)) {
              fed += length;
              if (fed > Math.min(limit, 2 * maxPackBytes)) {
                LOG.warn("A request to git is longer than {} bytes and is cut off", limit);
                process.destroy();
                return;
              }
              open = open && offered(in, buffer, length);
            }
          } catch (IOException e) {
            LOG.debug("A request to git broke off: {}", e.getMessage());
            process.destroy();
          }
        });
  }

  private static boolean offered(OutputStream in, byte[] buffer, int length) {
    try {
      in.write(buffer, 0, length);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void await(Thread feeding) throws IOException {
    try {
      if (!feeding.join(SourceLimits.MAX_DRAIN_TIME)) {
        throw new IOException("the client still sends what git does not read any more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void drain(InputStream body) throws IOException {
    var left = maxPackBytes;
    for (var skipped = body.skip(BUFFER_BYTES);
        left > 0 && (skipped > 0 || body.read() >= 0);
        skipped = body.skip(BUFFER_BYTES)) {
      left -= Math.max(skipped, 1);
    }
  }

  private static void report(Git.Transfer transfer, String service) throws IOException {
    try {
      var exit = transfer.process().waitFor();
      if (exit != 0) {
        LOG.info("{} ended with {}: {}", service, exit, transfer.error().join());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git ran", e);
    }
  }

  private Project project(Exchange exchange) {
    var repository = exchange.path("repository");
    var name =
        repository.endsWith(SUFFIX)
            ? repository.substring(0, repository.length() - SUFFIX.length())
            : repository;
    var project = projects.require(name);
    JobCaller.project(exchange.caller())
        .filter(id -> !id.equals(project.id()))
        .ifPresent(_ -> {
          throw new FairwayException(
              ErrorCode.FORBIDDEN,
              "A job reads the source of its own project only, not of " + name,
              "");
        });
    return project;
  }

  private static Map<String, String> protocol(Exchange exchange) {
    return exchange
        .header("Git-Protocol")
        .filter(value -> PROTOCOL.matcher(value).matches())
        .map(value -> Map.of("GIT_PROTOCOL", value))
        .orElse(Map.of());
  }

  private static InputStream body(Exchange exchange) throws IOException {
    var body = exchange.bodyStream();
    return exchange.header("Content-Encoding").filter("gzip"::equals).isPresent()
        ? new GZIPInputStream(body, BUFFER_BYTES)
        : body;
  }
}
