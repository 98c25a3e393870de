package dev.fairway.cli;

import dev.fairway.agent.FolderHost;
import dev.fairway.agent.Isolation;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Runs workflows of the current folder on this machine, without a server.
///
/// Jobs run in the agent's sandbox, in a temporary folder into which `actions/checkout` copies the
/// current one, changes that are not committed included.
@Command(
    name = "run",
    description = {
      "Run a workflow of this folder here, without a server.",
      "Its jobs run in a sandbox where bubblewrap is installed, else as processes of yours."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  /// The smallest workflow, to read first what all others are read with.
  private static final String FIRST =
      "{on: push, jobs: {a: {runs-on: a, steps: [{run: '${{ 1 }}'}]}}}";

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private RunValues values;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private RunPlace place;

  @Option(
      names = {"-W", "--workflow"},
      paramLabel = "FILE|FOLDER",
      description = "The workflow; without it those of this folder that the event starts.")
  private @Nullable Path workflow;

  @Option(
      names = {"-e", "--event"},
      paramLabel = "EVENT",
      description = "push (the default), pull_request, workflow_dispatch, schedule, release, …")
  private String event = "push";

  @Option(names = "--event-file", paramLabel = "JSON", description = "What `github.event` holds.")
  private @Nullable Path eventFile;

  @Option(
      names = {"-j", "--job"},
      paramLabel = "JOB",
      description = "Only this job and those that it needs; CALL/JOB below a called workflow.")
  private @Nullable String job;

  @Option(
      names = {"-l", "--list"},
      description = "List the workflows and their jobs; run nothing.")
  private boolean list;

  @Option(
      names = {"-n", "--dry-run"},
      description = "Say which jobs and steps would run, and in which order; run nothing.")
  private boolean dryRun;

  @Option(
      names = "--watch",
      description = "Run again whenever a file changes that git does not ignore.")
  private boolean watch;

  @Option(
      names = "--artifacts",
      paramLabel = "FOLDER",
      description = "Unpack each artifact of the run there, into a folder of its name.")
  private @Nullable Path artifacts;

  @Option(names = "--plain", description = "Print lines, also in a terminal.")
  private boolean plain;

  /// Makes ready on another core, while the arguments are read, what every run needs.
  static void prepare() {
    Thread.ofPlatform()
        .name("prepare")
        .daemon()
        .start(() -> {
          var _ = WorkflowParser.parse("", FIRST);
          var _ = Json.MAPPER.createObjectNode().put("a", "b").toString();
          var _ = UUID.randomUUID();
        });
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    var folder = Path.of("").toAbsolutePath();
    if (list) {
      files(folder).forEach(file -> RunListing.list(parse(folder, file), output.writer()));
      output.writer().flush();
      return ExitCode.SUCCESS;
    }
    try (var session = new RunSession()) {
      return watch ? watch(folder, session) : run(folder, session);
    }
  }

  private int watch(Path folder, RunSession session) throws IOException, InterruptedException {
    try (var tree = WorkingTree.watch(folder)) {
      session.onInterrupt(tree::close);
      while (true) {
        var once = new FutureTask<>(() -> runOnce(folder, session));
        var thread = Thread.ofPlatform().name("run").start(once);
        var changed = tree.awaitChange();
        if (!session.interrupted()) {
          session.restart();
        }
        thread.join();
        if (session.interrupted()) {
          return ExitCode.SUCCESS;
        }
        output.writer().println("── " + changed.getFirst() + more(changed) + " ──");
        output.writer().flush();
      }
    }
  }

  private static String more(List<Path> changed) {
    return changed.size() == 1 ? " changed" : " and %d more changed".formatted(changed.size() - 1);
  }

  /// What is wrong with the files now may be right after the next change.
  private int runOnce(Path folder, RunSession session) throws IOException, InterruptedException {
    try {
      return run(folder, session);
    } catch (FairwayException e) {
      output.writer().println("fairway: " + e.getMessage());
      output.writer().flush();
      return ExitCode.of(e.code());
    }
  }

  private int run(Path folder, RunSession session) throws IOException, InterruptedException {
    var source = LocalSource.of(folder);
    // The machine is asked for its sandbox while the workflow is read.
    var isolation = new FutureTask<>(place::isolation);
    Thread.ofVirtual().start(isolation);
    var happened =
        LocalEvent.of(event, Optional.ofNullable(eventFile).map(RunCommand::json), source);
    var settings =
        new LocalRun.Settings(
            happened, values.secrets(), values.variables(), values.inputs(), values.matrix());
    var chosen = choose(folder, happened);
    chosen.forEach(one -> requireGroup(one, settings));
    if (dryRun) {
      return dryRun(chosen, settings);
    }
    var results = new ArrayList<LocalRun.Result>();
    for (var one : chosen) {
      if (!session.interrupted()) {
        results.add(run(one, settings, source, result(isolation), session));
      }
    }
    output.print(results, () -> {});
    return results.stream().mapToInt(result -> exitCode(result)).max().orElse(ExitCode.WORK_FAILED);
  }

  private LocalRun.Result run(
      Workflow one,
      LocalRun.Settings settings,
      LocalSource source,
      Isolation isolation,
      RunSession session)
      throws IOException, InterruptedException {
    var variables = RunPlace.variables(isolation, values.environment());
    var others = place.others(source.folder());
    var caches = place.caches(source);
    try (var machine = LocalMachine.open(source, one, isolation, variables, others, caches)) {
      LocalRun.Result result;
      try (var view = view(session)) {
        if (!isolation.bubblewrap() && !place.noSandbox()) {
          view.note("No sandbox: " + isolation.reason() + ". Jobs run with your rights.");
        }
        result = session.carryOut(new LocalRun(one, settings, machine, view), view);
      }
      if (!output.json()) {
        RunSummary.print(result, output.writer(), terminal() ? Style.ofTerminal() : Style.PLAIN);
      }
      if (artifacts != null) {
        unpack(machine, artifacts);
      }
      return result;
    }
  }

  private void unpack(LocalMachine machine, Path into) throws IOException {
    var names = FolderHost.unpack(machine.artifacts(), into);
    if (!output.json()) {
      names.forEach(name -> output.writer().println("artifact: " + into.resolve(name)));
      output.writer().flush();
    }
  }

  private RunView view(RunSession session) {
    if (output.json()) {
      return RunView.SILENT;
    }
    if (!terminal()) {
      return new PlainView(output.writer(), Style.PLAIN);
    }
    var style = Style.ofTerminal();
    if (plain) {
      return new PlainView(output.writer(), style);
    }
    var view =
        TreeView.start(new Screen(output.writer(), Terminal.size()), style, Clock.systemUTC());
    session.onResize(view::resize);
    return view;
  }

  private static boolean terminal() {
    return Terminal.present();
  }

  private int dryRun(List<Workflow> chosen, LocalRun.Settings settings) {
    var runs =
        chosen.stream()
            .map(one -> RunListing.dryRun(one, LocalRun.contexts(one, settings, UUID.randomUUID())))
            .toList();
    output.print(runs, () -> runs.forEach(run -> RunListing.print(run, output.writer())));
    return ExitCode.SUCCESS;
  }

  private List<Path> files(Path folder) throws IOException {
    if (workflow == null) {
      return WorkflowFiles.of(folder);
    }
    var named = folder.resolve(workflow);
    return Files.isDirectory(named) ? WorkflowFiles.in(named) : List.of(named);
  }

  private List<Workflow> choose(Path folder, LocalEvent happened) throws IOException {
    var parsed = files(folder).stream().map(file -> parse(folder, file)).toList();
    var started =
        parsed.stream()
            .filter(happened::starts)
            .flatMap(one -> (job == null ? Optional.of(one) : ChosenJobs.only(one, job)).stream())
            .toList();
    if (started.isEmpty()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "The event %s starts none of these workflows%s: %s"
              .formatted(
                  event,
                  job == null ? "" : " with a job `" + job + "`",
                  String.join(", ", parsed.stream().map(Workflow::file).toList())),
          "See their `on`, or name another event with -e.");
    }
    return started;
  }

  private Workflow parse(Path folder, Path file) {
    var calls = new LocalCalls(folder, Optional.of(place.others(folder)));
    var name = file.startsWith(folder) ? folder.relativize(file).toString() : file.toString();
    return switch (WorkflowParser.parse(name, WorkflowFiles.read(file), calls)) {
      case ParseResult.Valid valid -> valid.workflow();
      case ParseResult.Invalid invalid ->
          throw new FairwayException(
              ErrorCode.UNPROCESSABLE,
              String.join("\n", invalid.diagnostics().stream().map(Object::toString).toList()),
              "");
    };
  }

  /// A run whose own group is wrong fails before its first job, on a server too.
  private static void requireGroup(Workflow one, LocalRun.Settings settings) {
    try {
      var _ = one.concurrency(LocalRun.contexts(one, settings, UUID.randomUUID()));
    } catch (EvaluationException e) {
      throw new FairwayException(ErrorCode.UNPROCESSABLE, Diagnostic.of(one, e).toString(), "", e);
    }
  }

  private static JsonNode json(Path file) {
    try {
      return Json.MAPPER.readTree(WorkflowFiles.read(file));
    } catch (JacksonException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, file + " is no JSON: " + e.getOriginalMessage(), "", e);
    }
  }

  private static <T> T result(FutureTask<T> task) throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case FairwayException refusal -> throw refusal;
        case null, default -> throw new IOException("The sandbox cannot be tried", e.getCause());
      }
    }
  }

  private static int exitCode(LocalRun.Result result) {
    return switch (result.outcome()) {
      case SUCCESS, SKIPPED -> ExitCode.SUCCESS;
      case FAILURE, TIMED_OUT, CANCELLED -> ExitCode.WORK_FAILED;
      case ERROR -> ExitCode.OUR_ERROR;
    };
  }
}
