package dev.fairway.workflow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Carries out plans as a server would: it remembers what was decided and what ended.
final class PlannedRun {
  private final Workflow workflow;
  private final Map<JobKey, JobState> jobs = new LinkedHashMap<>();
  private final Map<JobKey, JobInstance> instances = new LinkedHashMap<>();
  private final List<String> log = new ArrayList<>();
  private boolean cancelled;
  private final Contexts contexts =
      Contexts.empty()
          .with("github", Value.ofJson("{\"ref\": \"refs/heads/main\"}"))
          .with("inputs", Value.object())
          .with("vars", Value.ofJson("{\"REGION\": \"eu\"}"));

  PlannedRun(String text) {
    this(Workflows.valid(text));
  }

  PlannedRun(Workflow workflow) {
    this.workflow = workflow;
  }

  /// A run whose second job has these lines too, and sees what its first one made.
  static PlannedRun made(String lines, String json) {
    PlannedRun run =
        new PlannedRun(
            """
            on: push
            jobs:
              plan:
                runs-on: linux
                outputs: {made: '${{ steps.s.outputs.made }}'}
                steps: [{id: s, run: plan}]
              test:
                needs: plan
                runs-on: linux
                steps: [{run: test}]
            """
                + lines.indent(4));
    run.step();
    return run.end(new JobKey("plan", 0), Outcome.SUCCESS, Map.of("made", json));
  }

  Plan step() {
    Plan plan =
        RunPlanner.plan(workflow, new RunState(contexts, List.copyOf(jobs.values()), cancelled));
    for (Decision decision : plan.decisions()) {
      switch (decision) {
        case Decision.Start start -> {
          jobs.put(start.key(), new JobState.Active(start.key()));
          instances.put(start.key(), start.instance());
          log.add("start " + start.instance().name());
        }
        case Decision.Conclude conclude -> {
          jobs.put(
              conclude.key(), new JobState.Finished(conclude.key(), conclude.outcome(), Map.of()));
          log.add(conclude.outcome().label() + " " + conclude.name());
        }
        case Decision.Cancel cancel -> log.add("cancel " + cancel.key());
      }
    }
    return plan;
  }

  /// What a fresh plan decides.
  List<String> next() {
    log.clear();
    step();
    return List.copyOf(log);
  }

  PlannedRun end(String job, Outcome outcome) {
    return end(new JobKey(job, 0), outcome, Map.of());
  }

  PlannedRun end(JobKey key, Outcome outcome, Map<String, String> outputs) {
    assertThat(jobs.get(key)).isEqualTo(new JobState.Active(key));
    jobs.put(key, new JobState.Finished(key, outcome, outputs));
    return this;
  }

  PlannedRun cancel() {
    cancelled = true;
    return this;
  }

  /// What the last plan decided.
  List<String> log() {
    return List.copyOf(log);
  }

  Contexts contexts() {
    return contexts;
  }

  /// One that was started, by its name.
  JobInstance instance(String name) {
    return instances.values().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  JobInstance instance(JobKey key) {
    return requireNonNull(instances.get(key));
  }

  PlannedRun end(String name, Outcome outcome, Map<String, String> outputs) {
    return end(instance(name).key(), outcome, outputs);
  }
}
