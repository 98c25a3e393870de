package dev.fairway.server.run;

import dev.fairway.server.web.StateMark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The jobs of a run as a picture: who needs whom, from left to right.
///
/// @param width of the drawing in its own units
public record JobGraph(int width, int height, List<Node> nodes, List<Edge> edges) {
  private static final int NODE_WIDTH = 190;
  private static final int NODE_HEIGHT = 44;
  private static final int COLUMN = 250;
  private static final int ROW = 60;
  private static final int MARGIN = 8;
  private static final int MAX_LABEL_CHARS = 24;

  /// A job with all instances of its matrix.
  ///
  /// @param job the instance to show first: one that failed, else the first
  /// @param label shortened to fit
  /// @param detail such as `3 of 5`
  public record Node(
      int x, int y, UUID job, String name, String label, String detail, StateMark mark) {
    public int width() {
      return NODE_WIDTH;
    }

    public int height() {
      return NODE_HEIGHT;
    }
  }

  /// @param path as SVG writes it
  /// @param done whether what it leads from has ended well
  public record Edge(String path, boolean done) {}

  public JobGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /// Whether the picture says more than the list.
  public boolean worthShowing() {
    return !edges.isEmpty();
  }

  static JobGraph of(List<JobRun> jobs) {
    Map<String, List<JobRun>> byKey = new LinkedHashMap<>();
    jobs.forEach(job -> byKey.computeIfAbsent(job.key(), _ -> new ArrayList<>()).add(job));
    Map<String, Integer> columns = new HashMap<>();
    byKey.keySet().forEach(key -> column(key, byKey, columns));
    Map<Integer, Integer> rows = new HashMap<>();
    Map<String, Node> nodes = new LinkedHashMap<>();
    byKey.forEach((key, instances) -> {
      var column = columns.getOrDefault(key, 0);
      var row = rows.merge(column, 1, Integer::sum) - 1;
      nodes.put(key, node(key, instances, MARGIN + column * COLUMN, MARGIN + row * ROW));
    });
    var edges = new ArrayList<Edge>();
    byKey.forEach((key, instances) -> {
      for (var need : instances.getFirst().needs()) {
        var from = nodes.get(need);
        var to = nodes.get(key);
        if (from != null && to != null) {
          edges.add(edge(from, to));
        }
      }
    });
    var width = columns.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    var height = rows.values().stream().mapToInt(Integer::intValue).max().orElse(1);
    return new JobGraph(
        2 * MARGIN + width * COLUMN + NODE_WIDTH,
        2 * MARGIN + (height - 1) * ROW + NODE_HEIGHT,
        List.copyOf(nodes.values()),
        edges);
  }

  /// One to the right of all that it needs; the language knows no cycles.
  private static int column(
      String key, Map<String, List<JobRun>> byKey, Map<String, Integer> columns) {
    var known = columns.get(key);
    if (known != null) {
      return known;
    }
    columns.put(key, 0);
    var column = 0;
    for (var need :
        byKey.getOrDefault(key, List.of()).stream()
            .findFirst()
            .map(JobRun::needs)
            .orElse(List.of())) {
      column = Math.max(column, 1 + column(need, byKey, columns));
    }
    columns.put(key, column);
    return column;
  }

  private static Node node(String key, List<JobRun> instances, int x, int y) {
    var worst =
        instances.stream()
            .filter(job -> Marks.of(job) == StateMark.BAD)
            .findFirst()
            .or(() -> instances.stream().filter(job -> Marks.of(job) == StateMark.RUN).findFirst())
            .or(() -> instances.stream().filter(job -> !job.phase().terminal()).findFirst())
            .orElse(instances.getFirst());
    var many = instances.size() > 1;
    var name = many ? key : worst.name();
    var ended = instances.stream().filter(job -> job.phase().terminal()).count();
    var detail =
        many ? ended + " of " + instances.size() + " ended" : Marks.words(worst.stateWord());
    var label =
        name.length() <= MAX_LABEL_CHARS ? name : name.substring(0, MAX_LABEL_CHARS - 1) + "…";
    return new Node(x, y, worst.id(), name, label, detail, Marks.of(worst));
  }

  private static Edge edge(Node from, Node to) {
    var x1 = from.x() + NODE_WIDTH;
    var y1 = from.y() + NODE_HEIGHT / 2;
    var x2 = to.x();
    var y2 = to.y() + NODE_HEIGHT / 2;
    var middle = (x1 + x2) / 2;
    return new Edge(
        "M%d %dC%d %d %d %d %d %d".formatted(x1, y1, middle, y1, middle, y2, x2, y2),
        from.mark() == StateMark.OK);
  }
}
