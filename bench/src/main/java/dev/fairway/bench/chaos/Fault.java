package dev.fairway.bench.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/// Something that goes wrong for a while.
///
/// @param at how long after the beginning
/// @param lasts until the dead are started again, or the cut is mended
/// @param one who dies, or one end of the cut
/// @param other the other end; empty for a death
record Fault(Duration at, Duration lasts, String one, String other) {
  /// Several deaths and cuts may overlap.
  private static final int MEAN_PAUSE_MILLIS = 800;

  private static final int MIN_DOWN_MILLIS = 200;
  private static final int MAX_DOWN_MILLIS = 2_500;

  /// Some cuts last longer than a lease.
  private static final int MAX_CUT_MILLIS = 9_000;

  /// What happens within that time: the same for the same seed.
  static List<Fault> schedule(long seed, Duration time, Cluster.Names names) {
    var random = new Random(seed);
    var faults = new ArrayList<Fault>();
    var at = 0L;
    while (true) {
      at += random.nextLong(2L * MEAN_PAUSE_MILLIS) + 1;
      if (at > time.toMillis()) {
        faults.sort(Comparator.comparing(Fault::at));
        return List.copyOf(faults);
      }
      faults.addAll(next(random, Duration.ofMillis(at), names));
    }
  }

  private static List<Fault> next(Random random, Duration at, Cluster.Names names) {
    var down = Duration.ofMillis(random.nextInt(MIN_DOWN_MILLIS, MAX_DOWN_MILLIS));
    var cut = Duration.ofMillis(random.nextInt(MIN_DOWN_MILLIS, MAX_CUT_MILLIS));
    var server = names.servers().get(random.nextInt(names.servers().size()));
    var agent = names.agents().get(random.nextInt(names.agents().size()));
    return switch (random.nextInt(10)) {
      case 0 -> List.of(new Fault(at, down, server, ""));
      case 1, 2, 3 -> List.of(new Fault(at, down, agent, ""));
      case 4 -> List.of(new Fault(at, down, names.database(), ""));
      case 5, 6 -> List.of(new Fault(at, cut, agent, server));
      case 7 -> List.of(new Fault(at, cut, server, names.database()));
      // An agent that reaches nobody.
      default -> names.servers().stream().map(each -> new Fault(at, cut, agent, each)).toList();
    };
  }

  boolean isDeath() {
    return other.isEmpty();
  }

  @Override
  public String toString() {
    return "%6d ms  %s for %d ms"
        .formatted(
            at.toMillis(),
            isDeath() ? "kill -9 " + one : "cut " + one + " from " + other,
            lasts.toMillis());
  }
}
