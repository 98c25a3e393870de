package dev.fairway.workflow;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Who waits for whom: every needed job exists, nobody waits for itself.
final class NeedsGraph {

  static final String NO_START = "The workflow must contain at least one job with no dependencies.";

  /// One entry of `needs`.
  record Need(String job, Position position) {}

  private final Map<String, List<Need>> needs;
  private final Problems problems;

  NeedsGraph(Map<String, List<Need>> needs, Problems problems) {
    this.needs = needs;
    this.problems = problems;
  }

  /// @param jobs where the mapping of all jobs begins
  void check(Position jobs) {
    Map<Need, String> unknown = unknown();
    Set<String> circle = circle();
    if (!needs.isEmpty() && needs.values().stream().noneMatch(List::isEmpty)) {
      // One finding, as all that follows from it would be about the same jobs.
      problems.error(jobs, NO_START + " " + why(unknown, circle));
      return;
    }
    unknown.forEach((need, job) ->
        problems.error(
            need.position(), "Job '%s' depends on unknown job '%s'.".formatted(job, need.job())));
    needs.forEach((job, list) ->
        list.stream()
            .filter(need -> circle.contains(job) && circle.contains(need.job()))
            .forEach(need ->
                problems.error(
                    need.position(),
                    "Job '%s' depends on job '%s' which creates a cycle in the dependency"
                            .formatted(job, need.job())
                        + " graph.")));
  }

  /// Entries that name no job, and whose they are.
  private Map<Need, String> unknown() {
    Map<Need, String> unknown = new LinkedHashMap<>();
    needs.forEach((job, list) ->
        list.stream()
            .filter(need -> !needs.containsKey(need.job()))
            .forEach(need -> unknown.put(need, job)));
    return unknown;
  }

  private String why(Map<Need, String> unknown, Set<String> circle) {
    return unknown.isEmpty()
        ? "These wait for each other: "
            + needs.keySet().stream().filter(circle::contains).collect(Collectors.joining(", "))
        : unknown.entrySet().stream()
            .map(entry ->
                "'%s' needs '%s', which is no job"
                    .formatted(entry.getValue(), entry.getKey().job()))
            .collect(Collectors.joining("; "));
  }

  /// What is left when jobs that wait for nobody, and jobs that nobody waits for, are taken away
  /// until there are none.
  private Set<String> circle() {
    Set<String> left = new HashSet<>(needs.keySet());
    Map<String, Set<String>> forward = new HashMap<>();
    Map<String, Set<String>> backward = new HashMap<>();
    for (String job : left) {
      forward.put(job, new HashSet<>());
      backward.put(job, new HashSet<>());
    }
    needs.forEach((job, list) ->
        list.stream()
            .filter(need -> left.contains(need.job()))
            .forEach(need -> {
              edges(forward, job).add(need.job());
              edges(backward, need.job()).add(job);
            }));
    peel(left, forward, backward);
    peel(left, backward, forward);
    return left;
  }

  private static void peel(
      Set<String> left, Map<String, Set<String>> out, Map<String, Set<String>> in) {
    ArrayDeque<String> ends = new ArrayDeque<>();
    left.stream().filter(job -> edges(out, job).isEmpty()).forEach(ends::add);
    while (!ends.isEmpty()) {
      String end = ends.remove();
      if (left.remove(end)) {
        for (String before : edges(in, end)) {
          edges(out, before).remove(end);
          if (edges(out, before).isEmpty()) {
            ends.add(before);
          }
        }
      }
    }
  }

  private static Set<String> edges(Map<String, Set<String>> edges, String job) {
    return edges.computeIfAbsent(job, _ -> new HashSet<>());
  }
}
