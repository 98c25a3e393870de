package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts the real `git`, with nothing of this machine's or its user's configuration in effect.
///
/// Callers pass ids, refs and paths that came from outside only in places where git cannot take
/// them for options: after `--`, after a validated id, or on standard input.
final class Git {
  private static final Logger LOG = LoggerFactory.getLogger(Git.class);
  private static final int MAX_ERROR_BYTES = 8 << 10;

  /// What `ulimit -f` counts in.
  private static final int BLOCK_BYTES = 512;

  /// How the operator says by which way this machine reaches others, and whom it trusts.
  private static final List<String> REMOTE_ENVIRONMENT =
      List.of(
          "http_proxy",
          "https_proxy",
          "HTTPS_PROXY",
          "no_proxy",
          "NO_PROXY",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  /// What a finished git left behind.
  ///
  /// @param truncated whether it was stopped because it wrote more than was asked for
  // Nobody compares outputs: the bytes are read once.
  @SuppressWarnings("ArrayRecordComponent")
  record Output(int exit, byte[] bytes, boolean truncated, String error) {
    String text() {
      return new String(bytes, UTF_8);
    }
  }

  /// A git that talks to a client.
  record Transfer(Process process, CompletableFuture<String> error, Semaphore turns)
      implements AutoCloseable {
    @Override
    public void close() {
      kill(process);
      turns.release();
    }
  }

  private final Path home;
  private final Semaphore reads = new Semaphore(SourceLimits.MAX_READS, true);
  private final Semaphore remotes = new Semaphore(SourceLimits.MAX_REMOTES, true);
  private final Semaphore transfers = new Semaphore(SourceLimits.MAX_TRANSFERS, true);

  /// @param home an empty folder of ours that git takes for the user's home
  Git(Path home) {
    this.home = home;
    try {
      Files.createDirectories(home);
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          home + " cannot be made: " + e.getMessage(),
          "Free some space, or give another folder with --data.",
          e);
    }
  }

  /// A folder without a repository, to run git in.
  Path home() {
    return home;
  }

  /// The version that git reports, such as `git version 2.39.5`; fails clearly where there is none.
  String version() {
    return read(home, List.of("--version"), new byte[0], 200).text().strip();
  }

  /// Runs git to its end, or until it wrote `maxBytes`.
  Output read(Path repository, List<String> arguments, byte[] input, int maxBytes) {
    return inTurn(
        reads,
        () -> {
          var process =
              start(repository, Map.of(), List.of(), arguments, SourceLimits.MAX_READ_TIME);
          try {
            return finish(process, input, maxBytes);
          } finally {
            kill(process);
          }
        });
  }

  /// As [#read], for a git that has to succeed.
  Output demand(Path repository, List<String> arguments, byte[] input, int maxBytes) {
    var output = read(repository, arguments, input, maxBytes);
    if (output.exit() != 0 && !output.truncated()) {
      throw new FairwayException(
          ErrorCode.INTERNAL,
          "git " + arguments.getFirst() + " ended with " + output.exit() + ": " + output.error(),
          "The repository is " + repository + "; `git fsck` there tells more.");
    }
    return output;
  }

  /// Runs a git that talks to another server, to its end. It writes no file that is longer than
  /// [SourceLimits#MAX_REMOTE_BYTES].
  ///
  /// @param protocol the only one that it may speak, such as `https`
  Output remote(Path repository, String protocol, List<String> arguments) {
    var settings =
        List.of(
            "protocol." + protocol + ".allow=always",
            "http.followRedirects=false",
            "http.lowSpeedLimit=1000",
            "http.lowSpeedTime=30",
            "credential.helper=",
            "core.hooksPath=/dev/null",
            "fetch.fsckObjects=true",
            "transfer.fsckObjects=true");
    var environment = new HashMap<String, String>();
    for (var name : REMOTE_ENVIRONMENT) {
      if (System.getenv(name) instanceof String value) {
        environment.put(name, value);
      }
    }
    return inTurn(
        remotes,
        () -> {
          var process =
              start(
                  List.of(
                      "sh",
                      "-c",
                      "ulimit -f \"$0\" && exec \"$@\"",
                      Long.toString(SourceLimits.MAX_REMOTE_BYTES / BLOCK_BYTES)),
                  repository,
                  environment,
                  settings,
                  arguments,
                  SourceLimits.MAX_REMOTE_TIME);
          try {
            return finish(process, new byte[0], SourceLimits.MAX_REMOTE_ANSWER_BYTES);
          } finally {
            kill(process);
          }
        });
  }

  /// Starts a git that talks to a client; it is killed when it takes too long, or on close.
  Transfer transfer(
      Path repository,
      Map<String, String> environment,
      List<String> settings,
      List<String> arguments) {
    acquire(transfers);
    try {
      var process =
          start(repository, environment, settings, arguments, SourceLimits.MAX_TRANSFER_TIME);
      return new Transfer(process, error(process), transfers);
    } catch (RuntimeException e) {
      transfers.release();
      throw e;
    }
  }

  private Process start(
      Path repository,
      Map<String, String> environment,
      List<String> settings,
      List<String> arguments,
      Duration limit) {
    return start(List.of(), repository, environment, settings, arguments, limit);
  }

  /// @param launcher the words before `git`
  private Process start(
      List<String> launcher,
      Path repository,
      Map<String, String> environment,
      List<String> settings,
      List<String> arguments,
      Duration limit) {
    var command = new ArrayList<>(launcher);
    command.add("git");
    for (var setting : SETTINGS) {
      command.add("-c");
      command.add(setting);
    }
    for (var setting : settings) {
      command.add("-c");
      command.add(setting);
    }
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(repository.toFile());
    var path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", path,
                "HOME", home.toString(),
                "XDG_CONFIG_HOME", home.toString(),
                "LC_ALL", "C.UTF-8",
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_ATTR_NOSYSTEM", "1",
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_OPTIONAL_LOCKS", "0"));
    // A repository that is not one must not be looked for in the folders above.
    builder.environment().put("GIT_CEILING_DIRECTORIES", String.valueOf(repository.getParent()));
    builder.environment().putAll(environment);
    try {
      var process = builder.start();
      limit(process, limit, arguments.getFirst());
      return process;
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "git could not be started: " + e.getMessage(),
          "Install git 2.34 or newer so that the server finds it on its PATH.",
          e);
    }
  }

  /// What holds for every git we start. No housekeeping on its own: a commit that was pushed once
  /// is named in evidence, and stays even when no branch leads to it any more.
  private static final List<String> SETTINGS =
      List.of(
          "safe.directory=*",
          "gc.auto=0",
          "maintenance.auto=false",
          "receive.autogc=false",
          "core.quotePath=false",
          "core.fsync=committed,reference",
          "i18n.logOutputEncoding=UTF-8",
          "protocol.allow=never");

  private static Output finish(Process process, byte[] input, int maxBytes) throws IOException {
    var error = error(process);
    var writer =
        Thread.ofVirtual()
            .name("git-input")
            .start(() -> {
              try (var in = process.getOutputStream()) {
                in.write(input);
              } catch (IOException e) {
                LOG.debug("git ended before it read its input: {}", e.getMessage());
              }
            });
    var bytes = process.getInputStream().readNBytes(maxBytes);
    var truncated = bytes.length == maxBytes && process.getInputStream().read() >= 0;
    if (truncated) {
      kill(process);
    }
    try {
      writer.join();
      var exit = process.waitFor();
      return new Output(exit, bytes, truncated, error.join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git ran", e);
    }
  }

  private static CompletableFuture<String> error(Process process) {
    var text = new CompletableFuture<String>();
    Thread.ofVirtual()
        .name("git-error")
        .start(() -> {
          try (var in = process.getErrorStream()) {
            var kept = in.readNBytes(MAX_ERROR_BYTES);
            drain(in);
            text.complete(new String(kept, UTF_8).strip());
          } catch (IOException e) {
            text.complete("(its error output was lost: " + e.getMessage() + ")");
          }
        });
    return text;
  }

  private static void drain(InputStream in) throws IOException {
    var buffer = new byte[8 << 10];
    while (in.read(buffer) >= 0) {
      // Read away, so that git does not wait for a full pipe.
    }
  }

  private static void limit(Process process, Duration limit, String what) {
    Thread.ofVirtual()
        .name("git-limit")
        .start(() -> {
          try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
              LOG.warn("git {} took longer than {} and is killed", what, limit);
              kill(process);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private static <T> T inTurn(Semaphore turns, Work<T> work) {
    acquire(turns);
    try {
      return work.run();
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.INTERNAL, "git's output was lost: " + e.getMessage(), "Try again.", e);
    } finally {
      turns.release();
    }
  }

  private static void acquire(Semaphore turns) {
    try {
      if (turns.tryAcquire(SourceLimits.MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new FairwayException(
        ErrorCode.RATE_LIMITED,
        "Too many clients use git on this server at the moment",
        "Try again in a few seconds.",
        Map.of("retryAfter", 5),
        null);
  }
}
