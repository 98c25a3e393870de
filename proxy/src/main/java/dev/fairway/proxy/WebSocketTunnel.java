package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// A client's connection that became a WebSocket: bytes pass both ways unseen, each direction on a
/// virtual thread of its own.
///
/// Only `websocket` is tunnelled. Another protocol, such as `h2c`, would let a client speak to the
/// service past the proxy's rules; its upgrade header is dropped and the request goes on as HTTP.
final class WebSocketTunnel extends AbstractConnection implements Connection.UpgradeTo {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "upgrade", "keep-alive", "proxy-connection", "te", "trailer");

  private final Socket service;
  private final Exchange exchange;
  private ByteBuffer fromClientEarly = BufferUtil.EMPTY_BUFFER;

  private WebSocketTunnel(EndPoint client, Socket service, Exchange exchange, Request request) {
    super(client, request.getComponents().getExecutor());
    this.service = service;
    this.exchange = exchange;
  }

  static boolean isAskedFor(Request request) {
    var headers = request.getHeaders();
    return "GET".equals(request.getMethod())
        && "websocket".equalsIgnoreCase(headers.get(HttpHeader.UPGRADE))
        && headers.contains(HttpHeader.CONNECTION, "upgrade")
        && request.getLength() <= 0
        && !headers.contains(HttpHeader.TRANSFER_ENCODING);
  }

  /// Passes the handshake on. The exchange ends with the tunnel, or here if there is none.
  static void open(Request request, Response response, Callback callback, Exchange exchange) {
    var service = new Socket();
    try {
      var port = exchange.upstream().route().port();
      service.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
          (int) Limits.CONNECT.toMillis());
      exchange.sending();
      service.setTcpNoDelay(true);
      service.setSoTimeout((int) Limits.SERVICE_SILENCE.toMillis());
      service.getOutputStream().write(handshake(request).getBytes(ISO_8859_1));
      var head = ResponseHead.read(service.getInputStream());
      service.setSoTimeout(0);
      if (head.status() != HttpStatus.SWITCHING_PROTOCOLS_101) {
        decline(request, response, callback, exchange, service, head.status());
        return;
      }
      response.setStatus(head.status());
      head.fields().forEach(field -> response.getHeaders().add(field.name(), field.value()));
      var client = request.getConnectionMetaData().getConnection().getEndPoint();
      var tunnel = new WebSocketTunnel(client, service, exchange, request);
      request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, tunnel);
      Request.addCompletionListener(
          request,
          failure -> {
            if (failure != null) {
              tunnel.end(new Ending.Abandoned());
            }
          });
      callback.succeeded();
    } catch (IOException e) {
      close(service);
      var ending =
          !exchange.isSending()
              ? new Ending.NotConnected()
              : e instanceof SocketTimeoutException
                  ? new Ending.TimedOut()
                  : new Ending.BrokenOff();
      exchange.verdict(ending);
      Request.addCompletionListener(request, _ -> exchange.end(System.nanoTime()));
      TrafficHandler.refuse(
          response,
          callback,
          HttpStatus.BAD_GATEWAY_502,
          exchange.upstream().route().name() + " did not answer the WebSocket handshake.");
    }
  }

  private static void decline(
      Request request,
      Response response,
      Callback callback,
      Exchange exchange,
      Socket service,
      int status) {
    close(service);
    exchange.verdict(new Ending.Answered(status));
    Request.addCompletionListener(request, _ -> exchange.end(System.nanoTime()));
    TrafficHandler.refuse(response, callback, status, "The service declined the WebSocket.");
  }

  /// The client's request as it came, but for what concerns one connection only. Jetty has refused
  /// line ends in values already.
  private static String handshake(Request request) {
    var text = new StringBuilder();
    text.append("GET ").append(request.getHttpURI().getPathQuery()).append(" HTTP/1.1\r\n");
    for (var field : request.getHeaders()) {
      var name = field.getName().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name)
          && !name.startsWith("x-forwarded-")
          && !name.equals("forwarded")) {
        text.append(field.getName()).append(": ").append(field.getValue()).append("\r\n");
      }
    }
    Forwarding.of(request)
        .forEach((header, value) ->
            text.append(header.asString()).append(": ").append(value).append("\r\n"));
    return text.append("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n").toString();
  }

  /// Bytes that the client sent right behind its handshake.
  @Override
  public void onUpgradeTo(@Nullable ByteBuffer early) {
    if (early != null) {
      fromClientEarly = BufferUtil.copy(early);
    }
  }

  @Override
  public void onOpen() {
    super.onOpen();
    getEndPoint().setIdleTimeout(Limits.TUNNEL_SILENCE.toMillis());
    Thread.ofVirtual().name("websocket").start(this::pumpToClient);
    try {
      toService(fromClientEarly);
      fillInterested();
    } catch (IOException _) {
      end(new Ending.Tunnelled());
    }
  }

  @Override
  public void onFillable() {
    var buffer = BufferUtil.allocate(BUFFER_BYTES);
    try {
      while (true) {
        BufferUtil.clear(buffer);
        var filled = getEndPoint().fill(buffer);
        if (filled < 0) {
          service.shutdownOutput();
          return;
        }
        if (filled == 0) {
          fillInterested();
          return;
        }
        toService(buffer);
      }
    } catch (IOException _) {
      end(new Ending.Tunnelled());
    }
  }

  private void toService(ByteBuffer bytes) throws IOException {
    service.getOutputStream().write(BufferUtil.toArray(bytes));
  }

  private void pumpToClient() {
    var bytes = new byte[BUFFER_BYTES];
    try {
      InputStream from = service.getInputStream();
      for (var read = from.read(bytes); read >= 0; read = from.read(bytes)) {
        try (var written = Blocker.callback()) {
          getEndPoint().write(written, ByteBuffer.wrap(bytes, 0, read));
          written.block();
        }
      }
    } catch (IOException _) {
      // One side has gone: what is left is to close the other.
    } finally {
      end(new Ending.Tunnelled());
    }
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    end(new Ending.Tunnelled());
  }

  private void end(Ending ending) {
    exchange.verdict(ending);
    close(service);
    exchange.end(System.nanoTime());
    getEndPoint().close();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // Closing was all we wanted of it.
    }
  }
}
