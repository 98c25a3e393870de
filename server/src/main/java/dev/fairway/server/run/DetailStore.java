package dev.fairway.server.run;

import dev.fairway.api.JobEvent;
import dev.fairway.api.ResourceUse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

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

  /// Keeps what jobs used, where their agents counted it.
  static void used(Handle tx, Map<UUID, ResourceUse> uses) {
    if (uses.isEmpty()) {
      return;
    }
    var batch =
        tx.prepareBatch(
            """
            INSERT INTO job_use (job_id, memory_peak_bytes, cpu_ms) VALUES (:job, :memory, :cpu)
            ON CONFLICT DO NOTHING
            """);
    uses.forEach((job, use) ->
        batch
            .bind("job", job)
            .bind("memory", use.memoryPeakBytes())
            .bind("cpu", use.cpuMillis())
            .add());
    batch.execute();
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

  /// The number for one more annotation of the job, of those from `first`.
  static long nextAnnotation(Handle tx, UUID job, long first) {
    return tx.createQuery(
            """
            SELECT coalesce(max(number) + 1, :first) FROM annotation
            WHERE job_id = :job AND number >= :first
            """)
        .bind("job", job)
        .bind("first", first)
        .mapTo(Long.class)
        .one();
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

  /// What an agent tells of a job: events that nobody had told yet.
  ///
  /// @param job as it was before
  record News(JobRun job, List<JobEvent> events) {
    News {
      events = List.copyOf(events);
    }
  }

  /// Applies what is told of different jobs. The beginnings and ends of steps go first: no event is
  /// about a step that begins after it.
  ///
  /// @return what the row of each job has to say now, in the same order
  static List<JobRun.Told> apply(Handle tx, List<News> all) {
    var starts = new ArrayList<Start>();
    var ends = new ArrayList<End>();
    for (var news : all) {
      var ended = new HashMap<Integer, JobEvent.StepFinished>();
      of(news.events(), JobEvent.StepFinished.class).forEach(end -> ended.put(end.index(), end));
      for (var start : of(news.events(), JobEvent.StepStarted.class)) {
        if (start.index() >= 0 && start.index() < RunLimits.MAX_STEPS_OF_A_JOB) {
          var end = Optional.ofNullable(ended.remove(start.index()));
          starts.add(new Start(news.job().id(), start, end));
        }
      }
      ended.values().forEach(end -> ends.add(new End(news.job().id(), end)));
    }
    start(tx, starts);
    finish(tx, ends);
    return all.stream().map(news -> tell(tx, news)).toList();
  }

  private static JobRun.Told tell(Handle tx, News news) {
    var job = news.job();
    var number = job.nextEvent();
    var sandbox = job.sandbox();
    for (var event : news.events()) {
      switch (event) {
        case JobEvent.StepStarted _, JobEvent.StepFinished _ -> {}
        case JobEvent.Annotation found -> annotate(tx, job, number, found);
        case JobEvent.Summary summary -> summarise(tx, job, summary);
        case JobEvent.SandboxNote note ->
            sandbox = RunLimits.cut(note.text(), RunLimits.MAX_NAME_CHARS);
      }
      number++;
    }
    return new JobRun.Told(number, sandbox);
  }

  private static <T extends JobEvent> List<T> of(List<JobEvent> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /// @param end of the step where it has ended as well
  private record Start(UUID job, JobEvent.StepStarted step, Optional<JobEvent.StepFinished> end) {}

  private record End(UUID job, JobEvent.StepFinished step) {}

  private static void start(Handle tx, List<Start> starts) {
    if (starts.isEmpty()) {
      return;
    }
    var batch =
        tx.prepareBatch(
            """
            INSERT INTO step (job_id, index, name, log_offset, log_line, started_at, ended_at,
                              outcome, conclusion)
            VALUES (:job, :index, :name, :offset, :line, :at, :ended, :outcome, :conclusion)
            ON CONFLICT DO NOTHING
            """);
    for (var start : starts) {
      var step = start.step();
      batch
          .bind("job", start.job())
          .bind("index", step.index())
          .bind("name", RunLimits.cut(step.name(), RunLimits.MAX_NAME_CHARS))
          .bind("offset", step.logOffset())
          .bind("line", step.logLine())
          .bind("at", step.at())
          .bind("ended", start.end().map(JobEvent.StepFinished::at).orElse(null))
          .bind("outcome", start.end().map(it -> it.outcome().word()).orElse(null))
          .bind("conclusion", start.end().map(it -> it.conclusion().word()).orElse(null))
          .add();
    }
    batch.execute();
  }

  private static void finish(Handle tx, List<End> ends) {
    if (ends.isEmpty()) {
      return;
    }
    var batch =
        tx.prepareBatch(
            """
            UPDATE step SET ended_at = :at, outcome = :outcome, conclusion = :conclusion
            WHERE job_id = :job AND index = :index
            """);
    for (var end : ends) {
      batch
          .bind("job", end.job())
          .bind("index", end.step().index())
          .bind("at", end.step().at())
          .bind("outcome", end.step().outcome().word())
          .bind("conclusion", end.step().conclusion().word())
          .add();
    }
    batch.execute();
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
}
