package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request.Content;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content.Chunk;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Passes requests on to the upstream of their host, streaming both ways.
///
/// No request is lost at a switch, by three rules:
/// - A request that may not be sent twice (not idempotent, or with a body) never rides on a pooled
///   connection, which the service may be closing at that moment: it gets a fresh one.
/// - Any other request whose connection breaks before the first byte of the answer is sent once
///   more, on a fresh connection.
/// - A request that found no connection at all was not sent; it is sent to the route's present
///   upstream if the route has been switched meanwhile.
///
/// The listener is the edge: forwarding headers of the client are replaced, not continued.
final class TrafficHandler extends ProxyHandler.Reverse {
  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");
  private static final EnumSet<HttpHeader> REPLACED =
      EnumSet.of(
          HttpHeader.FORWARDED,
          HttpHeader.X_FORWARDED_FOR,
          HttpHeader.X_FORWARDED_HOST,
          HttpHeader.X_FORWARDED_PORT,
          HttpHeader.X_FORWARDED_PROTO,
          HttpHeader.X_FORWARDED_SERVER);

  private final Routes routes;
  private final UpstreamPools pools;

  TrafficHandler(Routes routes, UpstreamPools pools) {
    super(Request::getHttpURI);
    this.routes = routes;
    this.pools = pools;
    setViaHost("fairway");
    setUseServerThreadPool(true);
  }

  @Override
  protected HttpClient newHttpClient() {
    return pools.client();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    if ("CONNECT".equals(request.getMethod())) {
      refuse(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, "This is no forward proxy.");
      return true;
    }
    var host = host(request);
    var upstream = routes.enter(host);
    if (upstream == null) {
      refuse(response, callback, HttpStatus.NOT_FOUND_404, "No service has the host " + host + ".");
      return true;
    }
    var exchange = new Exchange(host, upstream, System.nanoTime());
    request.setAttribute(Exchange.ATTRIBUTE, exchange);
    if (WebSocketTunnel.isAskedFor(request)) {
      WebSocketTunnel.open(request, response, callback, exchange);
      return true;
    }
    Request.addCompletionListener(request, _ -> exchange.end(System.nanoTime()));
    return super.handle(request, new Observed(request, response, exchange), callback);
  }

  static String host(Request request) {
    var name = Request.getServerName(request).toLowerCase(Locale.ROOT);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /// A short page of our own, told apart from the service's pages by its sentence.
  static void refuse(Response response, Callback callback, int status, String sentence) {
    response.reset();
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    var page =
        "%d %s\n%s\n(Fairway proxy)\n".formatted(status, HttpStatus.getMessage(status), sentence);
    response.write(true, ByteBuffer.wrap(page.getBytes(UTF_8)), callback);
  }

  @Override
  protected org.eclipse.jetty.client.Request newProxyToServerRequest(Request request, HttpURI uri) {
    var exchange = exchange(request);
    var fresh = exchange.isRepeated() || !mayBeSentTwice(request);
    // The path goes as the client wrote it; only the service knows what it means.
    return pools
        .newRequest(exchange.upstream().route(), fresh)
        .method(request.getMethod())
        .path(uri.getPathQuery())
        .onRequestBegin(_ -> exchange.sending());
  }

  @Override
  protected void addProxyHeaders(
      Request request, org.eclipse.jetty.client.Request proxyToServerRequest) {
    addViaHeader(request, proxyToServerRequest);
    proxyToServerRequest.headers(headers -> {
      headers.remove(REPLACED);
      Forwarding.of(request).forEach(headers::put);
    });
  }

  @Override
  protected Content newProxyToServerRequestContent(
      Request request, Response response, org.eclipse.jetty.client.Request toServer) {
    var exchange = exchange(request);
    return new ProxyRequestContent(request) {
      /// Whether nobody wants the rest because the service has gone: no fault of the client's.
      private volatile boolean unwanted;

      @Override
      public void fail(Throwable failure) {
        unwanted = true;
        super.fail(failure);
      }

      @Override
      public Chunk read() {
        var chunk = super.read();
        if (Chunk.isFailure(chunk) && !unwanted) {
          exchange.clientFailed();
        }
        return chunk;
      }
    };
  }

  @Override
  protected void onProxyToClientResponseComplete(
      Request request,
      org.eclipse.jetty.client.Request toServer,
      org.eclipse.jetty.client.Response fromServer,
      Response response,
      Callback callback) {
    exchange(request).verdict(new Ending.Answered(fromServer.getStatus()));
    callback.succeeded();
  }

  @Override
  protected void onProxyToClientResponseFailure(
      Request request,
      org.eclipse.jetty.client.Request toServer,
      org.eclipse.jetty.client.Response fromServer,
      Response response,
      Callback callback,
      Throwable failure) {
    exchange(request).verdict(new Ending.Abandoned());
    callback.failed(failure);
  }

  @Override
  protected void onServerToProxyResponseFailure(
      Request request,
      org.eclipse.jetty.client.Request toServer,
      org.eclipse.jetty.client.Response fromServer,
      Response response,
      Callback callback,
      Throwable failure) {
    var exchange = exchange(request);
    var unanswered = fromServer.getStatus() == 0;
    if (unanswered && repeat(request, response, callback, exchange, failure)) {
      return;
    }
    var verdict = verdict(exchange, failure);
    exchange.verdict(verdict);
    if (response.isCommitted() || verdict instanceof Ending.Abandoned) {
      callback.failed(failure);
      return;
    }
    var release = exchange.upstream().route().release();
    var name = exchange.upstream().route().name();
    if (failure instanceof RejectedExecutionException) {
      var sentence = "%s has more requests waiting than it may.".formatted(name);
      refuse(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, sentence);
    } else if (verdict instanceof Ending.TimedOut) {
      var sentence = "%s (release %s) did not answer in time.".formatted(name, release);
      refuse(response, callback, HttpStatus.GATEWAY_TIMEOUT_504, sentence);
    } else if (verdict instanceof Ending.NotConnected) {
      var sentence = "%s (release %s) does not accept connections.".formatted(name, release);
      refuse(response, callback, HttpStatus.BAD_GATEWAY_502, sentence);
    } else {
      var sentence = "%s (release %s) broke off its answer.".formatted(name, release);
      refuse(response, callback, HttpStatus.BAD_GATEWAY_502, sentence);
    }
  }

  /// Sends once more where that is safe; see the class comment.
  private boolean repeat(
      Request request, Response response, Callback callback, Exchange exchange, Throwable failure) {
    if (!exchange.mayRepeat() || exchange.hasClientFailed()) {
      return false;
    }
    var next = routes.enter(exchange.host());
    if (next == null) {
      return false;
    }
    var safe =
        exchange.isSending()
            ? mayBeSentTwice(request) && !(failure instanceof TimeoutException)
            : next != exchange.upstream();
    if (!safe) {
      next.leave();
      return false;
    }
    exchange.repeatAt(next);
    return super.handle(request, response, callback);
  }

  private static Ending verdict(Exchange exchange, Throwable failure) {
    if (exchange.hasClientFailed()) {
      return new Ending.Abandoned();
    }
    if (!exchange.isSending()) {
      return new Ending.NotConnected();
    }
    return failure instanceof TimeoutException ? new Ending.TimedOut() : new Ending.BrokenOff();
  }

  private static boolean mayBeSentTwice(Request request) {
    var headers = request.getHeaders();
    return IDEMPOTENT.contains(request.getMethod())
        && request.getLength() <= 0
        && !headers.contains(HttpHeader.CONTENT_TYPE)
        && !headers.contains(HttpHeader.TRANSFER_ENCODING);
  }

  private static Exchange exchange(Request request) {
    if (request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
      return exchange;
    }
    throw new IllegalStateException("a request without its exchange");
  }

  /// Notes whether it was the client who failed.
  private static final class Observed extends Response.Wrapper {
    private final Exchange exchange;

    Observed(Request request, Response response, Exchange exchange) {
      super(request, response);
      this.exchange = exchange;
    }

    @Override
    public void write(boolean last, ByteBuffer bytes, Callback callback) {
      super.write(
          last,
          bytes,
          Callback.from(
              callback::succeeded,
              failure -> {
                exchange.clientFailed();
                callback.failed(failure);
              }));
    }
  }
}
