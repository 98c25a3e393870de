package dev.fairway.server.identity;

import dev.fairway.server.http.Caller;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// The agents whose tokens the database knew a moment ago: an agent with many slots calls so often
/// that asking each time would cost more than what it asks for.
final class RecentAgents {
  /// A token that was revoked is worth nothing after so long.
  static final Duration LIFE = Duration.ofMillis(100);

  /// More agents than that are forgotten, and looked for again.
  private static final int MAX_AGENTS = 10_000;

  private record Known(Caller caller, long at) {}

  private final Map<ByteBuffer, Known> known = new ConcurrentHashMap<>();

  /// @param search asks the database
  Optional<Caller> of(String token, Supplier<Optional<Caller>> search) {
    var hash = ByteBuffer.wrap(Secrets.hash(token));
    var now = System.nanoTime();
    var before = known.get(hash);
    if (before != null && now - before.at() < LIFE.toNanos()) {
      return Optional.of(before.caller());
    }
    var found = search.get();
    if (known.size() >= MAX_AGENTS) {
      known.clear();
    }
    found.ifPresentOrElse(
        caller -> known.put(hash, new Known(caller, now)), () -> known.remove(hash));
    return found;
  }
}
