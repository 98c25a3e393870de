package dev.fairway.bench.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Whether the server and the agent let go of what has ended: what is alive in the heap of each
/// after many jobs, beside what was after the first ones. The jobs do a little of everything that a
/// job can leave behind.
public final class SoakBench {
  /// Until every cache and every class is there.
  private static final int WARM = Integer.getInteger("warm", 20);

  private static final int RUNS = Integer.getInteger("runs", 400);
  private static final int JOBS = 50;
  private static final int SHOWN = 8;
  private static final long ASKED_SERVER = 8L << 20;
  private static final long ASKED_AGENT = 2L << 20;
  private static final Pattern LINE = Pattern.compile(" *\\d+: +\\d+ +(\\d+) +(\\S+).*");

  private static final String WORKFLOW =
      "on: push\njobs:\n"
          + IntStream.range(0, JOBS)
              .mapToObj(
                  """
                    j%d:
                      runs-on: linux
                      timeout-minutes: 5
                      outputs: { out: "${{ steps.out.outputs.out }}" }
                      steps:
                        - { id: side, background: true, run: "echo beside" }
                        - id: out
                          timeout-minutes: 1
                          run: |
                            echo "out=$GITHUB_RUN_ID" >> "$GITHUB_OUTPUT"
                            echo "NAME=value" >> "$GITHUB_ENV"
                            echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
                            echo "::warning file=a.c,line=1::a warning"
                            echo "::add-mask::masked-$GITHUB_RUN_ID"
                        - { run: exit 1, continue-on-error: true }
                        - wait: side
                  """
                      ::formatted)
              .collect(Collectors.joining());

  private SoakBench() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean met;
    try (var ground = new Ground(Optional.empty());
        var system =
            new Installed(
                ground, Map.of(), List.of("--proxy-port", Integer.toString(Ground.freePort())))) {
      met = run(system, new Pushes(ground, system));
    }
    System.exit(met ? 0 : 1);
  }

  private static boolean run(Installed system, Pushes pushes)
      throws IOException, InterruptedException {
    push(pushes, WARM);
    var server = Heap.of(system.pid());
    var agent = Heap.of(system.pid("agent"));
    push(pushes, RUNS);
    System.out.printf("after %,d jobs, and %,d more:%n", WARM * JOBS, RUNS * JOBS);
    return grown("server", server, Heap.of(system.pid()), ASKED_SERVER)
        & grown("agent", agent, Heap.of(system.pid("agent")), ASKED_AGENT);
  }

  private static void push(Pushes pushes, int runs) throws IOException, InterruptedException {
    for (var n = 0; n < runs; n++) {
      pushes.push(WORKFLOW);
    }
  }

  private static boolean grown(String what, Heap before, Heap after, long asked) {
    var grown = after.total() - before.total();
    System.out.printf(
        "%s %s: %d KiB alive, then %d KiB; asked to grow by at most %d KiB%n",
        grown <= asked ? "met   " : "missed",
        what,
        before.total() >> 10,
        after.total() >> 10,
        asked >> 10);
    after.bytes().entrySet().stream()
        .map(entry ->
            Map.entry(
                entry.getKey(), entry.getValue() - before.bytes().getOrDefault(entry.getKey(), 0L)))
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(SHOWN)
        .forEach(entry ->
            System.out.printf("         %+6d KiB  %s%n", entry.getValue() >> 10, entry.getKey()));
    return grown <= asked;
  }

  /// What is alive in a JVM: bytes by class.
  private record Heap(Map<String, Long> bytes) {
    static Heap of(long pid) throws IOException, InterruptedException {
      var process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(pid),
                  "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException("jcmd: " + said.strip());
      }
      var bytes = new HashMap<String, Long>();
      said.lines()
          .map(LINE::matcher)
          .filter(line -> line.matches())
          .forEach(line -> bytes.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum));
      return new Heap(bytes);
    }

    long total() {
      return bytes.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
