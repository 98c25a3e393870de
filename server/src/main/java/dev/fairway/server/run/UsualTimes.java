package dev.fairway.server.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The medians of the last runs of a workflow that came to an end by themselves.
///
/// @param run null where there are none
/// @param runs how many were looked at
record UsualTimes(
    @Nullable Duration run, int runs, Map<String, Duration> jobs, Map<String, Duration> steps) {
  private static final int RUNS = 10;

  UsualTimes {
    jobs = Map.copyOf(jobs);
    steps = Map.copyOf(steps);
  }

  /// Those before this run.
  static UsualTimes before(Handle tx, Run run) {
    var whole =
        tx.createQuery(
                """
                SELECT count(*) AS runs,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY extract(epoch FROM ended_at - started_at)) AS seconds
                FROM (
                  SELECT started_at, ended_at FROM run
                  WHERE project_id = :project AND workflow_path = :workflow AND number < :number
                    AND phase = 'ended' AND outcome IN ('success', 'failure')
                    AND started_at IS NOT NULL
                  ORDER BY number DESC LIMIT :runs
                ) recent
                """)
            .bind("project", run.projectId())
            .bind("workflow", run.workflowPath())
            .bind("number", run.number())
            .bind("runs", RUNS)
            .map((row, _) -> Map.entry(row.getInt("runs"), duration(row.getDouble("seconds"))))
            .one();
    if (whole.getKey() == 0) {
      return new UsualTimes(null, 0, Map.of(), Map.of());
    }
    return new UsualTimes(whole.getValue(), whole.getKey(), jobs(tx, run), steps(tx, run));
  }

  private static Map<String, Duration> jobs(Handle tx, Run run) {
    var jobs = new HashMap<String, Duration>();
    tx.createQuery(
            """
            SELECT job.name,
                   percentile_cont(0.5) WITHIN GROUP (
                     ORDER BY extract(epoch FROM job.ended_at - job.started_at)) AS seconds
            FROM (
              SELECT id FROM run
              WHERE project_id = :project AND workflow_path = :workflow AND number < :number
                AND phase = 'ended' AND outcome IN ('success', 'failure')
                AND started_at IS NOT NULL
              ORDER BY number DESC LIMIT :runs
            ) recent
            JOIN job ON job.run_id = recent.id AND job.current
            WHERE job.started_at IS NOT NULL AND job.outcome IN ('success', 'failure')
            GROUP BY job.name
            """)
        .bind("project", run.projectId())
        .bind("workflow", run.workflowPath())
        .bind("number", run.number())
        .bind("runs", RUNS)
        .map((row, _) -> Map.entry(row.getString("name"), duration(row.getDouble("seconds"))))
        .forEach(each -> jobs.put(each.getKey(), each.getValue()));
    return jobs;
  }

  private static Map<String, Duration> steps(Handle tx, Run run) {
    var steps = new HashMap<String, Duration>();
    tx.createQuery(
            """
            SELECT job.name AS job, step.name AS step,
                   percentile_cont(0.5) WITHIN GROUP (
                     ORDER BY extract(epoch FROM step.ended_at - step.started_at)) AS seconds
            FROM (
              SELECT id FROM run
              WHERE project_id = :project AND workflow_path = :workflow AND number < :number
                AND phase = 'ended' AND outcome IN ('success', 'failure')
                AND started_at IS NOT NULL
              ORDER BY number DESC LIMIT :runs
            ) recent
            JOIN job ON job.run_id = recent.id AND job.current
            JOIN step ON step.job_id = job.id
            WHERE step.conclusion IN ('success', 'failure')
            GROUP BY job.name, step.name
            """)
        .bind("project", run.projectId())
        .bind("workflow", run.workflowPath())
        .bind("number", run.number())
        .bind("runs", RUNS)
        .map((row, _) ->
            Map.entry(
                key(row.getString("job"), row.getString("step")),
                duration(row.getDouble("seconds"))))
        .forEach(each -> steps.put(each.getKey(), each.getValue()));
    return steps;
  }

  @Nullable Duration ofJob(String name) {
    return jobs.get(name);
  }

  @Nullable Duration ofStep(String job, String step) {
    return steps.get(key(job, step));
  }

  private static String key(String job, String step) {
    return job + "\0" + step;
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }
}
