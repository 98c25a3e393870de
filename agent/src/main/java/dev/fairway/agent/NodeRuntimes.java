package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The Node.js programs of this machine, asked once for their versions: those that `FAIRWAY_NODE`
/// names, separated by colons, and the one of the `PATH`.
public final class NodeRuntimes {
  private static final int ANSWER_SECONDS = 10;
  private static final Pattern VERSION = Pattern.compile("v(\\d{1,4})\\.\\d+\\.\\d+.*");

  /// @param version in full, such as `v20.20.2`
  record Node(Path program, int major, String version) {}

  private final String programs;
  private final String path;
  private @Nullable List<Node> found;

  /// @param programs paths, separated by colons
  /// @param path folders, separated by colons
  public NodeRuntimes(String programs, String path) {
    this.programs = programs;
    this.path = path;
  }

  /// Those that this process's variables name.
  public static NodeRuntimes ofThisMachine() {
    return new NodeRuntimes(
        System.getenv().getOrDefault("FAIRWAY_NODE", ""), System.getenv().getOrDefault("PATH", ""));
  }

  synchronized List<Node> all() throws IOException, InterruptedException {
    if (found == null) {
      var all = new ArrayList<Node>();
      for (var candidate : candidates()) {
        if (Files.isExecutable(candidate)) {
          ask(candidate, all);
        }
      }
      found = List.copyOf(all);
    }
    return found;
  }

  /// The one of that version, else of the next newer one.
  ///
  /// @param shown whether jobs see that program
  Node atLeast(int version, Predicate<Path> shown) throws IOException, InterruptedException {
    for (var runtime : sorted()) {
      if (runtime.major() >= version && shown.test(runtime.program())) {
        return runtime;
      }
    }
    var here =
        all().isEmpty()
            ? "this agent has none"
            : "this agent has "
                + all().stream()
                    .map(runtime ->
                        runtime.version()
                            + " at "
                            + runtime.program()
                            + (shown.test(runtime.program()) ? "" : ", where no job can see it"))
                    .collect(Collectors.joining(" and "));
    throw new FairwayException(
        ErrorCode.UNSUPPORTED,
        "The action needs Node.js %d or newer, and %s".formatted(version, here),
        "Install it, and name its program in FAIRWAY_NODE for the agent.");
  }

  private List<Node> sorted() throws IOException, InterruptedException {
    return all().stream().sorted(Comparator.comparingInt(Node::major)).toList();
  }

  private List<Path> candidates() {
    return Stream.concat(
            Arrays.stream(programs.split(":", -1)).filter(one -> !one.isBlank()).map(Path::of),
            Arrays.stream(path.split(":", -1))
                .filter(one -> one.startsWith("/"))
                .map(folder -> Path.of(folder).resolve("node")))
        .toList();
  }

  private static void ask(Path program, List<Node> all) throws IOException, InterruptedException {
    var real = program.toRealPath();
    if (all.stream().anyMatch(known -> known.program().equals(real))) {
      return;
    }
    var process =
        new ProcessBuilder(real.toString(), "--version")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return;
    }
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    var version = VERSION.matcher(said);
    if (version.matches()) {
      all.add(new Node(real, Integer.parseInt(version.group(1)), said));
    }
  }
}
