package dev.fairway.agent;

import dev.fairway.agent.ControlGroups.JobGroup;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.ResourceUse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The processes of one job: a [Supervisor] that starts one step after the other inside the
/// sandbox. What a step leaves running stays for the steps behind it and dies with the sandbox. The
/// supervisor ends when its input does, so it does not outlive the agent.
///
/// Everything the processes write arrives, in order, at one [Output].
final class Sandbox implements AutoCloseable {
  private static final int READ_BYTES = 64 * 1024;
  private static final int END_SECONDS = 5;

  /// The death of its parent ends a sandbox; for the kernel the parent is the thread that started
  /// it, so all are started by one that never ends.
  private static final ExecutorService STARTER =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("sandbox-starter").daemon().factory());

  /// What puts a program where the steps are to run, instead of bubblewrap.
  interface Enclosure {
    List<String> command(List<String> program) throws IOException, InterruptedException;

    /// The variables of that command.
    Map<String, String> environment();
  }

  /// Where the output of a job goes.
  interface Output {
    void line(byte[] line, int length, long total);

    /// Nothing more to read for the moment.
    void idle();

    /// How many bytes beyond a cut line the masker needs.
    int lookAhead();
  }

  private final String job;
  private final JobFolder folder;
  private final JobGroup group;
  private final boolean beside;
  private final boolean contained;
  private final Output output;
  private final Process process;
  private final Thread reader;
  private long memoryKills;
  private volatile @Nullable Execution current;
  private volatile @Nullable RuntimeException outputFailure;

  private Sandbox(
      String job,
      JobFolder folder,
      JobGroup group,
      boolean beside,
      boolean contained,
      Output output,
      Process process,
      String nonce) {
    this.job = job;
    this.folder = folder;
    this.group = group;
    this.beside = beside;
    this.contained = contained;
    this.output = output;
    this.process = process;
    this.reader = Thread.ofPlatform().name("output-" + job).daemon().unstarted(() -> read(nonce));
  }

  /// @param beside whether the job has another sandbox, whose processes are none of this one's
  ///   business
  /// @param nonce what no other output looks like
  static Sandbox open(
      String job,
      JobFolder folder,
      Isolation isolation,
      boolean network,
      JobAssignment.Limits limits,
      boolean beside,
      String nonce,
      Output output)
      throws IOException {
    var group = isolation.groups().create(job, limits.memoryBytes(), limits.processes());
    var command = new SandboxCommand(folder, isolation, network, limits, group);
    var builder =
        new ProcessBuilder(command.words(nonce))
            .redirectErrorStream(true)
            .directory(folder.root().toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(Map.of("PATH", JobEnvironment.SYSTEM_PATH, Leftovers.VARIABLE, job));
    var sandbox =
        new Sandbox(
            job, folder, group, beside, isolation.bubblewrap(), output, start(builder), nonce);
    sandbox.reader.start();
    return sandbox;
  }

  /// The same in something else than bubblewrap.
  static Sandbox inside(
      Enclosure enclosure, String job, JobFolder folder, String nonce, Output output)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(enclosure.command(Supervisor.inContainer(nonce, folder.control())))
            .redirectErrorStream(true)
            .directory(folder.root().toFile());
    builder.environment().clear();
    builder.environment().putAll(enclosure.environment());
    var none = new JobGroup(List.of());
    var sandbox = new Sandbox(job, folder, none, false, false, output, start(builder), nonce);
    sandbox.reader.start();
    return sandbox;
  }

  /// Starts `control/ID.launch`. One step at a time.
  Execution start(long id) {
    var execution = new Execution(id);
    current = execution;
    tell("run", id);
    return execution;
  }

  /// Whether the kernel ended one of the job's processes for want of memory since this was last
  /// asked; never where memory is not bounded.
  boolean lostProcessToMemoryLimit() throws IOException {
    var before = memoryKills;
    memoryKills = group.memoryKills();
    return memoryKills > before;
  }

  /// What the job's processes have used so far.
  ResourceUse use() throws IOException {
    return group.use();
  }

  /// Ends every process of the job and waits until they are gone.
  @Override
  public void close() throws IOException {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroyForcibly();
    }
    try {
      var ended = process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor(END_SECONDS, TimeUnit.SECONDS);
      }
      // The kernel ends what is left in a namespace of processes before its first one has ended.
      if (!beside && !(contained && ended)) {
        Leftovers.kill(job, folder.user(), group);
      }
      reader.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /// A step that runs.
  final class Execution {
    private final long id;
    private final CompletableFuture<Integer> code = new CompletableFuture<>();

    private Execution(long id) {
      this.id = id;
    }

    /// The exit code, once the step has ended and all that it wrote has been taken.
    CompletableFuture<Integer> code() {
      return code;
    }

    /// Asks the step's processes to end.
    void terminate() {
      tell("terminate", id);
    }

    /// Ends those of the step's processes that are left.
    void kill() {
      tell("kill", id);
    }
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    try {
      return STARTER.submit(builder::start).get();
    } catch (ExecutionException e) {
      throw new IOException("Cannot start " + builder.command().getFirst(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while a sandbox was started", e);
    }
  }

  private synchronized void tell(String verb, long id) {
    try {
      var input = process.getOutputStream();
      input.write((verb + " " + id + "\n").getBytes(StandardCharsets.US_ASCII));
      input.flush();
    } catch (IOException e) {
      ended();
    }
  }

  private void read(String nonce) {
    var lines = new OutputLines(nonce, new Dispatch());
    try (var input = process.getInputStream()) {
      read(input, lines);
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "The sandbox's output ended", e);
    }
    lines.close();
    ended();
  }

  private void read(InputStream input, OutputLines lines) throws IOException {
    var buffer = new byte[READ_BYTES];
    for (var count = input.read(buffer); count >= 0; count = input.read(buffer)) {
      lines.accept(buffer, count, output.lookAhead());
      if (input.available() == 0) {
        idle();
      }
    }
  }

  private void ended() {
    var execution = current;
    if (execution != null) {
      execution
          .code()
          .completeExceptionally(
              new FairwayException(
                  ErrorCode.INTERNAL,
                  "The job's processes ended from outside, for want of memory perhaps",
                  "See the machine's kernel log, and the job's memory limit."));
    }
  }

  /// A failure to keep the output (a full disk) fails the step and never blocks the processes.
  private void failed(RuntimeException e) {
    outputFailure = e;
    var execution = current;
    if (execution != null) {
      execution.code().completeExceptionally(e);
    }
  }

  private void idle() {
    if (outputFailure == null) {
      try {
        output.idle();
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  private final class Dispatch implements OutputLines.Receiver {
    @Override
    public void line(byte[] line, int length, long total) {
      if (outputFailure == null) {
        try {
          output.line(line, length, total);
        } catch (RuntimeException e) {
          failed(e);
        }
      }
    }

    @Override
    public void ended(long id, int code) {
      idle();
      var execution = current;
      if (execution != null && execution.id == id) {
        execution.code().complete(code);
      }
    }
  }
}
