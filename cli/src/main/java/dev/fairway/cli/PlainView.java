package dev.fairway.cli;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.JobKey;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Prints the lines of the jobs as they come, each with the name of its job before it: for files,
/// pipes and other programs.
final class PlainView implements RunView {
  private final PrintWriter out;
  private final Style style;
  private final Map<JobKey, String> prefixes = new ConcurrentHashMap<>();

  PlainView(PrintWriter out, Style style) {
    this.out = out;
    this.style = style;
  }

  @Override
  public void planned(List<Planned> jobs) {}

  @Override
  public void began(JobKey job, String name) {
    prefixes.put(job, "[" + LogText.safe(name, false) + "] ");
  }

  @Override
  public void line(JobKey job, String text) {
    LogText.shown(text, style).ifPresent(shown -> print(prefixes.getOrDefault(job, "") + shown));
  }

  @Override
  public void event(JobKey job, JobEvent event) {
    if (event instanceof JobEvent.StepFinished step) {
      var tolerated = step.conclusion() == Outcome.SUCCESS ? ", which it may" : "";
      switch (step.outcome()) {
        case SUCCESS, SKIPPED -> {}
        case CANCELLED, FAILURE, ERROR, TIMED_OUT ->
            line(job, "Step " + step.index() + " ended as " + step.outcome().word() + tolerated);
      }
    }
  }

  @Override
  public void ended(LocalRun.EndedJob job) {
    var took = job.millis() == 0 ? "" : " in " + Durations.text(job.millis());
    print("[" + LogText.safe(job.name(), false) + "] " + job.outcome().word() + took);
  }

  @Override
  public void note(String text) {
    print(text);
  }

  @Override
  public void close() {}

  private synchronized void print(String line) {
    out.println(line);
    out.flush();
  }
}
