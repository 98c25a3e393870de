package dev.fairway.cli;

import dev.fairway.agent.CheckoutSource;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.Event;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Runs workflows of the current folder on this machine, without a server.
///
/// Jobs are plain processes of the caller, with his tools and his variables; they run in a
/// temporary folder into which `actions/checkout` copies the current one, changes that are not
/// committed included.
@Command(
    name = "run",
    description = {
      "Run a workflow of this folder here, without a server.",
      "Its jobs are plain processes with your rights and your variables, in no sandbox."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final List<Path> FOLDERS =
      List.of(Path.of(".github/workflows"), Path.of(".fairway/workflows"));
  private static final long MAX_WORKFLOW_BYTES = 1024 * 1024;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Option(
      names = {"-W", "--workflow"},
      paramLabel = "FILE|FOLDER",
      description = "The workflow; without it those of this folder that the event starts.")
  private @Nullable Path workflow;

  @Option(
      names = {"-e", "--event"},
      paramLabel = "EVENT",
      description = "push (the default), pull_request or workflow_dispatch.")
  private String event = "push";

  @Option(
      names = {"-j", "--job"},
      paramLabel = "JOB",
      description = "Only this job and those that it needs.")
  private @Nullable String job;

  @Option(
      names = {"-s", "--secret"},
      paramLabel = "SECRET=VALUE",
      description = "A secret; SECRET alone takes its value from the variable of that name.")
  private List<String> secrets = new ArrayList<>();

  @Option(
      names = {"-i", "--input"},
      paramLabel = "INPUT=VALUE",
      description = "An input of a workflow that is started by hand.")
  private Map<String, String> inputs = new LinkedHashMap<>();

  @Option(names = "--event-file", paramLabel = "JSON", description = "What `github.event` holds.")
  private @Nullable Path eventFile;

  @Override
  public Integer call() throws InterruptedException, IOException {
    var folder = Path.of("").toAbsolutePath();
    var source = LocalSource.of(folder);
    var chosen = choose(folder, happened(source));
    var settings =
        new LocalRun.Settings(
            source, event, eventJson(), secretValues(), inputs, new CheckoutSource.Folder(folder));
    var results = new ArrayList<LocalRun.Result>();
    for (var file : chosen) {
      results.add(LocalRun.run(file, settings, output.json(), output.writer()));
    }
    output.print(results, () -> results.forEach(this::summarise));
    return results.stream().mapToInt(result -> exitCode(result)).max().orElse(ExitCode.SUCCESS);
  }

  private List<Workflow> choose(Path folder, Event happened) throws IOException {
    var files = workflow == null ? inFolders(folder) : List.of(folder.resolve(workflow));
    if (workflow != null && Files.isDirectory(files.getFirst())) {
      files = yaml(files.getFirst());
    }
    if (files.isEmpty()) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "No workflow lies in .github/workflows or .fairway/workflows of " + folder,
          "Name one with -W.");
    }
    var parsed = new ArrayList<Workflow>();
    for (var file : files) {
      parsed.add(parse(folder, file));
    }
    var started =
        parsed.stream()
            .filter(one -> one.triggeredBy(happened))
            .filter(one -> job == null || one.jobs().containsKey(job))
            .map(this::withChosenJobs)
            .toList();
    if (started.isEmpty()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "The event %s starts none of these workflows%s: %s"
              .formatted(
                  event,
                  job == null ? "" : " with a job `" + job + "`",
                  String.join(", ", parsed.stream().map(one -> one.file()).toList())),
          "See their `on`, or name another event with -e.");
    }
    return started;
  }

  private Workflow withChosenJobs(Workflow all) {
    return job == null ? all : LocalRun.only(all, job);
  }

  private static Workflow parse(Path folder, Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new FairwayException(ErrorCode.NOT_FOUND, "There is no workflow " + file, "");
    }
    if (Files.size(file) > MAX_WORKFLOW_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          file + " is larger than the limit of " + MAX_WORKFLOW_BYTES + " bytes",
          "");
    }
    var name = file.startsWith(folder) ? folder.relativize(file).toString() : file.toString();
    var text = Files.readString(file);
    return switch (WorkflowParser.parse(name, text, new LocalCalls(folder))) {
      case ParseResult.Valid valid -> valid.workflow();
      case ParseResult.Invalid invalid ->
          throw new FairwayException(
              ErrorCode.UNPROCESSABLE,
              String.join("\n", invalid.diagnostics().stream().map(Object::toString).toList()),
              "");
    };
  }

  private static List<Path> inFolders(Path folder) throws IOException {
    var files = new ArrayList<Path>();
    for (var place : FOLDERS) {
      if (Files.isDirectory(folder.resolve(place))) {
        files.addAll(yaml(folder.resolve(place)));
      }
    }
    return files;
  }

  private static List<Path> yaml(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().matches(".*\\.ya?ml")).sorted().toList();
    }
  }

  private Event happened(LocalSource source) {
    return switch (event) {
      case "push" -> new Event.Push(source.ref(), Optional.empty());
      case "pull_request" ->
          new Event.PullRequest("synchronize", source.branch(), Optional.empty());
      case "workflow_dispatch" -> new Event.Dispatch();
      default ->
          throw new FairwayException(
              ErrorCode.INVALID_INPUT,
              "The event " + event + " is not supported",
              "Use push, pull_request or workflow_dispatch.");
    };
  }

  private String eventJson() throws IOException {
    return eventFile == null ? "{}" : Files.readString(eventFile);
  }

  private Map<String, String> secretValues() {
    var values = new LinkedHashMap<String, String>();
    for (var secret : secrets) {
      var equals = secret.indexOf('=');
      var name = equals < 0 ? secret : secret.substring(0, equals);
      var value = equals < 0 ? System.getenv(secret) : secret.substring(equals + 1);
      if (value == null) {
        throw new FairwayException(
            ErrorCode.INVALID_INPUT,
            "The secret " + name + " has no value",
            "Write -s " + name + "=VALUE, or set the variable " + name + ".");
      }
      values.put(name, value);
    }
    return values;
  }

  private void summarise(LocalRun.Result result) {
    for (var ended : result.jobs()) {
      output
          .writer()
          .println(
              "%-10s %s%s"
                  .formatted(
                      ended.outcome().word(),
                      ended.name(),
                      ended.reason().isEmpty() ? "" : ": " + ended.reason()));
    }
    output.writer().println(result.outcome().word() + ": " + result.workflow());
  }

  private static int exitCode(LocalRun.Result result) {
    return switch (result.outcome()) {
      case SUCCESS, SKIPPED -> ExitCode.SUCCESS;
      case FAILURE, TIMED_OUT, CANCELLED -> ExitCode.WORK_FAILED;
      case ERROR -> ExitCode.OUR_ERROR;
    };
  }
}
