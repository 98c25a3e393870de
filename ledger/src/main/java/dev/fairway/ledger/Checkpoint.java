package dev.fairway.ledger;

import java.util.ArrayList;
import java.util.List;

/// What a log commits to: its name, its size and the root of its tree (C2SP tlog-checkpoint).
///
/// @param origin the log's name: a URL without a scheme
/// @param size leaves in the tree
/// @param root the tree's root hash
public record Checkpoint(String origin, long size, Hash root) {
  /// Longest origin, in characters.
  public static final int MAX_ORIGIN = 255;

  public Checkpoint {
    if (!validOrigin(origin)) {
      throw new IllegalArgumentException("not an origin: " + origin);
    }
    if (size < 0) {
      throw new IllegalArgumentException("a tree has no size of " + size);
    }
  }

  /// Printable ASCII without spaces or `+`, which the note format reserves.
  public static boolean validOrigin(String origin) {
    return !origin.isEmpty()
        && origin.length() <= MAX_ORIGIN
        && origin.chars().allMatch(c -> c > ' ' && c < 127 && c != '+');
  }

  /// The text that is signed; ends with a newline.
  public String text() {
    return origin + "\n" + size + "\n" + root.base64() + "\n";
  }

  /// Reads the text of a note. Extension lines after the root are allowed, and ignored.
  static Checkpoint parse(String text) throws Refusal {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    if (lines.size() < 4 || !lines.removeLast().isEmpty() || lines.contains("")) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "expected lines for origin, size and root");
    }
    if (!validOrigin(lines.get(0))) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "the first line is not an origin");
    }
    if (!lines.get(1).matches("0|[1-9][0-9]{0,17}")) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "the second line is not a size");
    }
    var root =
        Hash.base64(lines.get(2))
            .orElseThrow(() -> new Refusal(Flaw.BAD_CHECKPOINT, "the third line is not a root"));
    return new Checkpoint(lines.get(0), Long.parseLong(lines.get(1)), root);
  }
}
