package dev.fairway.server.artifact;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.vault.SecretKeys;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;

/// Addresses that need no sign-in for a while, because we signed them: the official clients send no
/// token to where bytes are kept.
final class SignedUrls {
  /// Long enough for the largest upload over a slow line.
  static final Duration LIFE = Duration.ofHours(1);

  private static final String EXPIRES = "se";
  private static final String SIGNATURE = "sig";

  private final SecretKeys keys;
  private final InstantSource clock;

  SignedUrls(SecretKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /// @param method the only one it is for
  String make(String origin, String method, String path) {
    var expires = clock.instant().plus(LIFE).getEpochSecond();
    var signature = keys.sign(text(method, path, expires));
    return "%s%s?%s=%d&%s=%s"
        .formatted(
            origin,
            path,
            EXPIRES,
            expires,
            SIGNATURE,
            URLEncoder.encode(signature, StandardCharsets.UTF_8));
  }

  /// Refuses a request whose address we did not sign for its method, or not any more.
  void require(Exchange exchange) {
    var expires = exchange.queryNumber(EXPIRES, 0, 0, Long.MAX_VALUE);
    var method = exchange.method().equals("HEAD") ? "GET" : exchange.method();
    var signature = exchange.query(SIGNATURE).orElse("");
    if (expires < clock.instant().getEpochSecond()
        || !keys.signed(text(method, exchange.path(), expires), signature)) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN, "The address is not valid, or not any more", "Ask for a new one.");
    }
  }

  private static String text(String method, String path, long expires) {
    return method + " " + path + " " + expires;
  }
}
