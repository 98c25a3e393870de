package dev.fairway.proxy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/// The headers that tell a service who its client is.
final class Forwarding {
  private Forwarding() {}

  /// `X-Forwarded-For` (the peer's address), `-Host` (as the client wrote it), `-Proto`.
  static Map<HttpHeader, String> of(Request request) {
    var headers = new LinkedHashMap<HttpHeader, String>();
    headers.put(HttpHeader.X_FORWARDED_FOR, Request.getRemoteAddr(request));
    headers.put(HttpHeader.X_FORWARDED_PROTO, request.isSecure() ? "https" : "http");
    var host = request.getHeaders().get(HttpHeader.HOST);
    if (host != null) {
      headers.put(HttpHeader.X_FORWARDED_HOST, host);
    }
    return headers;
  }
}
