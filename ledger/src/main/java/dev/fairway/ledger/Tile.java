package dev.fairway.ledger;

import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;

/// A tile of the log as C2SP tlog-tiles names it: 256 hashes of one tile level, or the bundle of
/// the 256 entries below a tile of level 0. A partial tile is a prefix of the full one.
///
/// @param level tile level 0 to 5, whose hashes are those of the tree's level `8 * level`; -1 for
///   entries
/// @param index number of the tile in its level, from 0
/// @param width hashes (or entries) in it, 1 to 256
public record Tile(int level, long index, int width) {
  /// Hashes in a full tile.
  public static final int FULL = 256;

  /// The level that stands for entry bundles.
  public static final int ENTRIES = -1;

  private static final int HEIGHT = 8;
  private static final int MAX_LEVEL = 5;
  private static final int MAX_PATH = 64;
  private static final Pattern PATH =
      Pattern.compile(
          "tile/(entries|[0-5])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

  public Tile {
    if (level < ENTRIES || level > MAX_LEVEL || index < 0 || width < 1 || width > FULL) {
      throw new IllegalArgumentException("no such tile: " + level + "/" + index + "/" + width);
    }
  }

  /// The tile of `level` number `index` in a tree of `size` leaves; empty when that tree has none.
  public static Optional<Tile> in(long size, int level, long index) {
    long hashes = size >> (HEIGHT * Math.max(level, 0));
    long width = Math.min(hashes - index * FULL, FULL);
    return width < 1 ? Optional.empty() : Optional.of(new Tile(level, index, (int) width));
  }

  /// Parses `tile/L/N[.p/W]` or `tile/entries/N[.p/W]`; empty for anything else, other spellings of
  /// the same tile included.
  public static Optional<Tile> parse(String path) {
    var matcher = PATH.matcher(path);
    if (path.length() > MAX_PATH || !matcher.matches()) {
      return Optional.empty();
    }
    int level = matcher.group(1).equals("entries") ? ENTRIES : Integer.parseInt(matcher.group(1));
    long index = Long.parseLong(matcher.group(2).replace("x", "").replace("/", ""));
    int width = matcher.group(3) == null ? FULL : Integer.parseInt(matcher.group(3));
    if (width > FULL || (width == FULL && matcher.group(3) != null)) {
      return Optional.empty();
    }
    var tile = new Tile(level, index, width);
    return tile.path().equals(path) ? Optional.of(tile) : Optional.empty();
  }

  public boolean partial() {
    return width < FULL;
  }

  /// The same tile when it is full.
  public Tile full() {
    return new Tile(level, index, FULL);
  }

  /// Path below the log's address: groups of three digits, all but the last marked with `x`.
  public String path() {
    var groups = new ArrayList<String>();
    long rest = index;
    do {
      groups.addFirst((groups.isEmpty() ? "" : "x") + "%03d".formatted(rest % 1000));
      rest /= 1000;
    } while (rest > 0);
    return "tile/"
        + (level == ENTRIES ? "entries" : level)
        + "/"
        + String.join("/", groups)
        + (partial() ? ".p/" + width : "");
  }

  @Override
  public String toString() {
    return path();
  }
}
