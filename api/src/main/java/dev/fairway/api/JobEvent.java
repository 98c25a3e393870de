package dev.fairway.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What an agent tells about a running job, in order.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = JobEvent.StepStarted.class, name = "step_started"),
  @JsonSubTypes.Type(value = JobEvent.StepFinished.class, name = "step_finished"),
  @JsonSubTypes.Type(value = JobEvent.Annotation.class, name = "annotation"),
  @JsonSubTypes.Type(value = JobEvent.Summary.class, name = "summary"),
  @JsonSubTypes.Type(value = JobEvent.SandboxNote.class, name = "sandbox_note")
})
public sealed interface JobEvent {
  Instant at();

  /// @param index the step's position in the job from 0; "Set up job" is step 0
  /// @param logOffset the byte of the job's log at which the step begins
  /// @param logLine the line at which it begins, from 1
  record StepStarted(Instant at, int index, String name, long logOffset, long logLine)
      implements JobEvent {}

  /// @param outcome what the step did
  /// @param conclusion what it counts as: `success` for a failed step that may fail
  record StepFinished(Instant at, int index, Outcome outcome, Outcome conclusion)
      implements JobEvent {}

  /// @param level `error`, `warning` or `notice`
  /// @param line in the file, 0 where none was named
  record Annotation(
      Instant at,
      int step,
      String level,
      String message,
      @Nullable String file,
      int line,
      int column)
      implements JobEvent {}

  /// A step's summary, in Markdown.
  record Summary(Instant at, int step, String markdown) implements JobEvent {
    /// A longer one is cut. Even if every character needed six bytes in JSON, it would fit into one
    /// request.
    public static final int MAX_CHARS = 128 << 10;
  }

  /// How the job is isolated, and what is missing on that machine.
  record SandboxNote(Instant at, String text) implements JobEvent {}
}
