package dev.fairway.cli;

import dev.fairway.api.JobEvent;
import dev.fairway.workflow.JobKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Shows a run in a terminal: the jobs that run, with their steps and what the running one says
/// last, are drawn again and again at its lower end; a job that has ended moves up and stays there
/// as one line, or with the end of its log if it failed.
///
/// ```
/// ✓ lint  1.2s
/// ● test (25)  4.1s
///   ✓ Run actions/checkout@v4  0.2s
///   ● Run mvn -B verify  3.9s  [INFO] Running dev.fairway.cli.LogTextTest
/// waiting: package, deploy
/// ```
final class TreeView implements RunView {
  private static final int FRAME_MILLIS = 100;
  private static final int MAX_WAITING = 6;

  private final Screen screen;
  private final Style style;
  private final InstantSource clock;
  private final ScheduledExecutorService painter =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("tree").daemon().factory());
  private final Map<String, String> waiting = new LinkedHashMap<>();
  private final Map<JobKey, JobBranch> running = new LinkedHashMap<>();
  private final List<String> staying = new ArrayList<>();
  private boolean resized;
  private boolean closed;

  TreeView(Screen screen, Style style, InstantSource clock) {
    this.screen = screen;
    this.style = style;
    this.clock = clock;
  }

  /// Begins to draw.
  static TreeView start(Screen screen, Style style, InstantSource clock) {
    var view = new TreeView(screen, style, clock);
    var _ =
        view.painter.scheduleWithFixedDelay(
            view::paint, FRAME_MILLIS, FRAME_MILLIS, TimeUnit.MILLISECONDS);
    return view;
  }

  /// The terminal has another size now.
  synchronized void resize() {
    resized = true;
  }

  @Override
  public synchronized void planned(List<Planned> jobs) {
    jobs.forEach(job -> waiting.put(job.path(), LogText.safe(job.name(), false)));
  }

  @Override
  public synchronized void began(JobKey job, String name) {
    waiting.remove(planned(job));
    running.put(job, new JobBranch(LogText.safe(name, false), clock.instant()));
  }

  @Override
  public synchronized void line(JobKey job, String text) {
    var branch = running.get(job);
    if (branch != null) {
      branch.line(text, style);
    }
  }

  @Override
  public synchronized void event(JobKey job, JobEvent event) {
    var branch = running.get(job);
    if (branch != null) {
      branch.event(event);
    }
  }

  @Override
  public synchronized void ended(LocalRun.EndedJob job) {
    waiting.remove(planned(job.key()));
    var branch = running.remove(job.key());
    var line = style.sign(job.outcome()) + " " + style.bold(LogText.safe(job.name(), false));
    if (branch == null) {
      staying.add(line + "  " + style.faint(LogText.safe(job.reason(), false)));
    } else {
      staying.add(line + "  " + style.faint(Durations.text(job.millis())));
      staying.addAll(branch.failures(style));
    }
  }

  @Override
  public synchronized void note(String text) {
    staying.add(style.faint(LogText.safe(text, false)));
  }

  /// The place in the file of a job, which its instances share.
  private static String planned(JobKey job) {
    return job.job().replaceAll("#\\d+", "");
  }

  synchronized void paint() {
    if (closed) {
      return;
    }
    if (resized) {
      resized = false;
      screen.resized(Terminal.size());
    }
    screen.show(List.copyOf(staying), moving());
    staying.clear();
  }

  /// Every job that runs has its line, and the running steps with it, before there is room for
  /// those that have ended.
  private List<String> moving() {
    var room = screen.size().rows() - 2;
    var now = clock.instant();
    var lines = new ArrayList<String>();
    var shown = running.values().stream().limit(Math.max(1, room / 2)).toList();
    var left = room - shown.stream().mapToInt(one -> 1 + Math.max(1, one.runningSteps())).sum();
    for (var branch : shown) {
      var lead = Math.clamp(left / shown.size(), 0, branch.endedSteps());
      lines.addAll(branch.lines(style, now, lead));
    }
    if (lines.size() > room) {
      lines.subList(Math.max(1, room), lines.size()).clear();
    }
    if (running.size() > shown.size()) {
      lines.add(style.faint("and %d more run".formatted(running.size() - shown.size())));
    }
    if (!waiting.isEmpty() && lines.size() < room) {
      var names = waiting.values().stream().limit(MAX_WAITING).toList();
      var rest = waiting.size() - names.size();
      lines.add(
          style.faint(
              "waiting: " + String.join(", ", names) + (rest > 0 ? " and " + rest + " more" : "")));
    }
    return lines;
  }

  @Override
  public void close() {
    painter.shutdownNow();
    synchronized (this) {
      if (!closed) {
        closed = true;
        screen.show(List.copyOf(staying), List.of());
      }
    }
  }
}
