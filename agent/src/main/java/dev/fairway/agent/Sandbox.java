package dev.fairway.agent;

import dev.fairway.agent.ControlGroups.JobGroup;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.ResourceUse;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The processes of one job: a [Supervisor] that starts the steps inside the sandbox. What a step
/// leaves running stays for the steps behind it and dies with the sandbox. The supervisor ends when
/// its input does, so it does not outlive the agent.
///
/// Everything the processes write arrives, in order, at one [Output]; what steps beside them write,
/// at one of their own.
final class Sandbox implements Processes, AutoCloseable {
  private static final int READ_BYTES = 64 * 1024;
  private static final int END_SECONDS = 5;

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
  private final ForkServer.Started process;
  private final List<Reader> readers = new CopyOnWriteArrayList<>();

  /// Done when the supervisor has ended, and the sandbox around it.
  private final CountDownLatch over = new CountDownLatch(1);

  private final Map<Long, Execution> executions = new ConcurrentHashMap<>();
  private final String nonce;
  private long memoryKills;
  private volatile @Nullable RuntimeException outputFailure;
  private volatile FairwayException loss =
      new FairwayException(
          ErrorCode.INTERNAL,
          "The job's processes ended from outside, for want of memory perhaps",
          "See the machine's kernel log, and the job's memory limit.");

  private Sandbox(
      String job,
      JobFolder folder,
      JobGroup group,
      boolean beside,
      boolean contained,
      Output output,
      ForkServer.Started process,
      String nonce) {
    this.job = job;
    this.folder = folder;
    this.group = group;
    this.beside = beside;
    this.contained = contained;
    this.output = output;
    this.process = process;
    this.nonce = nonce;
  }

  private Sandbox begun() {
    read(new Reader(output, process::output, () -> {}, this::ended));
    return this;
  }

  /// @param beside whether the job has another sandbox, whose processes are none of this one's
  ///   business
  /// @param nonce what no other output looks like
  static Sandbox open(
      ForkServer forks,
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
    var command = new SandboxCommand(job, folder, isolation, network, limits, group);
    var process = forks.start(command.script(nonce));
    return new Sandbox(job, folder, group, beside, isolation.bubblewrap(), output, process, nonce)
        .begun();
  }

  /// The same in something else than bubblewrap.
  static Sandbox inside(
      ForkServer forks,
      Enclosure enclosure,
      String job,
      JobFolder folder,
      String nonce,
      Output output)
      throws IOException, InterruptedException {
    var command = enclosure.command(Supervisor.inContainer(nonce, folder.control()));
    var script = new LaunchScript(enclosure.environment(), folder.root()).become(command);
    var none = new JobGroup(List.of());
    return new Sandbox(job, folder, none, false, false, output, forks.start(script), nonce).begun();
  }

  @Override
  public Execution start(long id) {
    return start("run", id);
  }

  /// Where steps run beside all others of the job.
  ///
  /// @param own takes what they write
  Processes beside(Output own) {
    return id -> {
      var pipe = folder.createPipe(id + ".out");
      var execution = start("beside", id);
      read(
          new Reader(
              own,
              () -> new FileInputStream(pipe.toFile()),
              () -> release(pipe),
              () -> lost(execution)));
      return execution;
    };
  }

  /// Lets go of who waits for a step to open the pipe.
  private static void release(Path pipe) throws IOException {
    new RandomAccessFile(pipe.toFile(), "rw").close();
  }

  private Execution start(String verb, long id) {
    var execution = new Execution(id);
    executions.put(id, execution);
    var _ = execution.code().whenComplete((_, _) -> executions.remove(id));
    tell(verb, id);
    // Whoever ended before this one was there has not been told of it.
    if (over.getCount() == 0) {
      lost(execution);
    }
    return execution;
  }

  /// Whether the kernel ended one of the job's processes for want of memory since this was last
  /// asked; never where memory is not bounded.
  synchronized boolean lostProcessToMemoryLimit() throws IOException {
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
      process.input().close();
    } catch (IOException e) {
      process.kill();
    }
    try {
      var ended = over.await(END_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.kill();
        var _ = over.await(END_SECONDS, TimeUnit.SECONDS);
      }
      // The kernel ends what is left in a namespace of processes before its first one has ended.
      if (!beside && !(contained && ended)) {
        Leftovers.kill(job, folder.user(), group);
      }
      for (var reader : readers) {
        reader.join();
      }
    } catch (InterruptedException e) {
      process.kill();
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

  private synchronized void tell(String verb, long id) {
    try {
      process.input().write((verb + " " + id + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      ended();
    }
  }

  private void read(Reader reader) {
    readers.add(reader);
    reader.thread.start();
  }

  /// The processes have ended, and none of them tells how a step has gone.
  private void ended() {
    over.countDown();
    executions.values().forEach(this::lost);
  }

  private void lost(Execution execution) {
    execution.code().completeExceptionally(loss);
  }

  /// A failure to keep the output (a full disk) fails the steps and never blocks the processes.
  private void failed(RuntimeException e) {
    outputFailure = e;
    executions.values().forEach(execution -> execution.code().completeExceptionally(e));
  }

  private interface Source {
    InputStream open() throws IOException;
  }

  private interface Release {
    void run() throws IOException;
  }

  /// Takes what comes out of one pipe.
  private final class Reader implements OutputLines.Receiver {
    private final Output output;
    private final Source source;
    private final Release release;
    private final Runnable end;
    private final Thread thread =
        Thread.ofPlatform().name("output-" + job).daemon().unstarted(this::read);

    /// @param release lets go of who waits for the source to open
    /// @param end what is to happen when nothing more comes
    Reader(Output output, Source source, Release release, Runnable end) {
      this.output = output;
      this.source = source;
      this.release = release;
      this.end = end;
    }

    /// Waits for the rest of it, once nobody writes any more.
    void join() throws InterruptedException {
      if (thread.isAlive()) {
        try {
          release.run();
        } catch (IOException e) {
          // A job that has the agent's own user may have put something else there.
          System.getLogger("agent").log(System.Logger.Level.DEBUG, "A pipe is not there", e);
        }
        thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
      }
    }

    private void read() {
      var lines = new OutputLines(nonce, this);
      try (var input = source.open()) {
        read(input, lines);
      } catch (ForkServer.NotStarted e) {
        loss =
            new FairwayException(
                ErrorCode.INTERNAL,
                String.valueOf(e.getMessage()),
                "See how many processes the machine has, and how many the agent's user may have.");
      } catch (IOException e) {
        System.getLogger("agent").log(System.Logger.Level.DEBUG, "The sandbox's output ended", e);
      }
      lines.close();
      end.run();
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

    private void idle() {
      if (outputFailure == null) {
        try {
          output.idle();
        } catch (RuntimeException e) {
          failed(e);
        }
      }
    }

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
      if (id == Supervisor.END && !contained) {
        over.countDown();
      }
      var execution = executions.get(id);
      if (execution != null) {
        execution.code().complete(code);
      }
    }
  }
}
