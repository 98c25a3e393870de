package dev.fairway.agent;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a job tells its host besides the log, masked like the log, and counted.
final class JobReport {
  static final int MAX_ANNOTATIONS = 1_000;
  static final int MAX_MESSAGE_CHARS = 4_096;

  private static final String CUT =
      "\n\nThe summary is longer than "
          + JobEvent.Summary.MAX_CHARS
          + " characters and ends here.\n";

  private final JobHost host;
  private final Masker masker;
  private final InstantSource clock;
  private long events;
  private int annotations;

  /// Those of steps that have not ended, by index.
  private final Map<Integer, String> summaries = new HashMap<>();

  JobReport(JobHost host, Masker masker, InstantSource clock) {
    this.host = host;
    this.masker = masker;
    this.clock = clock;
  }

  synchronized long events() {
    return events;
  }

  void stepStarted(int index, String name, long logOffset, long logLine) {
    send(new JobEvent.StepStarted(clock.instant(), index, shown(name), logOffset, logLine));
  }

  synchronized void stepFinished(int index, Outcome outcome, Outcome conclusion) {
    summaries.remove(index);
    send(new JobEvent.StepFinished(clock.instant(), index, outcome, conclusion));
  }

  void sandbox(String note) {
    send(new JobEvent.SandboxNote(clock.instant(), note));
  }

  /// Takes more of a step's summary: a composite action's steps each have a part of it.
  synchronized void summary(int step, String markdown) {
    var summary = summaries.getOrDefault(step, "");
    if (summary.endsWith(CUT)) {
      return;
    }
    summary += masker.mask(markdown);
    if (summary.length() > JobEvent.Summary.MAX_CHARS) {
      summary = summary.substring(0, JobEvent.Summary.MAX_CHARS - CUT.length()) + CUT;
    }
    summaries.put(step, summary);
    send(new JobEvent.Summary(clock.instant(), step, summary));
  }

  /// What a step says of a place in a file. A title goes before what is said.
  void annotation(int step, String level, WorkflowCommand command) {
    var title = command.properties().getOrDefault("title", "");
    annotation(
        step,
        level,
        title.isBlank() ? command.data() : title + ": " + command.data(),
        command.properties().get("file"),
        number(command, "line"),
        number(command, "col"));
  }

  /// What a tool says of a place in a file.
  void annotation(int step, ProblemMatcher.Problem problem) {
    annotation(
        step,
        problem.severity(),
        problem.message(),
        problem.file().orElse(null),
        problem.line(),
        problem.column());
  }

  /// Takes the first [#MAX_ANNOTATIONS] of a job; the log has them all.
  private synchronized void annotation(
      int step, String level, String message, @Nullable String file, int line, int column) {
    if (annotations++ < MAX_ANNOTATIONS) {
      send(
          new JobEvent.Annotation(
              clock.instant(),
              step,
              level,
              shown(message),
              file == null ? null : shown(file),
              line,
              column));
    }
  }

  private synchronized void send(JobEvent event) {
    host.event(event);
    events++;
  }

  private String shown(String text) {
    var masked = masker.mask(text);
    return masked.length() > MAX_MESSAGE_CHARS
        ? masked.substring(0, MAX_MESSAGE_CHARS) + "…"
        : masked;
  }

  private static int number(WorkflowCommand command, String property) {
    var text = command.properties().getOrDefault(property, "0");
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }
}
