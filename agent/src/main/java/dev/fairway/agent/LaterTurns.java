package dev.fairway.agent;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// What runs behind the steps of a job: what the last step wanted first, comes first. What steps
/// within a composite action want belongs to the step that uses it, and there too the last step is
/// the first, whatever asked earlier.
final class LaterTurns {
  private static final Comparator<String> PLACES =
      Comparator.comparing(LaterTurns::numbers, Arrays::compare);

  private final SequencedMap<Integer, TreeMap<String, Later>> byStep = new LinkedHashMap<>();

  /// @param path of the step that wants it, see [Turn.Spot]
  record Later(String path, String name, Turn turn) {}

  /// From now on this will run, once for each step that wants it.
  synchronized void add(Later later) {
    byStep
        .computeIfAbsent(numbers(later.path())[0], _ -> new TreeMap<>(PLACES))
        .putIfAbsent(later.path(), later);
  }

  /// The next one; it is not named again.
  synchronized Optional<Later> next() {
    var last = byStep.lastEntry();
    if (last == null) {
      return Optional.empty();
    }
    var later = last.getValue().pollLastEntry();
    if (last.getValue().isEmpty()) {
      byStep.remove(last.getKey());
    }
    return Optional.of(later.getValue());
  }

  private static int[] numbers(String path) {
    return Arrays.stream(path.split("/", -1)).mapToInt(Integer::parseInt).toArray();
  }
}
