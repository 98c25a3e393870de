package dev.fairway.server.run;

import dev.fairway.server.run.Groups.Turn;
import dev.fairway.workflow.Concurrency;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether waiting for a group would never end, because who holds it waits for who wants it.
///
/// ```
///  newcomer ── wants ──► group ── held by ──► a job, call or run
///     ▲                                            │ part of which waits for
///     └───── part of ── who holds ◄── held by ── group
/// ```
///
/// A circle closes only when somebody begins to wait, under the project's lock: so looking then is
/// looking always. What has lost its place is being stopped, and holds up nobody for ever.
final class Deadlocks {
  private final List<Turn> turns;
  private final Run run;
  private final Concurrency.Group wanted;
  private final Set<Long> seen = new HashSet<>();

  private Deadlocks(List<Turn> turns, Run run, Concurrency.Group wanted) {
    this.turns = turns;
    this.run = run;
    this.wanted = wanted;
  }

  /// Why the run, or the part of it, must not wait for that group.
  ///
  /// @param turns of the project
  /// @param key of the group
  static Optional<String> of(List<Turn> turns, Run run, Concurrency.Group wanted, String key) {
    var search = new Deadlocks(turns, run, wanted);
    return search.from(key, "it would wait for the group " + wanted.name());
  }

  private Optional<String> from(String key, String story) {
    var holder =
        turns.stream()
            .filter(turn -> turn.key().equals(key) && turn.held() && turn.evicted() == null)
            .findFirst();
    return holder.isPresent() && seen.add(holder.get().id())
        ? behind(holder.get(), story + ", held by " + holder.get().who())
        : Optional.empty();
  }

  private Optional<String> behind(Turn holder, String story) {
    if (holder.run().equals(run.id()) && holder.covers(wanted.holder())) {
      return Optional.of("Deadlock: " + story + ", which it is part of. Rename one of the groups");
    }
    if (wanted.cancelInProgress()) {
      // Who holds it is going to be stopped.
      return Optional.empty();
    }
    return turns.stream()
        .filter(turn ->
            !turn.held()
                && turn.evicted() == null
                && turn.run().equals(holder.run())
                && holder.covers(turn.holder()))
        .flatMap(waiting ->
            from(
                waiting.key(),
                "%s, of which %s waits for the group %s"
                    .formatted(story, waiting.who(), waiting.group()))
                .stream())
        .findFirst();
  }
}
