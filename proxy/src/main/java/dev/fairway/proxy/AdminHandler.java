package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Problem;
import dev.fairway.api.ProxyAddress;
import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRoute;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import tools.jackson.core.JacksonException;

/// The admin listener: JSON over HTTP, every request with the bearer token.
///
/// ```
/// GET    /v1/ready                                      ProxyAddress
/// GET    /v1/routes                                     [ProxyRouteStatus]
/// GET    /v1/routes/NAME                                ProxyRouteStatus
/// PUT    /v1/routes/NAME   ProxyRoute                   ProxyRouteStatus
/// DELETE /v1/routes/NAME                                [ProxyRouteStatus]
/// GET    /v1/routes/NAME/upstreams/GENERATION?wait=MS   ProxyUpstreamStatus
/// ```
///
/// Errors are RFC 9457 problems.
final class AdminHandler extends Handler.Abstract {
  private final byte[] authorization;
  private final Routes routes;
  private final InstantSource clock;
  private final Supplier<ProxyAddress> address;

  AdminHandler(String token, Routes routes, InstantSource clock, Supplier<ProxyAddress> address) {
    this.authorization = ("Bearer " + token).getBytes(US_ASCII);
    this.routes = routes;
    this.clock = clock;
    this.address = address;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback)
      throws InterruptedException, IOException {
    try {
      authenticate(request);
      answer(response, callback, 200, "application/json", act(request));
    } catch (FairwayException e) {
      answer(response, callback, e.code().status(), Problem.MEDIA_TYPE, Problem.of(e));
    }
    return true;
  }

  private void authenticate(Request request) {
    var given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (given == null || !MessageDigest.isEqual(authorization, given.getBytes(US_ASCII))) {
      throw new FairwayException(
          ErrorCode.UNAUTHENTICATED,
          "the admin listener wants its token",
          "Read it from admin.token in the proxy's data folder.");
    }
  }

  private Object act(Request request) throws InterruptedException, IOException {
    var path = List.of(request.getHttpURI().getCanonicalPath().substring(1).split("/", -1));
    return switch (request.getMethod() + " " + path.size() + " " + String.join("/", path)) {
      case "GET 2 v1/ready" -> address.get();
      case "GET 2 v1/routes" -> routes.list();
      default -> actOnRoute(request, path);
    };
  }

  private Object actOnRoute(Request request, List<String> path)
      throws InterruptedException, IOException {
    if (path.size() < 3 || !path.get(0).equals("v1") || !path.get(1).equals("routes")) {
      throw noSuchResource();
    }
    var name = path.get(2);
    if (path.size() == 5 && path.get(3).equals("upstreams") && isMethod(request, "GET")) {
      var upstream = routes.upstream(name, number(path.get(4), "generation"));
      upstream.awaitDrained(wait(request));
      return upstream.status(address.get().epoch(), clock.instant());
    }
    if (path.size() != 3) {
      throw noSuchResource();
    }
    return switch (request.getMethod()) {
      case "GET" -> routes.show(name);
      case "PUT" -> routes.put(routeIn(request, name));
      case "DELETE" -> {
        routes.remove(name);
        yield routes.list();
      }
      default -> throw noSuchResource();
    };
  }

  private static boolean isMethod(Request request, String method) {
    return request.getMethod().equals(method);
  }

  private static ProxyRoute routeIn(Request request, String name) throws IOException {
    var body = Content.Source.asInputStream(request).readNBytes(Limits.ADMIN_BODY_BYTES + 1);
    if (body.length > Limits.ADMIN_BODY_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "a route has at most " + Limits.ADMIN_BODY_BYTES + " bytes",
          "Give it fewer hosts.");
    }
    try {
      var route = Json.MAPPER.readValue(body, ProxyRoute.class);
      if (route.name().equals(name)) {
        return route;
      }
      throw invalid("the route in the body is " + route.name() + ", the one in the path " + name);
    } catch (JacksonException e) {
      throw e.getCause() instanceof FairwayException refused
          ? refused
          : invalid("the body is not a route: " + e.getOriginalMessage());
    }
  }

  private static Duration wait(Request request) {
    var wait = Request.extractQueryParameters(request).getValue("wait");
    var asked = Duration.ofMillis(wait == null ? 0 : number(wait, "wait"));
    return asked.compareTo(ProxyClient.MAX_WAIT) < 0 ? asked : ProxyClient.MAX_WAIT;
  }

  private static long number(String text, String what) {
    if (!text.matches("[0-9]{1,18}")) {
      throw invalid(what + " is a number, not '" + text + "'");
    }
    return Long.parseLong(text);
  }

  private static FairwayException invalid(String message) {
    return new FairwayException(ErrorCode.INVALID_INPUT, message, "Correct the request.");
  }

  private static FairwayException noSuchResource() {
    return new FairwayException(
        ErrorCode.NOT_FOUND, "the admin listener has no such resource", "See its documentation.");
  }

  private static void answer(
      Response response, Callback callback, int status, String mediaType, Object body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
    response.write(true, ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(body)), callback);
  }
}
