package dev.fairway.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The last word of an agent about an attempt.
///
/// @param reason why, one sentence; empty for a success
/// @param outputs the job's outputs, evaluated
/// @param events how many events were sent in all
/// @param logSize how many bytes of log were sent in all
/// @param environmentUrl where people find what the job brought to its environment; null where it
///   does not say
/// @param use null from agents that do not tell
/// @param actions those that the agent fetched for the job; empty from agents that do not tell
/// @param tail what of events and log was not sent yet; null where all of it was
public record JobCompletion(
    long fence,
    Outcome outcome,
    String reason,
    Map<String, String> outputs,
    long events,
    long logSize,
    List<ResolvedAction> actions,
    @Nullable String environmentUrl,
    @Nullable ResourceUse use,
    @Nullable Tail tail) {
  /// All outputs of a job together, as JSON.
  public static final int MAX_OUTPUT_CHARS = 256 << 10;

  /// The end of what a job said, taken before the job ends: most jobs have no more than that.
  ///
  /// @param firstEvent the number of the first of the events
  /// @param logOffset where in the job's log the bytes begin
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Tail(long firstEvent, List<JobEvent> events, long logOffset, byte[] log) {
    public static final int MAX_EVENTS = 200;

    /// Of the events, as JSON.
    public static final int MAX_EVENT_BYTES = 128 << 10;

    public static final int MAX_LOG_BYTES = 64 << 10;

    public Tail {
      events = List.copyOf(events);
    }
  }

  public JobCompletion {
    outputs = Map.copyOf(outputs);
    actions = actions == null ? List.of() : List.copyOf(actions);
  }

  /// Of a job that fetched no action.
  public JobCompletion(
      long fence,
      Outcome outcome,
      String reason,
      Map<String, String> outputs,
      long events,
      long logSize) {
    this(fence, outcome, reason, outputs, events, logSize, List.of(), null, null, null);
  }

  public JobCompletion withTail(@Nullable Tail rest) {
    return new JobCompletion(
        fence, outcome, reason, outputs, events, logSize, actions, environmentUrl, use, rest);
  }
}
