package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronTest {

  private static List<String> next(Cron cron, String after, int count) {
    List<String> times = new ArrayList<>();
    Instant at = Instant.parse(after);
    for (int i = 0; i < count; i++) {
      at = cron.next(at).orElseThrow();
      times.add(at.toString());
    }
    return times;
  }

  @ParameterizedTest
  @CsvSource({
    "'*/15 * * * *', 2026-01-01T00:15:00Z, 2026-01-01T00:30:00Z",
    "'*/15 * * * *', 2026-01-01T00:14:59Z, 2026-01-01T00:15:00Z",
    "'30 5,17 * * *', 2026-01-01T05:30:00Z, 2026-01-01T17:30:00Z",
    "'0 0 * * MON-FRI', 2026-01-02T00:00:00Z, 2026-01-05T00:00:00Z",
    "'0 0 1 jan *', 2026-01-01T00:00:00Z, 2027-01-01T00:00:00Z",
    "'0 12 29 2 *', 2026-01-01T00:00:00Z, 2028-02-29T12:00:00Z",
    "'20/20 4 * * *', 2026-01-01T04:20:00Z, 2026-01-01T04:40:00Z",
    "'0 8-10/2 * * *', 2026-01-01T08:00:00Z, 2026-01-01T10:00:00Z",
    "'59 23 31 12 *', 2026-06-01T00:00:00Z, 2026-12-31T23:59:00Z",
  })
  void fallsDueNext(String cron, String after, String next) {
    assertThat(Cron.of(cron).next(Instant.parse(after))).contains(Instant.parse(next));
  }

  @Test
  void eitherKindOfDayIsEnoughWhereBothAreRestricted() {
    assertThat(next(Cron.of("0 0 13 * FRI"), "2026-11-01T00:00:00Z", 4))
        .containsExactly(
            "2026-11-06T00:00:00Z",
            "2026-11-13T00:00:00Z",
            "2026-11-20T00:00:00Z",
            "2026-11-27T00:00:00Z");
    assertThat(next(Cron.of("0 0 */13 * FRI"), "2026-10-31T00:00:00Z", 1))
        .containsExactly("2026-11-27T00:00:00Z");
  }

  @Test
  void aDayThatNeverComesHasNoNextTime() {
    assertThat(Cron.of("0 0 30 2 *").next(Instant.EPOCH)).isEqualTo(Optional.empty());
  }

  @Test
  void aTimeThatTheClockSkipsOrRepeatsIsDueOnce() {
    Cron daily = Cron.of("30 2 * * *", ZoneId.of("Europe/Berlin"));
    assertThat(next(daily, "2026-03-28T00:00:00Z", 3))
        .containsExactly("2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
    assertThat(next(daily, "2026-10-24T12:00:00Z", 2))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
  }

  @ParameterizedTest
  @CsvSource({
    "'* * * *', 'it has 4 fields, not five: minute, hour, day of the month, month, day of the"
        + " week'",
    "'60 * * * *', '''60'' is not a minute from 0 to 59'",
    "'* * 0 * *', '''0'' is not a day of the month from 1 to 31'",
    "'* * * * 7', '''7'' is not a day of the week from 0 to 6'",
    "'* * * foo *', '''foo'' is not a month from 1 to 12'",
    "'*/0 * * * *', 'the step ''0'' of the minute is not a number from 1 to 59'",
    "'30-10 * * * *', 'the range ''30-10'' of the minute ends before it begins'",
    "'1,,2 * * * *', ''''' is not a minute from 0 to 59'",
    "'@daily', '''@daily'' is not supported; write the five fields, for example ''0 0 * * *'''",
    "'? * * * *', '''?'' is not a minute from 0 to 59'",
  })
  void refusesWhatIsNotFiveFields(String cron, String why) {
    assertThatThrownBy(() -> Cron.of(cron))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }

  @Test
  void theWorkflowSaysWhichScheduleIsWrongAndWhere() {
    assertThat(
            Workflows.findings(
                """
                on:
                  schedule:
                    - cron: '0 5 * * 1-5'
                      timezone: Europe/London
                    - cron: '61 * * * *'
                    - cron: '*/2 * * * *'
                    - cron: '0 0 * * *'
                      timezone: Mars/Base
                jobs:
                  a: {runs-on: x, steps: [{run: y}]}
                """))
        .containsExactly(
            "ci.yml:5:13: Invalid cron expression: '61' is not a minute from 0 to 59. Expected"
                + " format: '* * * * *' (minute hour day month weekday)",
            "ci.yml:6:13: warning: This is due more often than every 5 minutes; GitHub runs it"
                + " every 5 minutes",
            "ci.yml:8:17: Unexpected value 'Mars/Base'. Expected the IANA name of a time zone, such"
                + " as Europe/London");
  }
}
