package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.0s",
    "49, 0.0s",
    "50, 0.1s",
    "449, 0.4s",
    "12345, 12.3s",
    "59999, 60.0s",
    "60000, 1m 00s",
    "187999, 3m 07s",
    "3599999, 59m 59s",
    "3720000, 1h 02m",
    "360000000, 100h 00m"
  })
  void areShownAsPeopleReadThem(long millis, String text) {
    assertThat(Durations.text(millis)).isEqualTo(text);
  }
}
