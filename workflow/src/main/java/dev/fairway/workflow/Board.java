package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// What is known about the jobs of a run while a plan is made, and what the plan has decided.
final class Board {
  /// From this many jobs on a run calls nothing more: matrices of calls multiply each other.
  static final int MAX_JOBS = 10_000;

  private final NavigableMap<JobKey, JobState> known = new TreeMap<>();

  private final List<JobKey> concluded = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final List<JobInstance> held = new ArrayList<>();

  /// How far the plan has come.
  record Mark(int concluded, int decisions, int held) {}

  Board(List<JobState> jobs) {
    jobs.forEach(job -> known.put(job.key(), job));
  }

  Optional<JobState> state(JobKey key) {
    return Optional.ofNullable(known.get(key));
  }

  /// Everything known of a job: its instances, and the jobs below them if it is a call.
  List<JobState> statesOf(String path) {
    return from(path).values().stream().filter(state -> under(state.key().job(), path)).toList();
  }

  /// Whether anything is known below an instance of a call.
  boolean begun(JobKey call) {
    return !from(call.below()).isEmpty();
  }

  boolean full() {
    return known.size() + decisions.size() >= MAX_JOBS;
  }

  /// What is known of jobs whose path begins so.
  private NavigableMap<JobKey, JobState> from(String path) {
    return known.subMap(
        new JobKey(path, 0), true, new JobKey(path + Character.MAX_VALUE, 0), false);
  }

  private static boolean under(String job, String path) {
    return job.startsWith(path)
        && (job.length() == path.length()
            || job.startsWith(JobKey.SEPARATOR, path.length())
            || job.startsWith(JobKey.INDEX, path.length()));
  }

  void start(JobInstance instance) {
    decisions.add(new Decision.Start(instance));
  }

  void hold(JobInstance instance) {
    held.add(instance);
  }

  void cancel(JobKey key, String reason) {
    decisions.add(new Decision.Cancel(key, reason));
  }

  JobResult conclude(JobKey key, String name, Outcome outcome, String reason) {
    JobState.Finished finished = new JobState.Finished(key, outcome, Map.of());
    decisions.add(new Decision.Conclude(key, name, outcome, reason));
    known.put(key, finished);
    concluded.add(key);
    return JobResult.of(finished);
  }

  Mark mark() {
    return new Mark(concluded.size(), decisions.size(), held.size());
  }

  /// Takes back what was decided since.
  void backTo(Mark mark) {
    List<JobKey> since = concluded.subList(mark.concluded(), concluded.size());
    since.forEach(known::remove);
    since.clear();
    decisions.subList(mark.decisions(), decisions.size()).clear();
    held.subList(mark.held(), held.size()).clear();
  }

  Plan plan(Optional<Outcome> outcome) {
    return new Plan(decisions, held, outcome);
  }
}
