package dev.fairway.server.source;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What git itself wrote down of one push, through our hooks: each ref while it held its lock, and
/// what became of it. A ref without a line has not been moved by the push.
///
/// @param moves in the order in which git began them
/// @param complete whether nothing more will come
record PushJournal(Map<PushCommands.Command, State> moves, boolean complete) {
  /// What is known of one ref.
  enum State {
    /// Git held the lock, and was about to move it.
    PREPARED,
    /// It has moved.
    COMMITTED,
    /// It has not.
    ABORTED
  }

  private static final String COMPLETE = "complete";
  private static final Pattern LINE =
      Pattern.compile("(prepared|committed|aborted) ([0-9a-f]{40}) ([0-9a-f]{40}) (.+)");

  /// Reads the file's text; a last line that was cut off does not count.
  static PushJournal parse(String text) {
    var moves = new LinkedHashMap<PushCommands.Command, State>();
    var complete = false;
    for (var line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
      complete |= line.equals(COMPLETE);
      var parts = LINE.matcher(line);
      if (parts.matches()) {
        var move = new PushCommands.Command(parts.group(2), parts.group(3), parts.group(4));
        moves.put(move, state(parts.group(1)));
      }
    }
    return new PushJournal(moves, complete);
  }

  private static State state(String word) {
    return switch (word) {
      case "committed" -> State.COMMITTED;
      case "aborted" -> State.ABORTED;
      default -> State.PREPARED;
    };
  }

  /// Moves that the push has made, or may have.
  List<PushCommands.Command> possible() {
    return which(State.PREPARED, State.COMMITTED);
  }

  /// Moves that the push has made.
  List<PushCommands.Command> certain() {
    return which(State.COMMITTED);
  }

  private List<PushCommands.Command> which(State... states) {
    var wanted = List.of(states);
    var found = new ArrayList<PushCommands.Command>();
    moves.forEach((move, state) -> {
      if (wanted.contains(state)) {
        found.add(move);
      }
    });
    return found;
  }
}
