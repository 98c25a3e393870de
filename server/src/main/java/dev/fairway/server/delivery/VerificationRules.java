package dev.fairway.server.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Locale;

/// When a release that has the traffic counts as verified.
///
/// @param duration how long it is watched
/// @param maxErrorRate the share of failed requests, 0 to 1, up to which nothing is wrong
/// @param minRequests fewer requests than these say nothing about errors
/// @param littleTraffic what follows when there were fewer
public record VerificationRules(
    Duration duration, double maxErrorRate, long minRequests, LittleTraffic littleTraffic) {

  /// What a window with too few requests and good health means.
  public enum LittleTraffic {
    /// Good health alone is enough; the verdict says so.
    PASS,
    /// It is not enough: the release is taken back.
    FAIL;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static LittleTraffic ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  static final VerificationRules DEFAULT =
      new VerificationRules(Duration.ofSeconds(30), 0.05, 50, LittleTraffic.PASS);
}
