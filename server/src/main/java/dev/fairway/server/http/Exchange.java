package dev.fairway.server.http;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.javalin.http.SameSite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// One request and its answer.
public final class Exchange {
  /// A JSON or form body may have as many bytes; streams have limits of their own.
  static final int MAX_BODY_BYTES = 1 << 20;

  /// So much time a body has; one that trickles in holds a connection and a thread.
  private static final Duration MAX_BODY_TIME = Duration.ofSeconds(60);

  private static final int BUFFER_BYTES = 16 << 10;
  private static final String CALLER = "fairway.caller";
  private static final String FORM = "fairway.form";

  private final Context context;
  private final Ingress ingress;

  Exchange(Context context, Ingress ingress) {
    this.context = context;
    this.ingress = ingress;
  }

  // What was asked

  /// The method in capitals.
  public String method() {
    return context.method().name();
  }

  /// The path without the query.
  public String path() {
    return context.path();
  }

  /// The address without a path by which people reach us, such as `https://fairway.example.org`.
  public String origin() {
    return ingress.publicUrl().map(URI::toString).orElseGet(this::reached);
  }

  /// The address without a path by which this caller reached us, which for an agent beside the
  /// server is not the one that people use.
  public String reached() {
    var host = String.valueOf(context.host());
    return ingress
        .publicUrl()
        .filter(url -> url.getRawAuthority().equalsIgnoreCase(host))
        .map(URI::toString)
        .orElseGet(() -> context.scheme() + "://" + host);
  }

  /// The network address of the client.
  public String address() {
    return ingress.client(context.ip(), headers("X-Forwarded-For"));
  }

  private @Nullable String headers(String name) {
    var values = Collections.list(context.req().getHeaders(name));
    return values.isEmpty() ? null : String.join(",", values);
  }

  /// A parameter of the path.
  public String path(String name) {
    return context.pathParam(name);
  }

  /// A parameter of the path that is an id; 404 where it is none.
  public UUID pathId(String name) {
    try {
      return UUID.fromString(context.pathParam(name));
    } catch (IllegalArgumentException e) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "Nothing has the id " + context.pathParam(name), "");
    }
  }

  /// A parameter of the path that is a number; 404 where it is none.
  public long pathNumber(String name) {
    try {
      return Long.parseLong(context.pathParam(name));
    } catch (NumberFormatException e) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "Nothing has the number " + context.pathParam(name), "");
    }
  }

  public Optional<String> query(String name) {
    return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isEmpty());
  }

  /// A number of the query, within bounds.
  public long queryNumber(String name, long otherwise, long min, long max) {
    var text = context.queryParam(name);
    if (text == null || text.isEmpty()) {
      return otherwise;
    }
    try {
      var number = Long.parseLong(text);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number out of bounds.
    }
    throw new FairwayException(
        ErrorCode.INVALID_INPUT,
        name + " is '" + text + "'",
        "Give a whole number from " + min + " to " + max + ".");
  }

  /// Which part of a list is asked for.
  public ListRequest list() {
    return ListRequest.of(this);
  }

  /// Everything after `?`, undecoded; empty where there is nothing.
  public String queryString() {
    var query = context.queryString();
    return query == null ? "" : query;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(context.header(name));
  }

  public Optional<String> cookie(String name) {
    return Optional.ofNullable(context.cookie(name));
  }

  /// A field of a submitted form; empty text where it is missing.
  public String form(String name) {
    return fields().all(name).stream().findFirst().orElse("");
  }

  /// All values of a field of a submitted form.
  public List<String> forms(String name) {
    return fields().all(name);
  }

  /// Read here and not by Javalin, which bounds only bodies that say their length.
  private Form fields() {
    Form known = context.attribute(FORM);
    if (known != null) {
      return known;
    }
    var form =
        header("Content-Type").orElse("").toLowerCase(Locale.ROOT).startsWith(Form.MEDIA_TYPE);
    var fields = form ? Form.parse(readBody()) : Form.EMPTY;
    context.attribute(FORM, fields);
    return fields;
  }

  /// The JSON body as that record; 400 with the place of the mistake where it is not one.
  public <T> T body(Class<T> type) {
    try {
      var value = Json.MAPPER.readValue(readBody(), type);
      if (value == null) {
        throw new FairwayException(
            ErrorCode.INVALID_INPUT,
            "The request's body is null",
            "Compare it with /api/v1/openapi.yaml.");
      }
      return value;
    } catch (JacksonException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The request's body is not the JSON that this route takes: " + e.getOriginalMessage(),
          "Compare it with /api/v1/openapi.yaml.",
          e);
    }
  }

  /// The body as it comes, of any length: the caller of this method bounds it.
  public InputStream bodyStream() {
    return context.bodyInputStream();
  }

  /// What the peer says the body has, -1 where it does not say.
  public long bodyLength() {
    return context.req().getContentLengthLong();
  }

  public Caller caller() {
    Caller caller = context.attribute(CALLER);
    return caller == null ? Caller.NOBODY : caller;
  }

  void caller(Caller caller) {
    context.attribute(CALLER, caller);
  }

  /// Whether the peer is a browser that asks for a page, rather than a program.
  public boolean wantsPage() {
    return header("Accept").orElse("").contains("text/html");
  }

  /// Whether a browser sent this, as far as it shows: without TLS it does not say so itself.
  boolean fromBrowser() {
    return wantsPage() || header("Sec-Fetch-Site").isPresent() || header("Cookie").isPresent();
  }

  /// Whether htmx asks for a fragment of a page.
  public boolean wantsFragment() {
    return header("HX-Request").isPresent();
  }

  boolean changesState() {
    return !(context.method().equals(HandlerType.GET) || context.method().equals(HandlerType.HEAD));
  }

  // What is answered

  public Exchange status(int status) {
    context.status(status);
    return this;
  }

  public Exchange header(String name, String value) {
    context.header(name, value);
    return this;
  }

  /// Answers with JSON.
  public void json(Object value) {
    context.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(value));
  }

  /// Answers with a page or a fragment of one.
  public void html(String html) {
    context.contentType("text/html; charset=utf-8").result(html);
  }

  public void text(String text) {
    context.contentType("text/plain; charset=utf-8").result(text);
  }

  public void bytes(String contentType, byte[] bytes) {
    context.contentType(contentType).result(bytes);
  }

  /// Answers with bytes as they come; the handler writes them and returns when all are written.
  public OutputStream stream(String contentType) throws IOException {
    context.disableCompression();
    context.contentType(contentType);
    // Not Javalin's own stream, whose flush does nothing.
    return context.res().getOutputStream();
  }

  /// Answers 204.
  public void nothing() {
    context.status(HttpStatus.NO_CONTENT);
  }

  /// Sends the browser to a path of ours, after a change with GET.
  public void redirect(String path) {
    if (!path.startsWith("/") || path.startsWith("//") || path.contains("\\")) {
      throw new IllegalArgumentException("not a path of ours: " + path);
    }
    if (wantsFragment()) {
      context.header("HX-Redirect", path);
    } else {
      context.redirect(path, HttpStatus.SEE_OTHER);
    }
  }

  /// Answers with server-sent events; the handler sends them and returns at the end of the stream.
  public EventStream events() throws IOException {
    context.disableCompression();
    context.header("Cache-Control", "no-store").header("X-Accel-Buffering", "no");
    context.contentType("text/event-stream; charset=utf-8");
    return new EventStream(context.res().getOutputStream());
  }

  /// Sets a cookie that scripts cannot read; `maxAge` in seconds, 0 ends it.
  public void cookie(String name, String value, int maxAge) {
    var cookie = new Cookie(name, value);
    cookie.setMaxAge(maxAge);
    cookie.setHttpOnly(true);
    cookie.setSecure(ingress.secure() || context.scheme().equals("https"));
    cookie.setSameSite(SameSite.LAX);
    context.cookie(cookie);
  }

  private byte[] readBody() {
    if (bodyLength() > MAX_BODY_BYTES) {
      throw tooLarge();
    }
    var end = System.nanoTime() + MAX_BODY_TIME.toNanos();
    var bytes = new ByteArrayOutputStream();
    var buffer = new byte[BUFFER_BYTES];
    try (var in = context.bodyInputStream()) {
      for (var length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        bytes.write(buffer, 0, length);
        if (bytes.size() > MAX_BODY_BYTES) {
          throw tooLarge();
        }
        if (System.nanoTime() > end) {
          throw new FairwayException(
              ErrorCode.INVALID_INPUT,
              "The request's body took longer than " + MAX_BODY_TIME.toSeconds() + " s to come",
              "Send it again.");
        }
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The request ended before its body did", "Send it again.", e);
    }
  }

  private static FairwayException tooLarge() {
    return new FairwayException(
        ErrorCode.TOO_LARGE, "The request's body is longer than " + MAX_BODY_BYTES + " bytes", "");
  }
}
