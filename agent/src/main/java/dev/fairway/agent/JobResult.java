package dev.fairway.agent;

import dev.fairway.api.Outcome;
import dev.fairway.api.ResolvedAction;
import dev.fairway.api.ResourceUse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a job ended.
///
/// @param reason why, one sentence; empty for a success
/// @param outputs evaluated; those that would show a secret are left out
/// @param events how many the host was given
/// @param logSize how many bytes of log the host was given
/// @param environmentUrl of the job's environment; null where it does not say
/// @param actions those of other repositories that the job has fetched
/// @param use what its processes used
public record JobResult(
    Outcome outcome,
    String reason,
    Map<String, String> outputs,
    long events,
    long logSize,
    List<ResolvedAction> actions,
    @Nullable String environmentUrl,
    ResourceUse use) {
  public JobResult {
    outputs = Map.copyOf(outputs);
    actions = List.copyOf(actions);
  }

  /// Of a job that fetched no action.
  public JobResult(
      Outcome outcome, String reason, Map<String, String> outputs, long events, long logSize) {
    this(outcome, reason, outputs, events, logSize, List.of(), null, ResourceUse.UNKNOWN);
  }
}
