package dev.fairway.workflow;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A job as the file defines it; [JobInstance] is one of its executions.
///
/// @param position of its id
/// @param needs ids of the jobs that end before it starts
/// @param defaults its own and, under them, the workflow's
public record Job(
    String id,
    Position position,
    Optional<Template> name,
    List<String> needs,
    Condition condition,
    Tree runsOn,
    Optional<Strategy> strategy,
    Optional<Template> timeoutMinutes,
    Template continueOnError,
    Tree env,
    Tree outputs,
    Defaults defaults,
    JobSettings settings,
    List<Step> steps) {

  /// How long a job may take that does not say.
  public static final Duration DEFAULT_TIMEOUT = Duration.ofHours(6);

  public Job {
    needs = List.copyOf(needs);
    steps = List.copyOf(steps);
  }

  /// The job's own variables; the workflow's lie under them.
  public Map<String, String> environment(Contexts contexts) {
    return Settings.shown(env, env.strings(contexts));
  }

  /// What `needs.ID.outputs` will hold, evaluated after the last step.
  public Map<String, String> outputs(Contexts contexts) {
    return new LinkedHashMap<>(outputs.strings(contexts));
  }
}
