package dev.fairway.agent;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Starts the processes of all jobs: a resident shell forks for each of them.
///
/// The JDK starts a program through one of its own, and a job's has to leave the agent's session
/// and to enter its control groups first. As programs these take three, four behind `nohup`, that
/// do next to nothing and cost most of a millisecond each. The shell has left the session once and
/// for all, and what it forks does the rest itself.
///
/// It is told a line each: `pipes NAME…` to make them, and `start N` to read the script `N.start`
/// with the pipes `N.in` and `N.out`. Only the agent's user can open them by their names, and no
/// two programs have the same ones: what one has left there must not be read for another. The shell
/// ends with its input, and a sandbox with its parent, so that none outlives the agent.
final class ForkServer implements AutoCloseable {
  /// A pipe that is opened for both directions waits for no other side, even one that was killed;
  /// what is opened for one direction beside that does not wait either, and hears of the other
  /// side's end. `jobs` forgets those that have ended.
  ///
  /// Where the machine has no room for one more process the shell itself would end, and with it all
  /// sandboxes: it says so instead and begins anew, as the same process.
  private static final String SCRIPT =
      """
      exec 2>/dev/null
      trap '
        case $verb in pipes) echo "no process can be started"; echo ;; start) echo >"$rest.out" ;; esac
        exec "$2" -c "$1" fork-server "$1" "$2"' EXIT
      unset SHLVL
      [ -z "${BASH_VERSION-}" ] || set -m
      while read -r verb rest; do
        jobs >/dev/null
        case $verb in
          pipes) mkfifo -m 600 $rest 2>&1; echo ;;
          start) (trap - EXIT; . "./$rest.start") <>"$rest.in" <"$rest.in" 1<>"$rest.out" >"$rest.out" 2>&1 & ;;
        esac
      done
      trap - EXIT
      """;

  /// The filter of system calls for all sandboxes, which a script finds beside its pipes.
  static final String FILTER = "system-calls";

  private static final String IN = ".in";
  private static final String OUT = ".out";
  private static final String START = ".start";

  /// A program that is another user's opens its output again as `/dev/stdout`; by its name nobody
  /// else can.
  private static final Set<PosixFilePermission> WRITABLE =
      PosixFilePermissions.fromString("rw--w--w-");

  /// A program's first words are its number.
  private static final String TELL_NUMBER = "read -r number rest </proc/self/stat; echo $number\n";

  /// For so many programs pipes are made at a time, and again when there are so few left.
  private static final int BATCH = 8;

  private static final int FEW = 2;
  private static final int END_SECONDS = 5;

  private final Path parent;
  private final Consumer<Path> deletion;
  private final String program;
  private @Nullable Shell shell;

  /// @param parent where it makes a folder of its own when it is first used
  /// @param deletion deletes such a folder
  ForkServer(Path parent, Consumer<Path> deletion) {
    this(parent, deletion, Supervisor.SHELL);
  }

  /// @param program `bash` or `sh`
  ForkServer(Path parent, Consumer<Path> deletion, String program) {
    this.parent = parent;
    this.deletion = deletion;
    this.program = program;
  }

  /// Starts what `script` becomes. Its environment is `PATH` and what the script adds.
  synchronized Started start(String script) throws IOException {
    if (shell != null) {
      try {
        return shell.start(script);
      } catch (ShellEnded e) {
        System.getLogger("agent").log(System.Logger.Level.WARNING, e.getMessage());
        close();
      }
    }
    shell = begin();
    return shell.start(script);
  }

  /// Where it makes its own folder for jobs that have theirs in `jobs`.
  static Path beside(Path jobs) {
    return jobs.resolveSibling("pipes");
  }

  private Shell begin() throws IOException {
    var folder = Files.createTempDirectory(Files.createDirectories(parent), "shell");
    try {
      return Shell.begin(program, folder);
    } catch (IOException e) {
      deletion.accept(folder);
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    if (shell != null) {
      shell.end();
      deletion.accept(shell.folder);
      shell = null;
    }
  }

  /// A program that has begun, or is about to.
  static final class Started {
    private final Shell shell;
    private final Path name;
    private final OutputStream input;
    private final FileInputStream output;

    /// Without it the output would be at its end until the program has begun.
    private final RandomAccessFile outputsOther;

    private volatile @Nullable ProcessHandle process;

    private Started(Shell shell, Path name) throws IOException {
      this.shell = shell;
      this.name = name;
      input = new FileOutputStream(new RandomAccessFile(name + IN, "rw").getFD());
      outputsOther = new RandomAccessFile(name + OUT, "rw");
      output = new FileInputStream(name + OUT);
    }

    /// What the program reads. To close it before the program has begun takes back what was
    /// written.
    OutputStream input() {
      return input;
    }

    /// What the program and its processes write, from the moment at which it has begun until the
    /// last of them has closed it.
    ///
    /// @throws NotStarted if it has not begun
    InputStream output() throws IOException {
      try {
        process = ProcessHandle.of(number()).orElse(null);
      } catch (IOException | RuntimeException e) {
        output.close();
        throw e;
      } finally {
        letGo();
        for (var end : List.of(IN, OUT, START)) {
          Files.deleteIfExists(Path.of(name + end));
        }
      }
      return output;
    }

    private long number() throws IOException {
      var digits = new StringBuilder();
      for (var next = output.read(); next != '\n'; next = output.read()) {
        if (next < 0) {
          throw new NotStarted("The shell that starts the processes of jobs has ended");
        }
        digits.append((char) next);
      }
      if (digits.isEmpty()) {
        throw new NotStarted("No process can be started for the job: there are too many");
      }
      return Long.parseLong(digits, 0, digits.length(), 10);
    }

    /// Ends the program at once.
    void kill() throws IOException {
      var begun = process;
      if (begun != null) {
        begun.destroyForcibly();
      }
      letGo();
    }

    private void discard() throws IOException {
      letGo();
      input.close();
      output.close();
    }

    private void letGo() throws IOException {
      shell.starting.remove(this);
      outputsOther.close();
    }
  }

  /// The program has not begun and never will.
  static final class NotStarted extends IOException {
    private static final long serialVersionUID = 1;

    NotStarted(String message) {
      super(message);
    }
  }

  /// It has been killed, and what it was told last it has not done.
  private static final class ShellEnded extends IOException {
    private static final long serialVersionUID = 1;

    ShellEnded() {
      super("The shell that starts the processes of jobs has ended");
    }
  }

  /// One such shell; another takes its place if it is killed.
  private static final class Shell {
    private final Path folder;
    private final Process process;
    private final BufferedReader answers;
    private final Set<Started> starting = ConcurrentHashMap.newKeySet();
    private int asked;
    private int made;
    private int used;

    private Shell(Path folder, Process process) {
      this.folder = folder;
      this.process = process;
      this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static Shell begin(String program, Path folder) throws IOException {
      // What is typed at the terminal of whoever started this process is not for its jobs.
      var command = new ArrayList<>(List.of("setsid"));
      command.addAll(
          Supervisor.hearing(List.of(program, "-c", SCRIPT, "fork-server", SCRIPT, program)));
      var builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.environment().clear();
      builder.environment().put("PATH", JobEnvironment.SYSTEM_PATH);
      Files.write(folder.resolve(FILTER), SystemCalls.withoutKeys());
      var shell = new Shell(folder, builder.start());
      var _ = shell.process.onExit().thenRun(shell::ended);
      shell.makePipes();
      return shell;
    }

    Started start(String script) throws IOException {
      if (used == made) {
        if (asked == made) {
          makePipes();
        }
        awaitPipes();
      }
      var number = used++;
      if (asked - used <= FEW) {
        makePipes();
      }
      var name = folder.resolve(Integer.toString(number));
      Files.writeString(Path.of(name + START), TELL_NUMBER + script);
      Files.setPosixFilePermissions(Path.of(name + OUT), WRITABLE);
      var started = new Started(this, name);
      starting.add(started);
      try {
        tell("start " + number);
      } catch (ShellEnded e) {
        started.discard();
        throw e;
      }
      return started;
    }

    private void makePipes() throws IOException {
      tell(
          IntStream.range(asked, asked + BATCH)
              .mapToObj(number -> number + IN + " " + number + OUT)
              .collect(Collectors.joining(" ", "pipes ", "")));
      asked += BATCH;
    }

    private void awaitPipes() throws IOException {
      var said = new ArrayList<String>();
      for (var answer = answers.readLine(); !"".equals(answer); answer = answers.readLine()) {
        if (answer == null) {
          throw new ShellEnded();
        }
        said.add(answer);
      }
      made = asked;
      if (!said.isEmpty()) {
        used = made;
        throw new IOException("No pipes can be made for a job: " + said.getFirst());
      }
    }

    private void tell(String line) throws ShellEnded {
      var input = process.getOutputStream();
      try {
        input.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        input.flush();
      } catch (IOException e) {
        throw new ShellEnded();
      }
    }

    /// What it has not started by now will never begin.
    private void ended() {
      for (var never : starting) {
        try {
          never.letGo();
        } catch (IOException e) {
          System.getLogger("agent").log(System.Logger.Level.DEBUG, "A pipe stays open", e);
        }
      }
    }

    void end() {
      try {
        process.getOutputStream().close();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (IOException e) {
        System.getLogger("agent").log(System.Logger.Level.DEBUG, "The shell was gone before", e);
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
