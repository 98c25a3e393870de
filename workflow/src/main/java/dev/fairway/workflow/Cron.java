package dev.fairway.workflow;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// When a schedule falls due: POSIX cron in five fields, minute, hour, day of the month, month, day
/// of the week (0 is Sunday), each a star, a number, a range, a list, with steps; months and days
/// also by their first three letters. If both kinds of day are restricted, either is enough.
///
/// In a zone with daylight saving a time that does not exist is due as much later as the clock
/// jumps, and one that exists twice is due the first time.
public final class Cron {
  /// How far ahead a day is looked for: the 29th of February on a given weekday may be 28 years
  /// away, and 40 where a century leaves one out.
  private static final int MAX_DAYS = 41 * 366;

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  private final String source;
  private final ZoneId zone;
  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet days;
  private final BitSet months;
  private final BitSet weekdays;
  private final boolean eitherDay;

  private Cron(String source, ZoneId zone, String[] fields) {
    this.source = source;
    this.zone = zone;
    this.minutes = field("minute", fields[0], 0, 59, List.of());
    this.hours = field("hour", fields[1], 0, 23, List.of());
    this.days = field("day of the month", fields[2], 1, 31, List.of());
    this.months = field("month", fields[3], 1, 12, MONTHS);
    this.weekdays = field("day of the week", fields[4], 0, 6, DAYS);
    this.eitherDay = !fields[2].startsWith("*") && !fields[4].startsWith("*");
  }

  /// In UTC.
  public static Cron of(String source) {
    return of(source, ZoneOffset.UTC);
  }

  /// @throws IllegalArgumentException if it is not such an expression; the message is a sentence
  public static Cron of(String source, ZoneId zone) {
    if (source.startsWith("@")) {
      throw new IllegalArgumentException(
          "'" + source + "' is not supported; write the five fields, for example '0 0 * * *'");
    }
    String[] fields = source.strip().split("\\s+", -1);
    if (fields.length != 5) {
      throw new IllegalArgumentException(
          "it has %d fields, not five: minute, hour, day of the month, month, day of the week"
              .formatted(fields.length));
    }
    return new Cron(source, zone, fields);
  }

  private static BitSet field(String name, String text, int low, int high, List<String> words) {
    BitSet set = new BitSet(high + 1);
    for (String part : text.split(",", -1)) {
      String[] stepped = part.split("/", -1);
      String[] range = stepped[0].split("-", -1);
      if (stepped.length > 2 || range.length > 2) {
        throw wrong(name, part, low, high);
      }
      boolean star = stepped[0].equals("*");
      int from = star ? low : number(name, range[0], low, high, words);
      boolean open = star || (range.length == 1 && stepped.length == 2);
      int to = open ? high : range.length == 2 ? number(name, range[1], low, high, words) : from;
      int step = stepped.length == 2 ? step(name, stepped[1], high) : 1;
      if (to < from) {
        throw new IllegalArgumentException(
            "the range '%s' of the %s ends before it begins".formatted(part, name));
      }
      for (int value = from; value <= to; value += step) {
        set.set(value);
      }
    }
    return set;
  }

  private static int number(String name, String text, int low, int high, List<String> words) {
    int word = words.indexOf(text.toLowerCase(Locale.ROOT));
    int value = word >= 0 ? word + low : digits(text).orElse(-1);
    if (value < low || value > high) {
      throw wrong(name, text, low, high);
    }
    return value;
  }

  private static int step(String name, String text, int high) {
    int step = digits(text).orElse(0);
    if (step < 1 || step > high) {
      throw new IllegalArgumentException(
          "the step '%s' of the %s is not a number from 1 to %d".formatted(text, name, high));
    }
    return step;
  }

  private static OptionalInt digits(String text) {
    return text.matches("[0-9]{1,3}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  private static IllegalArgumentException wrong(String name, String text, int low, int high) {
    return new IllegalArgumentException(
        "'%s' is not a %s from %d to %d".formatted(text, name, low, high));
  }

  /// The first time after this one at which it falls due; none if there is no such day, as with the
  /// 30th of February.
  public Optional<Instant> next(Instant after) {
    LocalDate date = after.atZone(zone).toLocalDate();
    for (int i = 0; i < MAX_DAYS; i++, date = date.plusDays(1)) {
      if (falls(date)) {
        Optional<Instant> first = firstAfter(date, after);
        if (first.isPresent()) {
          return first;
        }
      }
    }
    return Optional.empty();
  }

  private boolean falls(LocalDate date) {
    boolean day = days.get(date.getDayOfMonth());
    boolean weekday = weekdays.get(date.getDayOfWeek().getValue() % 7);
    return months.get(date.getMonthValue()) && (eitherDay ? day || weekday : day && weekday);
  }

  private Optional<Instant> firstAfter(LocalDate date, Instant after) {
    return hours.stream()
        .boxed()
        .flatMap(hour -> minutes.stream().mapToObj(minute -> instant(date, hour, minute)))
        .filter(instant -> instant.isAfter(after))
        .min(Instant::compareTo);
  }

  private Instant instant(LocalDate date, int hour, int minute) {
    return ZonedDateTime.of(date, java.time.LocalTime.of(hour, minute), zone).toInstant();
  }

  /// The shortest time in minutes, up to an hour, between two times at which it falls due.
  int shortestGap() {
    int gap = 60;
    int first = minutes.nextSetBit(0);
    for (int at = first, next = minutes.nextSetBit(at + 1);
        next >= 0;
        at = next, next = minutes.nextSetBit(at + 1)) {
      gap = Math.min(gap, next - at);
    }
    boolean hourly = hours.stream().anyMatch(hour -> hours.get((hour + 1) % 24));
    return hourly ? Math.min(gap, 60 - minutes.length() + 1 + first) : gap;
  }

  public ZoneId zone() {
    return zone;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cron cron && cron.source.equals(source) && cron.zone.equals(zone);
  }

  @Override
  public int hashCode() {
    return 31 * source.hashCode() + zone.hashCode();
  }

  /// As written.
  @Override
  public String toString() {
    return source;
  }
}
