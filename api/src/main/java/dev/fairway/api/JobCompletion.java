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
public record JobCompletion(
    long fence,
    Outcome outcome,
    String reason,
    Map<String, String> outputs,
    long events,
    long logSize,
    List<ResolvedAction> actions,
    @Nullable String environmentUrl,
    @Nullable ResourceUse use) {
  /// All outputs of a job together, as JSON.
  public static final int MAX_OUTPUT_CHARS = 256 << 10;

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
    this(fence, outcome, reason, outputs, events, logSize, List.of(), null, null);
  }
}
