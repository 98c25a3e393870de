package dev.fairway.server.run;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// When it was last written down of an agent that it asks for work. All its slots ask, and again
/// after each job; a row that each of them wrote would be what they wait for.
final class Presence {
  /// How exactly that is kept.
  private static final Duration STEP = Duration.ofSeconds(5);

  /// More agents than that are forgotten, and written down again.
  private static final int MAX_AGENTS = 10_000;

  private record Written(String name, String sandbox, List<String> labels, Instant at) {}

  private final Map<UUID, Written> known = new HashMap<>();

  /// Whether it is to be written down now.
  synchronized boolean isNews(Queue.Claimant claimant) {
    var before = known.get(claimant.agentId());
    var now = new Written(claimant.agent(), claimant.sandbox(), claimant.labels(), claimant.now());
    if (before != null
        && before.name().equals(now.name())
        && before.sandbox().equals(now.sandbox())
        && before.labels().equals(now.labels())
        && now.at().isBefore(before.at().plus(STEP))) {
      return false;
    }
    if (known.size() >= MAX_AGENTS) {
      known.clear();
    }
    known.put(claimant.agentId(), now);
    return true;
  }
}
