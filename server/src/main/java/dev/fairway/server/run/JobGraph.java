package dev.fairway.server.run;

import dev.fairway.server.web.StateMark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The jobs of a run as a picture: who needs whom, from left to right. The jobs of a called
/// workflow stand in a frame that has the name of their caller.
///
/// @param width of the drawing in its own units
public record JobGraph(
    int width, int height, List<Node> nodes, List<Frame> frames, List<Edge> edges) {
  private static final int NODE_HEIGHT = 48;
  private static final int GAP_Y = 14;
  private static final int MARGIN = 8;
  private static final int FRAME_PAD = 10;
  private static final int FRAME_TITLE = 22;

  /// What a page at a desk has for it; wider ones scroll.
  private static final int ROOM = 980;

  /// How wide a job is, and the way to the next one.
  private enum Scale {
    ROOMY(196, 54),
    CLOSE(150, 36);

    private final int node;
    private final int gap;

    Scale(int node, int gap) {
      this.node = node;
      this.gap = gap;
    }
  }

  /// A job with all instances of its matrix.
  ///
  /// @param job the instance to show first: one that failed, else the first
  /// @param detail such as `3 of 5` or how long it took; empty while `since` says it
  /// @param since when it began; null unless it runs
  /// @param critical whether the run would have been shorter without it
  public record Node(
      int x,
      int y,
      int width,
      UUID job,
      String name,
      String state,
      String detail,
      @Nullable Instant since,
      StateMark mark,
      boolean critical) {
    public int height() {
      return NODE_HEIGHT;
    }
  }

  /// Around the jobs of a called workflow.
  public record Frame(int x, int y, int width, int height, String name) {}

  /// @param path as SVG writes it
  /// @param done whether what it leads from has ended well
  public record Edge(String path, boolean done, boolean critical) {}

  public JobGraph {
    nodes = List.copyOf(nodes);
    frames = List.copyOf(frames);
    edges = List.copyOf(edges);
  }

  /// Whether the picture says more than the list.
  public boolean worthShowing() {
    return !edges.isEmpty() || !frames.isEmpty();
  }

  /// @param calls what each call of a workflow needs, by its key
  static JobGraph of(List<JobRun> jobs, Map<String, List<String>> calls, CriticalPath critical) {
    Map<String, List<JobRun>> byKey = new LinkedHashMap<>();
    jobs.forEach(job -> byKey.computeIfAbsent(job.key(), _ -> new ArrayList<>()).add(job));
    var drawing = new Drawing(critical, Scale.ROOMY);
    var box = drawing.scope("", byKey, calls);
    if (box.width + 2 * MARGIN > ROOM) {
      drawing = new Drawing(critical, Scale.CLOSE);
      box = drawing.scope("", byKey, calls);
    }
    box.place(drawing, MARGIN, MARGIN);
    return new JobGraph(
        2 * MARGIN + box.width,
        2 * MARGIN + box.height,
        drawing.nodes,
        drawing.frames,
        drawing.edges);
  }

  /// What has a place among its siblings: a job, or the jobs of a call.
  private static class Box {
    final String name;
    final List<String> needs;
    int width;
    int height = NODE_HEIGHT;
    int x;
    int y;

    Box(String name, List<String> needs, int width) {
      this.name = name;
      this.needs = needs;
      this.width = width;
    }

    /// `deploy` for `deploy#2`, by which others need it.
    String base() {
      var hash = name.indexOf('#');
      return hash < 0 ? name : name.substring(0, hash);
    }

    boolean done() {
      return false;
    }

    boolean critical() {
      return false;
    }

    void place(Drawing drawing, int left, int top) {
      x = left;
      y = top;
    }
  }

  private static final class Leaf extends Box {
    private final List<JobRun> instances;
    private final boolean critical;

    Leaf(String name, List<JobRun> instances, boolean critical, int width) {
      super(name, instances.getFirst().needs(), width);
      this.instances = instances;
      this.critical = critical;
    }

    @Override
    boolean done() {
      return instances.stream().allMatch(job -> Marks.of(job) == StateMark.OK);
    }

    @Override
    boolean critical() {
      return critical;
    }

    @Override
    void place(Drawing drawing, int left, int top) {
      super.place(drawing, left, top);
      drawing.nodes.add(node(this, left, top));
    }
  }

  private static final class Scope extends Box {
    private final List<List<Box>> columns;
    private final boolean framed;
    private final int gap;

    Scope(String name, List<String> needs, List<List<Box>> columns, int gap) {
      super(name, needs, 0);
      this.columns = columns;
      this.gap = gap;
      framed = !name.isEmpty();
      var inner = 0;
      var tallest = 0;
      for (var column : columns) {
        inner += column.stream().mapToInt(box -> box.width).max().orElse(0);
        var tall = column.stream().mapToInt(box -> box.height).sum() + (column.size() - 1) * GAP_Y;
        tallest = Math.max(tallest, tall);
      }
      width = inner + Math.max(0, columns.size() - 1) * gap + (framed ? 2 * FRAME_PAD : 0);
      height = tallest + (framed ? 2 * FRAME_PAD + FRAME_TITLE : 0);
    }

    @Override
    boolean done() {
      return columns.stream().flatMap(List::stream).allMatch(Box::done);
    }

    @Override
    boolean critical() {
      return columns.stream().flatMap(List::stream).anyMatch(Box::critical);
    }

    @Override
    void place(Drawing drawing, int left, int top) {
      super.place(drawing, left, top);
      if (framed) {
        drawing.frames.add(new Frame(left, top, width, height, name));
      }
      var columnX = left + (framed ? FRAME_PAD : 0);
      for (var column : columns) {
        var boxY = top + (framed ? FRAME_PAD + FRAME_TITLE : 0);
        for (var box : column) {
          box.place(drawing, columnX, boxY);
          boxY += box.height + GAP_Y;
        }
        columnX += column.stream().mapToInt(box -> box.width).max().orElse(0) + gap;
      }
      connect(drawing);
    }

    private void connect(Drawing drawing) {
      var all = columns.stream().flatMap(List::stream).toList();
      for (var to : all) {
        for (var from : all) {
          if (from != to && (to.needs.contains(from.name) || to.needs.contains(from.base()))) {
            drawing.edges.add(edge(from, to));
          }
        }
      }
    }
  }

  private static final class Drawing {
    private final CriticalPath path;
    private final Scale scale;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Frame> frames = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();

    Drawing(CriticalPath path, Scale scale) {
      this.path = path;
      this.scale = scale;
    }

    /// The jobs below a path, such as `deploy/`, in columns.
    Scope scope(String path, Map<String, List<JobRun>> byKey, Map<String, List<String>> calls) {
      Map<String, Box> boxes = new LinkedHashMap<>();
      byKey.forEach((key, instances) -> {
        if (key.startsWith(path)) {
          var rest = key.substring(path.length());
          var slash = rest.indexOf('/');
          var name = slash < 0 ? rest : rest.substring(0, slash);
          if (slash < 0) {
            var on = instances.stream().anyMatch(this.path::has);
            boxes.putIfAbsent(name, new Leaf(name, instances, on, scale.node));
          } else if (!(boxes.get(name) instanceof Scope)) {
            // A call may have a row of its own, which says no more than its jobs do.
            boxes.put(name, scope(path + name + "/", byKey, calls));
          }
        }
      });
      Map<String, Integer> depths = new HashMap<>();
      var columns = new ArrayList<List<Box>>();
      for (var box : boxes.values()) {
        var depth = depth(box, boxes, depths);
        while (columns.size() <= depth) {
          columns.add(new ArrayList<>());
        }
        columns.get(depth).add(box);
      }
      columns.removeIf(List::isEmpty);
      var name = path.isEmpty() ? "" : path.substring(0, path.length() - 1);
      var own = name.substring(name.lastIndexOf('/') + 1);
      var call = name.replaceAll("#\\d+", "");
      return new Scope(own, calls.getOrDefault(call, List.of()), columns, scale.gap);
    }

    /// One to the right of all that it needs; the language knows no cycles.
    private static int depth(Box box, Map<String, Box> boxes, Map<String, Integer> depths) {
      var known = depths.get(box.name);
      if (known != null) {
        return known;
      }
      depths.put(box.name, 0);
      var depth = 0;
      for (var other : boxes.values()) {
        if (other != box && (box.needs.contains(other.name) || box.needs.contains(other.base()))) {
          depth = Math.max(depth, 1 + depth(other, boxes, depths));
        }
      }
      depths.put(box.name, depth);
      return depth;
    }
  }

  /// The one that most needs looking at.
  static JobRun worst(List<JobRun> instances) {
    return instances.stream()
        .filter(job -> Marks.of(job) == StateMark.BAD)
        .findFirst()
        .or(() -> instances.stream().filter(job -> Marks.of(job) == StateMark.RUN).findFirst())
        .or(() -> instances.stream().filter(job -> !job.phase().terminal()).findFirst())
        .orElse(instances.getFirst());
  }

  private static Node node(Leaf leaf, int x, int y) {
    var instances = leaf.instances;
    var worst = worst(instances);
    var many = instances.size() > 1;
    var ended = instances.stream().filter(job -> job.phase().terminal()).count();
    var runs = !many && worst.phase() == JobPhase.RUNNING;
    var took = RunPage.between(worst.startedAt(), worst.endedAt());
    var state = Marks.words(worst.stateWord());
    // A cross alone does not say whether the command said no, the time was up, or we broke.
    var how = took.isEmpty() || Marks.of(worst) == StateMark.OK ? "" : state + ", ";
    var detail =
        many ? ended + " of " + instances.size() + " ended" : took.isEmpty() ? state : how + took;
    // The caller's name is on the frame.
    var inner = worst.key().indexOf('/') < 0 ? -1 : worst.name().lastIndexOf(" / ");
    var name = many ? leaf.name : inner < 0 ? worst.name() : worst.name().substring(inner + 3);
    return new Node(
        x,
        y,
        leaf.width,
        worst.id(),
        name,
        state,
        detail,
        runs ? worst.startedAt() : null,
        Marks.of(worst),
        leaf.critical);
  }

  private static Edge edge(Box from, Box to) {
    var x1 = from.x + from.width;
    var y1 = from.y + from.height / 2;
    var x2 = to.x;
    var y2 = to.y + to.height / 2;
    var middle = (x1 + x2) / 2;
    return new Edge(
        "M%d %dC%d %d %d %d %d %d".formatted(x1, y1, middle, y1, middle, y2, x2, y2),
        from.done(),
        from.critical() && to.critical());
  }
}
