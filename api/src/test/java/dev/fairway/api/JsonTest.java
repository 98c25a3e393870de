package dev.fairway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

final class JsonTest {
  private static final Instant AT = Instant.parse("2026-11-22T14:02:11.123Z");

  @Test
  void everyKindOfJobEventReadsBackAsItWasWritten() {
    List<JobEvent> events =
        List.of(
            new JobEvent.StepStarted(AT, 0, "Set up job", 0, 1),
            new JobEvent.StepFinished(AT, 0, Outcome.TIMED_OUT, Outcome.SUCCESS),
            new JobEvent.Annotation(AT, 1, "error", "no such file", null, 0, 0),
            new JobEvent.Summary(AT, 1, "# All well"),
            new JobEvent.SandboxNote(AT, "bubblewrap, memory and pids bounded"));
    var sent = new JobEvents(7, 40, events);

    var received = Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(sent), JobEvents.class);

    assertThat(received).isEqualTo(sent);
  }

  @Test
  void outcomesTravelAsTheWordsThatPeopleSee() {
    assertThat(Json.MAPPER.writeValueAsString(Outcome.TIMED_OUT)).isEqualTo("\"timed_out\"");
  }

  @Test
  void timesTravelAsText() {
    assertThat(Json.MAPPER.writeValueAsString(Map.of("at", AT)))
        .isEqualTo("{\"at\":\"2026-11-22T14:02:11.123Z\"}");
  }

  @Test
  void refusesAMisspeltField() {
    assertThatThrownBy(() -> Json.MAPPER.readValue("{\"fense\":1}", Heartbeat.class))
        .isInstanceOf(JacksonException.class)
        .hasMessageContaining("fense");
  }

  @Test
  void refusesAMissingNumberInsteadOfReadingZero() {
    assertThatThrownBy(() -> Json.MAPPER.readValue("{\"fence\":null}", Heartbeat.class))
        .isInstanceOf(JacksonException.class);
  }

  @Test
  void aProblemBecomesTheSameRefusalOnTheOtherSide() {
    var refusal =
        new FairwayException(
            ErrorCode.LOG_GAP, "The log has 10 bytes", "Resend from 10.", Map.of("size", 10), null);

    var problem =
        Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(Problem.of(refusal)), Problem.class);

    assertThat(problem.status()).isEqualTo(409);
    assertThat(problem.toException().code()).isEqualTo(ErrorCode.LOG_GAP);
    assertThat(problem.toException().details()).isEqualTo(Map.of("size", 10));
  }
}
