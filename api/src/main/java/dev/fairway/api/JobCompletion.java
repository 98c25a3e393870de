package dev.fairway.api;

import java.util.Map;

/// The last word of an agent about an attempt.
///
/// @param reason why, one sentence; empty for a success
/// @param outputs the job's outputs, evaluated
/// @param events how many events were sent in all
/// @param logSize how many bytes of log were sent in all
public record JobCompletion(
    long fence,
    Outcome outcome,
    String reason,
    Map<String, String> outputs,
    long events,
    long logSize) {
  /// All outputs of a job together, as JSON.
  public static final int MAX_OUTPUT_CHARS = 256 << 10;

  public JobCompletion {
    outputs = Map.copyOf(outputs);
  }
}
