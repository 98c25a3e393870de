package dev.fairway.server.web;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// Static files from the class path, under addresses that carry a hash of their content: a browser
/// keeps them for ever, and a new version has a new address.
final class Assets {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*(\\.[a-z0-9-]+)+");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)(^import [^\"\\n]{0,200} from \")\\./([a-z0-9-]+\\.js)\"");
  private static final int HASH_CHARS = 12;

  /// What we do not keep ourselves, by the name under which we serve it.
  private static final Map<String, String> WEB_JARS =
      Map.of("htmx.min.js", "/META-INF/resources/webjars/htmx.org/2.0.10/dist/htmx.min.js");

  // Nobody compares assets: the bytes are sent.
  @SuppressWarnings("ArrayRecordComponent")
  private record Asset(byte[] bytes, String hash, String contentType) {}

  private final Map<String, Asset> assets = new ConcurrentHashMap<>();

  String path(String name) {
    return "/static/" + asset(name).hash() + "/" + name;
  }

  void serve(Exchange exchange) {
    var asset = asset(exchange.path("name"));
    // A page of the previous version may still ask during an upgrade: it gets the file of today,
    // and
    // no browser keeps it under the wrong address.
    var current = asset.hash().equals(exchange.path("hash"));
    exchange
        .header("Cache-Control", current ? "public, max-age=31536000, immutable" : "no-store")
        .bytes(asset.contentType(), asset.bytes());
  }

  private Asset asset(String name) {
    if (!NAME.matcher(name).matches()) {
      throw missing(name);
    }
    var known = assets.get(name);
    if (known != null) {
      return known;
    }
    var loaded = load(name);
    var first = assets.putIfAbsent(name, loaded);
    return first == null ? loaded : first;
  }

  private Asset load(String name) {
    var resource = WEB_JARS.getOrDefault(name, "/static/" + name);
    try (var in = Assets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw missing(name);
      }
      var bytes = name.endsWith(".js") ? withImports(in.readAllBytes()) : in.readAllBytes();
      return new Asset(bytes, hash(bytes), contentType(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Lets a module import its own from where they are kept for ever, too.
  private byte[] withImports(byte[] script) {
    var text = new String(script, StandardCharsets.UTF_8);
    return IMPORT
        .matcher(text)
        .replaceAll(match -> match.group(1) + path(match.group(2)) + "\"")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String hash(byte[] bytes) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest).substring(0, HASH_CHARS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String contentType(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      case "png" -> "image/png";
      default -> "application/octet-stream";
    };
  }

  private static FairwayException missing(String name) {
    return new FairwayException(ErrorCode.NOT_FOUND, "There is no file " + name, "");
  }
}
