package dev.fairway.agent;

import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Takes what the steps write: carries out the workflow commands in it and logs the rest.
final class JobOutput implements Sandbox.Output {
  private final JobLog log;
  private final Masker masker;
  private final JobReport report;
  private final CompletableFuture<Boolean> logFull = new CompletableFuture<>();
  private final ProblemMatchers matchers;
  private final boolean debug;
  private boolean echo;
  private int step;
  private @Nullable String resumeToken;
  private @Nullable String refused;

  /// @param debug whether `::debug::` is shown, and every other command too
  JobOutput(JobLog log, Masker masker, JobReport report, ProblemMatchers matchers, boolean debug) {
    this.log = log;
    this.masker = masker;
    this.report = report;
    this.matchers = matchers;
    this.debug = debug;
    this.echo = debug;
  }

  /// For what is written beside this, into the same log.
  synchronized JobOutput beside(JobLog named) {
    return new JobOutput(named, masker, report, matchers.copy(), debug);
  }

  /// Completed when the log has reached its limit.
  CompletableFuture<Boolean> logFull() {
    return logFull;
  }

  /// From now on the output is that of this step.
  synchronized void begin(int index) {
    step = index;
    refused = null;
    resumeToken = null;
    echo = debug;
  }

  /// Why the first command of the step is refused that is; it fails the step, and nobody else.
  synchronized Optional<String> takeRefused() {
    var taken = Optional.ofNullable(refused);
    refused = null;
    return taken;
  }

  /// The first is kept: a step may go on to give refused commands without end.
  private void refuse(String why) {
    if (refused == null) {
      refused = why;
    }
  }

  @Override
  public int lookAhead() {
    return masker.longest();
  }

  @Override
  public void idle() {
    log.flush();
  }

  @Override
  public synchronized void line(byte[] line, int length, long total) {
    if (mayBeCommand(line, length)
        && command(new String(line, 0, length, StandardCharsets.UTF_8), total > length)) {
      return;
    }
    if (matchers.none() || !problem(new String(line, 0, length, StandardCharsets.UTF_8))) {
      log.line(line, length, total);
    }
    if (log.full()) {
      logFull.complete(true);
    }
  }

  private static boolean mayBeCommand(byte[] line, int length) {
    var at = 0;
    while (at < length && (line[at] == ' ' || line[at] == '\t')) {
      at++;
    }
    return at + 1 < length && line[at] == ':' && line[at + 1] == ':';
  }

  /// @return whether the line was a command and has been dealt with
  private boolean command(String line, boolean cut) {
    var parsed = WorkflowCommand.parse(line);
    if (parsed.isEmpty()) {
      return false;
    }
    var command = parsed.get();
    if (resumeToken != null) {
      if (command.name().equals(resumeToken)) {
        resumeToken = null;
        return true;
      }
      return false;
    }
    if (echo && !command.name().equals("add-mask")) {
      log.line(line.strip());
    }
    switch (command.name()) {
      case "group" -> log.line("##[group]" + command.data());
      case "debug" -> debug(command.data());
      case "endgroup" -> log.line("##[endgroup]");
      case "error", "warning", "notice" -> annotate(command, masked(line, command.name()));
      case "add-mask" -> mask(command.data(), cut);
      case "stop-commands" -> stop(command.data());
      case "echo" -> echo(command.data());
      case "add-matcher" -> addMatcher(command.data());
      case "remove-matcher" ->
          matchers.remove(command.properties().getOrDefault("owner", command.data().strip()));
      case "set-env", "add-path", "set-output", "save-state" -> refuseOld(command.name());
      default -> {
        return false;
      }
    }
    return true;
  }

  /// What was cut, or is one too many, would stand in the log in clear: then the step fails.
  private void mask(String secret, boolean cut) {
    if (cut || !masker.learn(secret)) {
      refuse(
          "`::add-mask::` takes a value of at most %d bytes, and %d of them with %d characters in a job"
              .formatted(OutputLines.MAX_LINE_BYTES, Masker.MAX_LEARNED, Masker.MAX_LEARNED_CHARS));
    }
    log.line("::add-mask::***");
  }

  /// A part of a secret, such as what stands before its comma, is none that the masker knows: the
  /// line is taken apart after it has been masked.
  private void annotate(WorkflowCommand command, WorkflowCommand masked) {
    log.line("##[" + command.name() + "]" + command.data());
    report.annotation(step, command.name(), masked);
  }

  private WorkflowCommand masked(String line, String name) {
    return WorkflowCommand.parse(masker.mask(line))
        .filter(command -> command.name().equals(name))
        .orElse(new WorkflowCommand(name, Map.of(), "***"));
  }

  private void debug(String text) {
    if (debug) {
      log.line("##[debug]" + text);
    }
  }

  private void echo(String word) {
    switch (word.strip().toLowerCase(Locale.ROOT)) {
      case "on" -> echo = true;
      case "off" -> echo = false;
      default -> refuse("`::echo::` takes on or off");
    }
  }

  private void addMatcher(String file) {
    try {
      matchers.add(file.strip());
    } catch (FairwayException | IOException e) {
      var why = JobRunner.sentence(e);
      log.line("##[error]" + why);
      refuse(why);
    }
  }

  /// @return whether the line told of a problem, and has been logged as such
  private boolean problem(String line) {
    var dropped = new ArrayList<String>();
    var problem = matchers.next(masker.mask(line), dropped);
    for (var owner : dropped) {
      log.line(
          "##[warning]The problem matcher `" + owner + "` took too long, and is not used any more");
    }
    if (problem.isEmpty()) {
      return false;
    }
    log.line("##[" + problem.get().severity() + "]" + line);
    report.annotation(step, problem.get());
    return true;
  }

  private void stop(String token) {
    if (token.isBlank()) {
      refuse("`::stop-commands::` needs a token that ends it");
    } else {
      resumeToken = token;
    }
  }

  private void refuseOld(String name) {
    var file =
        switch (name) {
          case "set-env" -> "GITHUB_ENV";
          case "add-path" -> "GITHUB_PATH";
          case "save-state" -> "GITHUB_STATE";
          default -> "GITHUB_OUTPUT";
        };
    var why = "The command `::" + name + "::` is not supported; write to the file $" + file;
    log.line("##[error]" + why);
    refuse(why);
  }
}
