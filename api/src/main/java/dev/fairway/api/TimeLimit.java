package dev.fairway.api;

import java.time.Duration;

/// How long something may take; as text it is `6 minutes`, or `90 seconds` where a part of a minute
/// counts.
///
/// @param time at least a millisecond matters
public record TimeLimit(Duration time) {
  private static final int SECONDS = 60;

  public static TimeLimit ofSeconds(long seconds) {
    return new TimeLimit(Duration.ofSeconds(seconds));
  }

  @Override
  public String toString() {
    if (time.toMillis() % 1_000 != 0) {
      return "%s seconds".formatted(time.toMillis() / 1_000.0);
    }
    var seconds = time.toSeconds();
    return seconds % SECONDS == 0 ? count(seconds / SECONDS, "minute") : count(seconds, "second");
  }

  private static String count(long number, String one) {
    return number == 1 ? "1 " + one : number + " " + one + "s";
  }
}
