package dev.fairway.agent;

import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What a [StepRunner] runs: a step, or a hook that a step's action has at the job's begin or end.
interface Turn {
  /// The variables of its own.
  Map<String, String> environment(Contexts contexts);

  boolean shouldRun(Contexts contexts);

  boolean toleratesFailure(Contexts contexts);

  /// How long it may take; empty means as long as the job may.
  Optional<Duration> timeout(Contexts contexts);

  /// What `GITHUB_ACTION` calls it.
  String word();

  /// What it does. Called once, after its condition held.
  Action begin(Scene scene) throws IOException, InterruptedException;

  /// Takes what it has written to `GITHUB_STATE`.
  void keep(Map<String, String> state);

  /// Where and with what a turn runs.
  ///
  /// @param own its variables
  /// @param variables all those of its process
  /// @param outputs takes its outputs
  record Scene(
      StepScope scope,
      Spot spot,
      Contexts contexts,
      Map<String, String> own,
      Map<String, String> variables,
      Map<String, String> outputs) {}

  /// Where a turn stands in the job.
  ///
  /// @param index of the job's step that shows it
  /// @param path of the step within the job, such as `3/1` for the second step of the composite
  ///   action that the fourth step uses
  /// @param depth how many composite actions are around it
  /// @param around ends it early, beside what ends every step
  record Spot(int index, String path, int depth, Optional<Stop> around) {
    static Spot ofJob(Step step, Optional<Stop> around) {
      return new Spot(step.index() + 1, Integer.toString(step.index()), 0, around);
    }

    Spot inner(Step step, Stop stop) {
      return new Spot(index, path + "/" + step.index(), depth + 1, Optional.of(stop));
    }
  }
}
