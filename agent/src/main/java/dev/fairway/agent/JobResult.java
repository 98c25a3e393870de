package dev.fairway.agent;

import dev.fairway.api.Outcome;
import java.util.Map;

/// How a job ended.
///
/// @param reason why, one sentence; empty for a success
/// @param outputs evaluated; those that would show a secret are left out
/// @param events how many the host was given
/// @param logSize how many bytes of log the host was given
public record JobResult(
    Outcome outcome, String reason, Map<String, String> outputs, long events, long logSize) {
  public JobResult {
    outputs = Map.copyOf(outputs);
  }
}
