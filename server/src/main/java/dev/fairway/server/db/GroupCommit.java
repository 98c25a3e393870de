package dev.fairway.server.db;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Does in one transaction what several threads ask for at the same time.
///
/// Who finds nobody at work begins at once. Those who ask while a transaction is on its way to the
/// disk wait for it, and the first of them does what all of them ask for together. So nobody waits
/// for company, and the busier it is, the less each costs. Everybody is answered when their own
/// part is durable.
///
/// @param <K> what cannot be done together has different keys
/// @param <I> what is asked for
/// @param <O> what it comes to
public final class GroupCommit<K, I, O> {
  /// As many are done together.
  private static final int MAX_TOGETHER = 64;

  /// What is to be done.
  @FunctionalInterface
  public interface Work<K, I, O> {
    /// @return what each comes to, in the same order. An exception rolls all of it back; then each
    ///   is done alone, so that one that cannot be done keeps no other from it
    List<O> together(Handle tx, K key, List<I> items);
  }

  private final Database database;
  private final Work<K, I, O> work;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<K, Line<I, O>> lines = new HashMap<>();

  public GroupCommit(Database database, Work<K, I, O> work) {
    this.database = database;
    this.work = work;
  }

  private static final class Line<I, O> {
    private final List<Place<I, O>> waiting = new ArrayList<>();
    private boolean busy;
  }

  private static final class Place<I, O> {
    private final I item;
    private final Condition turn;
    private @Nullable Supplier<O> answer;

    private Place(I item, Condition turn) {
      this.item = item;
      this.turn = turn;
    }
  }

  /// Returns when it is done, durably.
  public O commit(K key, I item) {
    var place = new Place<I, O>(item, lock.newCondition());
    lock.lock();
    try {
      var line = lines.computeIfAbsent(key, _ -> new Line<>());
      line.waiting.add(place);
      while (place.answer == null) {
        if (line.busy) {
          place.turn.awaitUninterruptibly();
        } else {
          doNext(key, line);
        }
      }
    } finally {
      lock.unlock();
    }
    return place.answer.get();
  }

  /// Does what those ask for who wait, with the lock given up meanwhile.
  private void doNext(K key, Line<I, O> line) {
    var next = line.waiting.subList(0, Math.min(line.waiting.size(), MAX_TOGETHER));
    var together = List.copyOf(next);
    next.clear();
    line.busy = true;
    lock.unlock();
    var answers = List.<Supplier<O>>of();
    try {
      answers = answers(key, together.stream().map(place -> place.item).toList());
    } finally {
      lock.lock();
      line.busy = false;
      for (var n = 0; n < together.size(); n++) {
        var place = together.get(n);
        place.answer = n < answers.size() ? answers.get(n) : GroupCommit::broken;
        place.turn.signal();
      }
      if (line.waiting.isEmpty()) {
        lines.remove(key, line);
      } else {
        line.waiting.getFirst().turn.signal();
      }
    }
  }

  private List<Supplier<O>> answers(K key, List<I> items) {
    try {
      return database.<List<O>>transaction(tx -> work.together(tx, key, items)).stream()
          .<Supplier<O>>map(result -> () -> result)
          .toList();
    } catch (RuntimeException e) {
      if (items.size() > 1 && !unavailable(e)) {
        return items.stream().map(item -> answers(key, List.of(item)).getFirst()).toList();
      }
      Supplier<O> failure =
          () -> {
            throw e;
          };
      return items.stream().map(_ -> failure).toList();
    }
  }

  private static boolean unavailable(RuntimeException e) {
    return e instanceof FairwayException refusal
        && refusal.code() == ErrorCode.DATABASE_UNAVAILABLE;
  }

  /// What others hear whose part was to be done with that of a thread in which something broke.
  private static <T> T broken() {
    throw new FairwayException(
        ErrorCode.INTERNAL, "It could not be done with what others asked for", "Send it again.");
  }
}
