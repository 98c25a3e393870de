package dev.fairway.workflow;

/// A place in a workflow file. Line and column count from 1; the column counts code points.
public record Position(int line, int column) implements Comparable<Position> {
  static final Position START = new Position(1, 1);

  public Position {
    if (line < 1 || column < 1) {
      throw new IllegalArgumentException("a position counts from 1, not " + line + ":" + column);
    }
  }

  @Override
  public int compareTo(Position other) {
    return line == other.line
        ? Integer.compare(column, other.column)
        : Integer.compare(line, other.line);
  }
}
