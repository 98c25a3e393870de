package dev.fairway.server.run;

import dev.fairway.server.web.Format;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the time of a run went, beside what its workflow usually takes.
///
/// @param total from the first job queued to the last one's end, or to now
/// @param queued what the jobs of the critical path waited for an agent
/// @param working what they ran
/// @param usual the median of earlier runs; null where there are none
/// @param compared how many earlier runs were looked at
/// @param rows in the order of the file
/// @param slower what took longer than usual, the worst first
public record RunTimes(
    Duration total,
    Duration queued,
    Duration working,
    @Nullable Duration usual,
    int compared,
    List<Row> rows,
    List<Slower> slower) {
  /// A job's line is drawn over so many units.
  public static final int SCALE = 1_000;

  /// Where nobody asks.
  static final RunTimes NONE =
      new RunTimes(Duration.ZERO, Duration.ZERO, Duration.ZERO, null, 0, List.of(), List.of());

  private static final int MAX_SLOWER = 5;
  private static final int MAX_FIRST = 12;

  /// Less is the weather of the machine.
  private static final Duration WORTH_SAYING = Duration.ofSeconds(1);

  private static final double SLOWER_SHARE = 1.2;

  /// One job.
  ///
  /// @param kept whether it was executed in an earlier attempt of the run, outside of this time
  /// @param queuedAt where its wait for an agent begins, of [#SCALE]
  /// @param startedAt where its work begins
  /// @param endedAt where its work ends
  public record Row(
      JobRun job,
      boolean kept,
      boolean critical,
      int queuedAt,
      int startedAt,
      int endedAt,
      @Nullable Duration queued,
      @Nullable Duration ran,
      @Nullable Duration usual) {
    /// The change against the usual in words; empty where it is not worth saying.
    public String change() {
      if (ran == null || usual == null || job.endedAt() == null) {
        return "";
      }
      var difference = ran.minus(usual);
      return difference.abs().compareTo(WORTH_SAYING) < 0
          ? ""
          : (difference.isNegative() ? "−" : "+") + Format.duration(difference.abs());
    }

    public boolean slower() {
      return isSlower(ran, usual);
    }
  }

  /// Something that took longer than usual.
  ///
  /// @param step empty for the wait for an agent
  public record Slower(UUID jobId, String job, String step, Duration took, Duration usual) {}

  public RunTimes {
    rows = List.copyOf(rows);
    slower = List.copyOf(slower);
  }

  /// Those to look at where there are many: the critical path, what took longer than usual, and
  /// then the longest, in the order of the file.
  public List<Row> first() {
    var first = foremost();
    return rows.stream().filter(first::contains).toList();
  }

  /// The others.
  public List<Row> others() {
    var first = foremost();
    return rows.stream().filter(row -> !first.contains(row)).toList();
  }

  private Set<Row> foremost() {
    return rows.stream()
        .sorted(
            Comparator.comparing((Row row) -> !row.critical())
                .thenComparing(row -> !row.slower())
                .thenComparing(
                    row -> Optional.ofNullable(row.ran()).orElse(Duration.ZERO),
                    Comparator.reverseOrder()))
        .limit(MAX_FIRST)
        .collect(Collectors.toSet());
  }

  /// Whether there is something to show.
  public boolean any() {
    return rows.stream().anyMatch(row -> row.ran() != null);
  }

  static RunTimes of(
      Run run,
      List<JobRun> jobs,
      Map<UUID, List<StepRun>> steps,
      CriticalPath critical,
      UsualTimes usual,
      Instant now) {
    var begun =
        jobs.stream()
            .filter(job -> job.queuedAt() != null && !kept(run, job))
            .map(job -> Optional.ofNullable(job.queuedAt()).orElse(now))
            .min(Comparator.naturalOrder())
            .orElse(now);
    var ended =
        jobs.stream()
            .filter(job -> job.startedAt() != null)
            .map(job -> Optional.ofNullable(job.endedAt()).orElse(now))
            .max(Comparator.naturalOrder())
            .orElse(now);
    var total = positive(begun, ended);
    var axis = new Axis(begun, Math.max(1, total.toMillis()));
    var rows = new ArrayList<Row>();
    var queued = Duration.ZERO;
    var working = Duration.ZERO;
    for (var job : jobs) {
      var row = row(run, job, critical, usual, axis, now);
      rows.add(row);
      if (row.critical() && !row.kept()) {
        queued = queued.plus(Optional.ofNullable(row.queued()).orElse(Duration.ZERO));
        working = working.plus(Optional.ofNullable(row.ran()).orElse(Duration.ZERO));
      }
    }
    return new RunTimes(
        total, queued, working, usual.run(), usual.runs(), rows, slower(jobs, steps, usual));
  }

  private record Axis(Instant begun, long millis) {
    int at(@Nullable Instant instant) {
      var offset = instant == null ? 0 : Duration.between(begun, instant).toMillis();
      return Math.clamp(offset * SCALE / millis, 0, SCALE);
    }
  }

  private static Row row(
      Run run, JobRun job, CriticalPath critical, UsualTimes usual, Axis axis, Instant now) {
    var started = job.startedAt();
    var from = job.queuedAt();
    var claimed = Optional.ofNullable(job.claimedAt()).or(() -> Optional.ofNullable(started));
    var waitedUntil = claimed.orElse(job.phase() == JobPhase.QUEUED ? now : from);
    var end = started == null ? waitedUntil : Optional.ofNullable(job.endedAt()).orElse(now);
    return new Row(
        job,
        kept(run, job),
        critical.has(job),
        axis.at(from),
        axis.at(started == null ? waitedUntil : started),
        axis.at(end),
        from == null || waitedUntil == null ? null : positive(from, waitedUntil),
        started == null || end == null ? null : positive(started, end),
        usual.ofJob(job.name()));
  }

  private static Duration positive(Instant from, Instant to) {
    return to.isAfter(from) ? Duration.between(from, to) : Duration.ZERO;
  }

  private static boolean kept(Run run, JobRun job) {
    var started = run.startedAt();
    var ended = job.endedAt();
    return run.attempt() > 1
        && started != null
        && ended != null
        && job.startedAt() != null
        && !ended.isAfter(started);
  }

  private static boolean isSlower(@Nullable Duration took, @Nullable Duration usual) {
    return took != null
        && usual != null
        && took.minus(usual).compareTo(WORTH_SAYING) >= 0
        && took.toMillis() >= usual.toMillis() * SLOWER_SHARE;
  }

  private static List<Slower> slower(
      List<JobRun> jobs, Map<UUID, List<StepRun>> steps, UsualTimes usual) {
    var slower = new ArrayList<Slower>();
    for (var job : jobs) {
      for (var step : steps.getOrDefault(job.id(), List.of())) {
        var ended = step.endedAt();
        var often = usual.ofStep(job.name(), step.name());
        if (ended != null && often != null) {
          var took = positive(step.startedAt(), ended);
          if (isSlower(took, often)) {
            slower.add(new Slower(job.id(), job.name(), step.name(), took, often));
          }
        }
      }
    }
    return slower.stream()
        .sorted(Comparator.comparing((Slower one) -> one.took().minus(one.usual())).reversed())
        .limit(MAX_SLOWER)
        .toList();
  }
}
