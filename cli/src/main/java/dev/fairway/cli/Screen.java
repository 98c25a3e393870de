package dev.fairway.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// The lower end of a terminal, where lines are drawn again and again, below those that stay.
final class Screen {
  private static final String CLEAR_BELOW = "\r\u001b[J";
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";

  private final PrintWriter out;
  private Terminal.Size size;
  private List<Integer> drawn = List.of();
  private List<String> shown = List.of();

  Screen(PrintWriter out, Terminal.Size size) {
    this.out = out;
    this.size = size;
  }

  Terminal.Size size() {
    return size;
  }

  void resized(Terminal.Size now) {
    size = now;
    shown = List.of();
  }

  /// Prints lines that stay, and draws the others below them in place of those drawn before. Longer
  /// ones are cut to the width of the terminal; those that stay are not, they wrap.
  void show(List<String> staying, List<String> moving) {
    if (staying.isEmpty() && moving.equals(shown)) {
      return;
    }
    var text = new StringBuilder(HIDE_CURSOR);
    var rows = rowsDrawn();
    if (rows > 0) {
      text.append("\u001b[%dA".formatted(rows));
    }
    text.append(CLEAR_BELOW);
    staying.forEach(line -> text.append(line).append('\n'));
    var widths = new ArrayList<Integer>();
    for (var line : moving) {
      var cut = Columns.cut(line, size.columns() - 1);
      widths.add(Columns.width(cut));
      text.append(cut).append('\n');
    }
    drawn = widths;
    shown = List.copyOf(moving);
    if (moving.isEmpty()) {
      text.append(SHOW_CURSOR);
    }
    out.print(text);
    out.flush();
  }

  /// A terminal that has become narrower has wrapped what was drawn when it was wider.
  private int rowsDrawn() {
    return drawn.stream().mapToInt(width -> Math.max(1, Math.ceilDiv(width, size.columns()))).sum();
  }
}
