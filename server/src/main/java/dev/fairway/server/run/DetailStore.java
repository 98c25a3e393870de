package dev.fairway.server.run;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResourceUse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What agents tell about jobs: the tables `step` and `annotation`.
final class DetailStore {
  private DetailStore() {}

  /// The steps of all jobs of a run, by job.
  static Map<UUID, List<StepRun>> stepsOfRun(Handle tx, UUID run) {
    return tx
        .createQuery(
            """
            SELECT step.* FROM step JOIN job ON job.id = step.job_id AND job.current
            WHERE job.run_id = :run
            ORDER BY job.position, job.matrix_index, step.log_offset, step.index
            """)
        .bind("run", run)
        .map((row, _) -> StepRun.map(row))
        .stream()
        .collect(Collectors.groupingBy(StepRun::jobId));
  }

  /// What a step was in the middle of when its job ended, nobody will tell any more.
  static void endSteps(Handle tx, UUID job, Outcome outcome, Instant at) {
    tx.createUpdate(
            """
            UPDATE step SET ended_at = :at, outcome = :outcome, conclusion = :outcome
            WHERE job_id = :job AND ended_at IS NULL
            """)
        .bind("job", job)
        .bind("outcome", outcome.word())
        .bind("at", at)
        .execute();
  }

  /// A step that wrote a summary.
  record Summarised(String job, String step, String summary) {}

  static List<Summarised> summaries(Handle tx, UUID run) {
    return tx.createQuery(
            """
            SELECT job.name AS job, step.name AS step, step.summary
            FROM step JOIN job ON job.id = step.job_id AND job.current
            WHERE job.run_id = :run AND step.summary <> ''
            ORDER BY job.position, job.matrix_index, step.log_offset, step.index
            LIMIT :limit
            """)
        .bind("run", run)
        .bind("limit", RunLimits.MAX_SUMMARIES_OF_A_RUN)
        .map((row, _) ->
            new Summarised(row.getString("job"), row.getString("step"), row.getString("summary")))
        .list();
  }

  static List<StepRun> steps(Handle tx, UUID job) {
    return tx.createQuery("SELECT * FROM step WHERE job_id = :job ORDER BY log_offset, index")
        .bind("job", job)
        .map((row, _) -> StepRun.map(row))
        .list();
  }

  /// Keeps what the job used, where its agent counted it.
  static void used(Handle tx, UUID job, @Nullable ResourceUse use) {
    if (use == null || use.equals(ResourceUse.UNKNOWN)) {
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO job_use (job_id, memory_peak_bytes, cpu_ms) VALUES (:job, :memory, :cpu)
            ON CONFLICT DO NOTHING
            """)
        .bind("job", job)
        .bind("memory", use.memoryPeakBytes())
        .bind("cpu", use.cpuMillis())
        .execute();
  }

  /// What the jobs of a run used, of all their attempts; those that nobody counted are missing.
  static Map<UUID, ResourceUse> uses(Handle tx, UUID run) {
    return tx
        .createQuery(
            """
            SELECT job_use.* FROM job_use JOIN job ON job.id = job_use.job_id
            WHERE job.run_id = :run
            """)
        .bind("run", run)
        .map((row, _) ->
            Map.entry(
                Columns.id(row, "job_id"),
                new ResourceUse(
                    row.getObject("memory_peak_bytes", Long.class),
                    row.getObject("cpu_ms", Long.class))))
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /// Errors first, then in the order in which they came.
  static List<Annotation> annotations(Handle tx, UUID run) {
    return tx.createQuery(
            """
            SELECT annotation.* FROM annotation
            LEFT JOIN job ON job.id = annotation.job_id
            WHERE annotation.run_id = :run AND (job.id IS NULL OR job.current)
            ORDER BY array_position(ARRAY['error', 'warning', 'notice'], level),
                     job.position NULLS FIRST, job.matrix_index, annotation.number
            LIMIT :limit
            """)
        .bind("run", run)
        .bind("limit", RunLimits.MAX_ANNOTATIONS_OF_A_JOB)
        .map((row, _) -> Annotation.map(row))
        .list();
  }

  static void annotate(Handle tx, UUID run, long number, Annotation annotation) {
    tx.createUpdate(
            """
            INSERT INTO annotation (run_id, job_id, number, step, level, message, file, line, col)
            VALUES (:run, :job, :number, :step, :level, :message, :file, :line, :column)
            ON CONFLICT DO NOTHING
            """)
        .bind("run", run)
        .bind("job", annotation.jobId())
        .bind("number", number)
        .bind("step", annotation.step())
        .bind("level", annotation.level())
        .bind("message", RunLimits.cut(annotation.message(), RunLimits.MAX_MESSAGE_CHARS))
        .bind(
            "file",
            annotation.file() == null
                ? null
                : RunLimits.cut(annotation.file(), RunLimits.MAX_NAME_CHARS))
        .bind("line", annotation.line())
        .bind("column", annotation.column())
        .execute();
  }

  /// Applies one event of a job; each has its number, and comes here once.
  static void apply(Handle tx, JobRun job, long number, JobEvent event) {
    switch (event) {
      case JobEvent.StepStarted started -> start(tx, job, started);
      case JobEvent.StepFinished finished -> finish(tx, job, finished);
      case JobEvent.Annotation found -> annotate(tx, job, number, found);
      case JobEvent.Summary summary -> summarise(tx, job, summary);
      case JobEvent.SandboxNote note -> note(tx, job, note);
    }
  }

  private static void start(Handle tx, JobRun job, JobEvent.StepStarted started) {
    if (started.index() < 0 || started.index() >= RunLimits.MAX_STEPS_OF_A_JOB) {
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO step (job_id, index, name, log_offset, log_line, started_at)
            VALUES (:job, :index, :name, :offset, :line, :at)
            ON CONFLICT DO NOTHING
            """)
        .bind("job", job.id())
        .bind("index", started.index())
        .bind("name", RunLimits.cut(started.name(), RunLimits.MAX_NAME_CHARS))
        .bind("offset", started.logOffset())
        .bind("line", started.logLine())
        .bind("at", started.at())
        .execute();
  }

  private static void finish(Handle tx, JobRun job, JobEvent.StepFinished finished) {
    tx.createUpdate(
            """
            UPDATE step SET ended_at = :at, outcome = :outcome, conclusion = :conclusion
            WHERE job_id = :job AND index = :index
            """)
        .bind("job", job.id())
        .bind("index", finished.index())
        .bind("at", finished.at())
        .bind("outcome", finished.outcome().word())
        .bind("conclusion", finished.conclusion().word())
        .execute();
  }

  private static void annotate(Handle tx, JobRun job, long number, JobEvent.Annotation found) {
    var many =
        tx.createQuery("SELECT count(*) FROM annotation WHERE job_id = :job")
            .bind("job", job.id())
            .mapTo(Integer.class)
            .one();
    if (many >= RunLimits.MAX_ANNOTATIONS_OF_A_JOB) {
      return;
    }
    var level =
        switch (found.level()) {
          case "error", "warning" -> found.level();
          case String _ -> "notice";
        };
    annotate(
        tx,
        job.runId(),
        number,
        new Annotation(
            job.id(),
            found.step(),
            level,
            found.message(),
            found.file(),
            found.line(),
            found.column()));
  }

  private static void summarise(Handle tx, JobRun job, JobEvent.Summary summary) {
    tx.createUpdate("UPDATE step SET summary = :summary WHERE job_id = :job AND index = :index")
        .bind("job", job.id())
        .bind("index", summary.step())
        .bind("summary", RunLimits.cut(summary.markdown(), JobEvent.Summary.MAX_CHARS))
        .execute();
  }

  private static void note(Handle tx, JobRun job, JobEvent.SandboxNote note) {
    tx.createUpdate("UPDATE job SET sandbox = :text WHERE id = :job")
        .bind("job", job.id())
        .bind("text", RunLimits.cut(note.text(), RunLimits.MAX_NAME_CHARS))
        .execute();
  }
}
