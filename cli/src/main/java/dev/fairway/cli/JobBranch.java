package dev.fairway.cli;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A job that runs, in the tree: its steps, and the end of what it has said.
final class JobBranch {
  /// So many lines of a step that failed are shown.
  static final int LAST_LINES = 20;

  private static final int MAX_LINE_CHARS = 2_000;

  private final String name;
  private final Instant began;
  private final List<Ended> ended = new ArrayList<>();
  private final Deque<String> said = new ArrayDeque<>();

  /// By index; more than one where some run in the background.
  private final SequencedMap<Integer, Running> running = new LinkedHashMap<>();

  private boolean announced;
  private boolean begun;

  JobBranch(String name, Instant began) {
    this.name = name;
    this.began = began;
  }

  /// A step that has ended.
  ///
  /// @param last the end of what it said, of one that failed
  private record Ended(String name, Duration took, Outcome outcome, List<String> last) {
    boolean failed() {
      return !last.isEmpty();
    }
  }

  private record Running(String name, Instant began) {}

  void event(JobEvent event) {
    switch (event) {
      case JobEvent.StepStarted started -> {
        if (running.isEmpty()) {
          said.clear();
          announced = false;
        }
        begun = true;
        running.put(
            started.index(), new Running(LogText.safe(started.name(), false), started.at()));
      }
      case JobEvent.StepFinished finished -> {
        var step = running.remove(finished.index());
        if (step != null) {
          ended.add(
              new Ended(
                  step.name(),
                  Duration.between(step.began(), finished.at()),
                  finished.outcome(),
                  counts(finished) ? List.copyOf(said) : List.of()));
        }
      }
      case JobEvent.Annotation _, JobEvent.Summary _, JobEvent.SandboxNote _ -> {}
    }
  }

  private static boolean counts(JobEvent.StepFinished step) {
    return switch (step.conclusion()) {
      case SUCCESS, SKIPPED, CANCELLED -> false;
      case FAILURE, ERROR, TIMED_OUT -> true;
    };
  }

  /// What announces a step, its script and variables, is no news to who wrote it. The lines of one
  /// in the background begin with its name in brackets.
  void line(String text, Style style) {
    if (begun && text.startsWith("##[group]")) {
      announced = false;
      begun = false;
    }
    if (!announced && !text.startsWith("[")) {
      announced = text.equals("##[endgroup]");
      if (announced || !text.startsWith("##[error]")) {
        return;
      }
    }
    var cut = text.length() > MAX_LINE_CHARS ? text.substring(0, MAX_LINE_CHARS) : text;
    LogText.shown(cut, style)
        .ifPresent(shown -> {
          said.addLast(shown);
          if (said.size() > LAST_LINES) {
            said.removeFirst();
          }
        });
  }

  int endedSteps() {
    return ended.size();
  }

  /// How many steps run.
  int runningSteps() {
    return running.size();
  }

  /// The job, so many of the steps that ended last, and those that run.
  List<String> lines(Style style, Instant now, int steps) {
    var lines = new ArrayList<String>();
    lines.add(
        style.running()
            + " "
            + style.bold(name)
            + "  "
            + style.faint(text(Duration.between(began, now))));
    ended.subList(ended.size() - steps, ended.size()).forEach(one -> lines.add(line(one, style)));
    running.forEach((index, step) ->
        lines.add(
            "  %s %s  %s  %s"
                .formatted(
                    style.running(),
                    step.name(),
                    style.faint(text(Duration.between(step.began(), now))),
                    said.isEmpty() || !index.equals(running.lastEntry().getKey())
                        ? ""
                        : said.getLast())));
    return lines;
  }

  /// The steps that failed, each with the end of what it said.
  List<String> failures(Style style) {
    var lines = new ArrayList<String>();
    for (var one : ended) {
      if (one.failed()) {
        lines.add(line(one, style));
        one.last().forEach(line -> lines.add("    " + line));
      }
    }
    return lines;
  }

  private static String line(Ended step, Style style) {
    return "  %s %s  %s"
        .formatted(style.sign(step.outcome()), step.name(), style.faint(text(step.took())));
  }

  private static String text(Duration time) {
    return Durations.text(Math.max(0, time.toMillis()));
  }
}
