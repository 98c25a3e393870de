package dev.fairway.cli;

import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Decision;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.JobInstance;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.JobState;
import dev.fairway.workflow.Outcome;
import dev.fairway.workflow.RunPlanner;
import dev.fairway.workflow.RunState;
import dev.fairway.workflow.Workflow;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a workflow has, and what a run of it would do, without running anything.
final class RunListing {
  private RunListing() {}

  /// One instance of a job that would run.
  ///
  /// @param stage from 1: it starts when all of an earlier stage have ended that it needs
  record Would(
      int stage,
      String job,
      String name,
      List<String> runsOn,
      Map<String, String> permissions,
      List<String> steps) {}

  /// Or would not.
  record WouldNot(String job, String name, String outcome, String reason) {}

  record DryRun(String workflow, List<Would> starts, List<WouldNot> concluded) {}

  /// The jobs as the file has them, each after those that it needs.
  static void list(Workflow workflow, PrintWriter out) {
    out.println(
        workflow.file() + (workflow.name().isPresent() ? "  " + workflow.displayName() : ""));
    var left = new ArrayList<>(workflow.outline());
    var known = left.stream().map(Workflow.Outline::path).toList();
    var listed = new ArrayList<String>();
    var depth = new LinkedHashMap<String, Integer>();
    while (!left.isEmpty()) {
      var next =
          left.stream()
              .filter(job ->
                  job.needs().stream()
                      .noneMatch(need -> known.contains(need) && !listed.contains(need)))
              .findFirst()
              .orElse(left.getFirst());
      left.remove(next);
      listed.add(next.path());
      var level =
          next.needs().stream().mapToInt(need -> depth.getOrDefault(need, 0) + 1).max().orElse(0);
      depth.put(next.path(), level);
      out.println(
          "  "
              + "   ".repeat(level)
              + (level == 0 ? "" : "└─ ")
              + next.path()
              + (next.name().equals(next.path()) ? "" : "  (" + next.name() + ")")
              + (next.call() ? "  calls a workflow" : "")
              + (next.needs().isEmpty() ? "" : "  after " + String.join(", ", next.needs())));
    }
  }

  /// What would start, and when, if every job succeeded.
  static DryRun dryRun(Workflow workflow, Contexts contexts) {
    var states = new LinkedHashMap<JobKey, JobState>();
    var starts = new ArrayList<Would>();
    var concluded = new ArrayList<WouldNot>();
    for (var stage = 1; ; stage++) {
      var plan =
          RunPlanner.plan(workflow, new RunState(contexts, List.copyOf(states.values()), false));
      for (var decision : plan.decisions()) {
        switch (decision) {
          case Decision.Start(var instance) -> {
            starts.add(would(stage, instance, contexts));
            states.put(
                instance.key(), new JobState.Finished(instance.key(), Outcome.SUCCESS, Map.of()));
          }
          case Decision.Conclude(var key, var name, var outcome, var reason) -> {
            concluded.add(new WouldNot(key.toString(), name, outcome.label(), reason));
            states.put(key, new JobState.Finished(key, outcome, Map.of()));
          }
          case Decision.Cancel _ -> {}
        }
      }
      if (plan.done() || plan.decisions().isEmpty()) {
        return new DryRun(workflow.file(), starts, concluded);
      }
    }
  }

  private static Would would(int stage, JobInstance instance, Contexts contexts) {
    var seen =
        contexts
            .with("inputs", instance.inputs())
            .with("needs", instance.needs())
            .with("matrix", instance.matrix())
            .with("strategy", instance.strategy());
    var steps = new ArrayList<String>();
    for (var step : instance.job().steps()) {
      try {
        steps.add(step.displayName(seen));
      } catch (EvaluationException e) {
        steps.add("Step " + (step.index() + 1) + ", whose name is known only when it runs");
      }
    }
    return new Would(
        stage,
        instance.key().toString(),
        instance.name(),
        instance.labels(),
        instance.permissions().words(),
        steps);
  }

  static void print(DryRun run, PrintWriter out) {
    out.println(run.workflow());
    for (var job : run.starts()) {
      out.println(
          "  %d. %s  runs on %s; token: %s"
              .formatted(job.stage(), job.name(), job.runsOn(), job.permissions()));
      job.steps().forEach(step -> out.println("       - " + step));
    }
    run.concluded()
        .forEach(job ->
            out.println("     %s  %s: %s".formatted(job.name(), job.outcome(), job.reason())));
  }
}
