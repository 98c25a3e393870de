package dev.fairway.server.insight;

import dev.fairway.server.insight.MetricsReport.CommitLine;
import dev.fairway.server.web.Format;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The lead times of a window as a drawing: time to the right, lead time upwards on a logarithmic
/// scale. Lengths are pixels of an unscaled drawing.
///
/// @param medianY where the median lies; null without one
/// @param left where the scale begins
/// @param omitted older commits beyond [#MAX_DOTS]
public record Scatter(
    int width,
    int height,
    int left,
    int right,
    int bottom,
    List<Dot> dots,
    List<Tick> days,
    List<Tick> leads,
    @Nullable Double medianY,
    int omitted) {
  static final int MAX_DOTS = 1_500;

  private static final int WIDTH = 1_000;
  private static final int HEIGHT = 260;
  private static final int LEFT = 64;
  private static final int RIGHT = WIDTH - 16;
  private static final int TOP = 14;
  private static final int BOTTOM = HEIGHT - 28;
  private static final int DAY_LABELS = 7;

  /// What the scale may show, each a round length of time.
  private static final List<Duration> STEPS =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(10),
          Duration.ofHours(1),
          Duration.ofHours(6),
          Duration.ofDays(1),
          Duration.ofDays(7),
          Duration.ofDays(30),
          Duration.ofDays(365),
          Duration.ofDays(3_650));

  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH);

  /// One commit.
  public record Dot(double x, double y, String title) {}

  /// A line of the grid.
  public record Tick(double at, String label) {}

  static Scatter of(MetricsReport report, @Nullable Long medianMillis) {
    var commits = report.commits();
    var shown = commits.subList(Math.max(0, commits.size() - MAX_DOTS), commits.size());
    var low = shown.stream().mapToLong(CommitLine::leadMillis).min().orElse(0);
    var high = shown.stream().mapToLong(CommitLine::leadMillis).max().orElse(0);
    var steps = steps(low, high);
    var scale = new Scale(report.window(), steps.getFirst(), steps.getLast());
    return new Scatter(
        WIDTH,
        HEIGHT,
        LEFT,
        RIGHT,
        BOTTOM,
        shown.stream()
            .map(commit ->
                new Dot(
                    scale.x(commit.finished()),
                    scale.y(commit.leadMillis()),
                    "%s, %s, deployed %s"
                        .formatted(
                            Format.commit(commit.commit()),
                            Format.duration(Duration.ofMillis(commit.leadMillis())),
                            Format.utc(commit.finished()))))
            .toList(),
        days(report.window(), scale),
        steps.stream()
            .map(step -> new Tick(scale.y(step.toMillis()), Format.duration(step)))
            .toList(),
        medianMillis == null ? null : scale.y(medianMillis),
        commits.size() - shown.size());
  }

  /// The steps that hold all values, at least two.
  private static List<Duration> steps(long low, long high) {
    int first = 0;
    while (first + 2 < STEPS.size() && STEPS.get(first + 1).toMillis() <= low) {
      first++;
    }
    int last = first + 1;
    while (last + 1 < STEPS.size() && STEPS.get(last).toMillis() < high) {
      last++;
    }
    return STEPS.subList(first, last + 1);
  }

  private static List<Tick> days(MetricsReport.Period window, Scale scale) {
    var zone = ZoneId.of(window.zone());
    var apart = Math.max(1, Math.ceilDiv(window.days(), DAY_LABELS));
    var ticks = new ArrayList<Tick>();
    for (int day = 0; day < window.days(); day += apart) {
      var date = window.from().atZone(zone).toLocalDate().plusDays(day);
      ticks.add(new Tick(scale.x(date.atStartOfDay(zone).toInstant()), DAY.format(date)));
    }
    return ticks;
  }

  private record Scale(MetricsReport.Period window, Duration lowest, Duration highest) {
    double x(Instant at) {
      var whole = Duration.between(window.from(), window.to()).toMillis();
      var part = Duration.between(window.from(), at).toMillis() / (double) whole;
      return round(LEFT + part * (RIGHT - LEFT));
    }

    double y(long millis) {
      var low = Math.log((double) lowest.toMillis());
      var high = Math.log((double) highest.toMillis());
      var part = (Math.log((double) Math.max(1, millis)) - low) / (high - low);
      return round(BOTTOM - Math.clamp(part, 0, 1) * (BOTTOM - TOP));
    }

    private static double round(double pixels) {
      return Math.round(pixels * 10) / 10.0;
    }
  }
}
