package dev.fairway.server.http;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Problem;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves the routes: who asks, may they, answer, and every failure as a problem or a page.
public final class HttpServer implements AutoCloseable {
  /// What a job may reach besides its services.
  private static final String PROJECT = "/api/v1/projects/{name}";

  private static final String GIT = "/git/";
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /// The header (or, as `csrf`, the form field) that carries a session's CSRF value.
  public static final String CSRF_HEADER = "X-Fairway-CSRF";

  /// More clients than that wait in the operating system's queue.
  private static final int MAX_CONNECTIONS = 4_096;

  /// So long a browser that came by TLS once comes by nothing else.
  private static final String ONE_YEAR = "max-age=31536000";

  private static final String ROUTED = "fairway.routed";

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
          + " 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors"
          + " 'none'";

  private final Javalin javalin;
  private final AtomicLong requests;
  private final AtomicLong failures;

  private HttpServer(Javalin javalin, AtomicLong requests, AtomicLong failures) {
    this.javalin = javalin;
    this.requests = requests;
    this.failures = failures;
  }

  /// Listens on that address and port; port 0 takes a free one.
  public static HttpServer start(
      String host,
      int port,
      Ingress ingress,
      RouteTable routes,
      Authenticator authenticator,
      ErrorPage errorPage) {
    var requests = new AtomicLong();
    var failures = new AtomicLong();
    try {
      var javalin =
          Javalin.create(config -> {
            configure(config);
            config.routes.before(context -> {
              requests.incrementAndGet();
              secure(context, ingress);
            });
            routes.all().forEach(route -> add(config, route, ingress, authenticator));
            config.routes.exception(
                Exception.class,
                (failure, context) ->
                    fail(failure, context, new Exchange(context, ingress), errorPage, failures));
            config.routes.error(
                404,
                context ->
                    missing(context, new Exchange(context, ingress), authenticator, errorPage));
          });
      javalin.start(host, port);
      return new HttpServer(javalin, requests, failures);
    } catch (JavalinBindException e) {
      throw inUse(host, port, e);
    }
  }

  /// Refuses a port that somebody listens on, before anything else is begun for it.
  public static void requireFree(String host, int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw inUse(host, port, e);
    }
  }

  private static FairwayException inUse(String host, int port, Exception cause) {
    return new FairwayException(
        ErrorCode.CONFLICT,
        "Port " + port + " of " + host + " is in use",
        "Stop what listens there, or choose another port with --port.",
        cause);
  }

  public int port() {
    return javalin.port();
  }

  /// Requests since the start.
  public long requests() {
    return requests.get();
  }

  /// Requests that failed by our fault since the start.
  public long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    javalin.stop();
  }

  private static void configure(JavalinConfig config) {
    config.concurrency.useVirtualThreads = true;
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.maxRequestSize = Exchange.MAX_BODY_BYTES;
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    config.jetty.modifyServer(
        server -> server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server)));
  }

  private static void secure(Context context, Ingress ingress) {
    if (ingress.secure()) {
      context.header("Strict-Transport-Security", ONE_YEAR);
    }
    context
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "same-origin")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        .header("Cache-Control", "no-store");
  }

  private static void add(
      JavalinConfig config, RouteTable.Route route, Ingress ingress, Authenticator authenticator) {
    config.routes.addHttpHandler(
        HandlerType.findOrCreate(route.method().name()),
        route.path(),
        context -> {
          context.attribute(ROUTED, true);
          var exchange = new Exchange(context, ingress);
          var caller = authenticator.authenticate(exchange);
          exchange.caller(caller);
          requirePermission(caller, route.permission());
          requireOwnProject(exchange, caller, route);
          requireCsrf(exchange, caller);
          route.handler().handle(exchange);
        });
  }

  private static void requirePermission(Caller caller, Permission permission) {
    if (caller.may(permission)) {
      return;
    }
    if (caller.kind() == Caller.Kind.NOBODY) {
      throw new FairwayException(
          ErrorCode.UNAUTHENTICATED, "This needs a sign-in", "Sign in, or send a token.");
    }
    throw new FairwayException(
        ErrorCode.FORBIDDEN,
        caller.name() + " lacks the permission " + permission.word(),
        "Ask an administrator for a role that has it, or use a token with that scope.");
  }

  /// A caller that is confined to a project reaches the addresses below it, and the few that look
  /// after that themselves.
  private static void requireOwnProject(Exchange exchange, Caller caller, RouteTable.Route route) {
    var project = caller.project();
    if (project == null
        || route.permission() == Permission.ANYONE
        || route.permission() == Permission.JOB_SERVICES
        || route.path().startsWith(GIT)) {
      return;
    }
    var own =
        (route.path().equals(PROJECT) || route.path().startsWith(PROJECT + "/"))
            && exchange.path("name").equals(project.name());
    if (!own) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          "A job reaches its own project only, " + project.name(),
          "Use the token of a person, kept as a secret.");
    }
  }

  private static void requireCsrf(Exchange exchange, Caller caller) {
    var expected = caller.csrf();
    if (expected == null || !exchange.changesState()) {
      return;
    }
    var sent = exchange.header(CSRF_HEADER).orElseGet(() -> exchange.form("csrf"));
    if (!MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8))) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          "The request does not carry its session's CSRF value",
          "Load the page again and repeat what you did.");
    }
  }

  private static void fail(
      Exception failure,
      Context context,
      Exchange exchange,
      ErrorPage errorPage,
      AtomicLong failures) {
    if (failure instanceof EofException
        || (failure instanceof IOException && context.res().isCommitted())) {
      // Most streams end so: nothing can be answered, and nothing is wrong with us.
      LOG.debug("{} {}: the peer went away", context.method().name(), context.path(), failure);
      return;
    }
    var refusal =
        switch (failure) {
          case FairwayException e -> e;
          case BadRequestResponse e ->
              new FairwayException(ErrorCode.INVALID_INPUT, String.valueOf(e.getMessage()), "", e);
          case HttpException e when e.getCode() < 500 ->
              new FairwayException(
                  ErrorCode.INVALID_INPUT, "This is not HTTP: " + e.getReason(), "", failure);
          case HttpResponseException e when e.getStatus() == 413 ->
              new FairwayException(
                  ErrorCode.TOO_LARGE,
                  "The request's body is longer than " + Exchange.MAX_BODY_BYTES + " bytes",
                  "",
                  e);
          default ->
              new FairwayException(
                  ErrorCode.INTERNAL,
                  "Something went wrong on our side",
                  "Try again; the server's log has the details.",
                  failure);
        };
    if (refusal.code().status() >= 500) {
      failures.incrementAndGet();
      LOG.error("{} {} failed", context.method().name(), context.path(), failure);
    }
    answer(exchange, context, Problem.of(refusal), errorPage);
  }

  /// Answers for a path that no route has; a route that answers 404 has said what it wants to say.
  private static void missing(
      Context context, Exchange exchange, Authenticator authenticator, ErrorPage errorPage) {
    if (context.attribute(ROUTED) != null) {
      return;
    }
    try {
      exchange.caller(authenticator.authenticate(exchange));
    } catch (FairwayException e) {
      // Whoever it is: there is nothing here.
    }
    var refusal =
        new FairwayException(ErrorCode.NOT_FOUND, "There is nothing at " + context.path(), "");
    answer(exchange, context, Problem.of(refusal), errorPage);
  }

  private static void answer(
      Exchange exchange, Context context, Problem problem, ErrorPage errorPage) {
    context.status(problem.status());
    // Git and other programs come with a token then; a browser would ask for it in a window of its
    // own, in front of the page that knows better.
    if (problem.status() == 401 && !exchange.fromBrowser()) {
      context.header("WWW-Authenticate", "Basic realm=\"Fairway\", charset=\"UTF-8\"");
    }
    if (problem.details().get("retryAfter") instanceof Number seconds) {
      context.header("Retry-After", seconds.toString());
    } else if (problem.status() == 503) {
      context.header("Retry-After", "2");
    }
    if (exchange.wantsPage()) {
      exchange.html(errorPage.render(exchange, problem));
    } else {
      context.contentType(Problem.MEDIA_TYPE).result(Json.MAPPER.writeValueAsBytes(problem));
    }
  }

  /// Figures for `/metrics`.
  public Map<String, Long> figures() {
    return Map.of(
        "fairway_http_requests_total", requests(), "fairway_http_failures_total", failures());
  }
}
