package dev.fairway.server.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Finds out which pushes took the refs from where they were recorded to where they are.
///
/// Git moves a ref only if it still has the old value that the push named. So the true history of a
/// ref is a path through what open pushes did or may have done, and the shortest one explains all
/// that can be seen. What git wrote down in a push's journal comes before what was only asked for.
/// A ref that no such path reaches was moved by something else than a push.
final class RefMoves {
  /// A ref that was moved; [PushCommands#ZERO] stands for a ref that did not or does not exist.
  ///
  /// @param push who did it; null where no push asked for it
  record Move(@Nullable UUID push, String ref, String before, String after) {}

  private RefMoves() {}

  /// @param recorded refs and values as of the last record
  /// @param actual refs and values in the repository
  /// @param written what open pushes did or may have done, as git wrote down, oldest push first
  /// @param asked what pushes asked for of which git wrote nothing down, oldest push first
  static List<Move> between(
      Map<String, String> recorded,
      Map<String, String> actual,
      Map<UUID, List<PushCommands.Command>> written,
      Map<UUID, List<PushCommands.Command>> asked) {
    var all = new LinkedHashMap<>(written);
    all.putAll(asked);
    var moves = new ArrayList<Move>();
    var refs = new TreeSet<>(recorded.keySet());
    refs.addAll(actual.keySet());
    for (var ref : refs) {
      var from = recorded.getOrDefault(ref, PushCommands.ZERO);
      var to = actual.getOrDefault(ref, PushCommands.ZERO);
      if (!from.equals(to)) {
        var path = path(ref, from, to, written);
        if (path.isEmpty()) {
          path = path(ref, from, to, all);
        }
        moves.addAll(path.isEmpty() ? List.of(new Move(null, ref, from, to)) : path);
      }
    }
    return moves;
  }

  private static List<Move> path(
      String ref, String from, String to, Map<UUID, List<PushCommands.Command>> asked) {
    var arrivals = new HashMap<String, Move>();
    var reached = new HashSet<>(List.of(from));
    var queue = new ArrayDeque<>(List.of(from));
    while (!queue.isEmpty() && !arrivals.containsKey(to)) {
      var at = queue.remove();
      asked.forEach((push, commands) -> {
        for (var command : commands) {
          if (command.ref().equals(ref)
              && command.before().equals(at)
              && reached.add(command.after())) {
            arrivals.put(command.after(), new Move(push, ref, at, command.after()));
            queue.add(command.after());
          }
        }
      });
    }
    var path = new ArrayList<Move>();
    for (var move = arrivals.get(to); move != null; move = arrivals.get(move.before())) {
      path.add(move);
    }
    Collections.reverse(path);
    return path;
  }
}
