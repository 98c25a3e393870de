package dev.fairway.agent;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import dev.fairway.api.TimeLimit;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the steps of a running job share: their sandbox, the variables and folders that earlier
/// steps have added, what expressions see, and how it has gone so far.
final class JobScope implements AutoCloseable {
  private static final List<String> GIVEN =
      List.of("github", "inputs", "vars", "secrets", "needs", "matrix", "strategy");

  private static final Duration REMOVAL = Duration.ofSeconds(60);

  private final JobParts parts;
  private final JobOutput output;
  private final RunnerSettings settings;
  private final Path workspace;

  /// What every expression sees from the beginning to the end.
  private final Contexts given;

  /// What the `job` context has from the beginning to the end.
  private final Map<String, Value> fixed;

  private final Additions additions;
  private final StepScope steps;
  private final String name;
  private final List<List<String>> removals;

  private JobEnvironment environment;
  private Contexts begun;
  private @Nullable Sandbox sandbox;
  private @Nullable Processes processes;
  private @Nullable JobContainers containers;

  private JobScope(
      JobParts parts,
      JobOutput output,
      RunnerSettings settings,
      Path workspace,
      JobEnvironment environment) {
    this.parts = parts;
    this.output = output;
    this.settings = settings;
    this.workspace = workspace;
    this.environment = environment;
    this.given = given();
    this.fixed = fixed(parts.assignment());
    this.begun = given;
    this.additions = new Additions();
    this.steps = StepScope.ofJob(this);
    this.name = "";
    this.removals = Collections.synchronizedList(new ArrayList<>());
  }

  private JobScope(JobScope whole, String writer, String name) {
    this.parts = whole.parts.named(writer);
    this.output = whole.output.beside(parts.log());
    this.settings = whole.settings;
    this.workspace = whole.workspace;
    this.environment = whole.environment;
    this.given = whole.given;
    this.fixed = whole.fixed;
    this.begun = whole.begun;
    this.additions = whole.additions.copy();
    this.steps = whole.steps.beside(this);
    this.name = name;
    this.removals = whole.removals;
    this.sandbox = whole.sandbox();
    this.processes = sandbox.beside(output);
    this.containers = whole.containers;
  }

  /// The job as it is now, for a step that goes on beside the others: it has the same processes and
  /// files, sees nothing that others add, and nobody sees what it adds before [#join].
  ///
  /// @param writer what its lines in the log begin with
  /// @param name tells its files from those of others
  JobScope beside(String writer, String name) {
    return new JobScope(this, writer, name);
  }

  /// Takes over what a step beside the others has added.
  void join(JobScope beside) {
    additions.join(beside.additions);
  }

  static JobScope open(
      JobParts parts, JobOutput output, RunnerSettings settings, Workflow workflow, Job.Steps job)
      throws IOException, InterruptedException {
    var assignment = parts.assignment();
    var folder = parts.folder();
    var workspace = folder.workspace(assignment.project());
    var project = folder.work().resolve(assignment.project());
    for (var path : List.of(project, workspace)) {
      Files.createDirectory(path);
      folder.handOver(path, "rwxr-xr-x");
    }
    folder.writeControl(
        "event.json", assignment.contexts().path("github").path("event").toString());
    if (settings.mavenCache().isPresent()) {
      new MavenSettings(settings.mavenCache(), List.of()).write(folder);
    }
    var environment =
        JobEnvironment.of(
            assignment,
            folder,
            workspace,
            settings.agent(),
            settings.isolation().bubblewrap(),
            settings.callerVariables());
    var scope = new JobScope(parts, output, settings, workspace, environment);
    try {
      scope.begin(workflow, job);
      return scope;
    } catch (IOException | InterruptedException | RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private void begin(Workflow workflow, Job.Steps job) throws IOException, InterruptedException {
    var first = contexts();
    additions.addVariables(workflow.environment(first));
    additions.addVariables(job.environment(first));
    begun = contexts();
    if (job.usesContainers()) {
      beginContainers(job);
    }
    if (sandbox == null) {
      sandbox =
          openSandbox(parts, settings, output, parts.folder(), parts.assignment().network(), false);
    }
    processes = sandbox;
  }

  private void beginContainers(Job.Steps job) throws IOException, InterruptedException {
    var now = contexts();
    var container = job.container(now);
    var beside = job.services(now);
    if (container.isEmpty() && beside.isEmpty()) {
      return;
    }
    var all = JobContainers.start(parts, settings, container, beside);
    containers = all;
    if (all.holdsSteps()) {
      environment = environment.inContainer(parts.folder(), all.path());
      sandbox =
          Sandbox.inside(
              parts.forks(),
              all,
              parts.assignment().lease(),
              parts.folder(),
              UUID.randomUUID().toString(),
              output);
    }
  }

  /// Whether the job's processes do.
  boolean reachesNetwork() {
    return parts.assignment().network() || !settings.isolation().bubblewrap();
  }

  /// A sandbox of the job on the machine itself, beside its container.
  Sandbox onTheMachine() throws IOException {
    return openSandbox(parts, settings, output, parts.folder(), parts.assignment().network(), true);
  }

  /// A sandbox that reaches the network and sees nothing of the job but that other folder.
  Sandbox withNetwork(JobFolder other) throws IOException {
    return openSandbox(parts, settings, output, other, true, true);
  }

  boolean inContainer() {
    return containers != null && containers.holdsSteps();
  }

  /// How the job's processes call the Node.js that runs scripts for that version.
  String node(int version) throws IOException, InterruptedException {
    var runtime = settings.node().atLeast(version, settings.isolation()::shows);
    return inContainer() ? JobContainers.NODE + runtime.major() : runtime.program().toString();
  }

  private static Sandbox openSandbox(
      JobParts parts,
      RunnerSettings settings,
      Sandbox.Output output,
      JobFolder folder,
      boolean network,
      boolean beside)
      throws IOException {
    return Sandbox.open(
        parts.forks(),
        parts.assignment().lease(),
        folder,
        settings.isolation(),
        network,
        parts.assignment().limits(),
        beside,
        UUID.randomUUID().toString(),
        output);
  }

  JobParts parts() {
    return parts;
  }

  JobOutput output() {
    return output;
  }

  Sandbox sandbox() {
    if (sandbox == null) {
      throw new IllegalStateException("the job has not begun");
    }
    return sandbox;
  }

  /// Where its steps run.
  Processes processes() {
    if (processes == null) {
      throw new IllegalStateException("the job has not begun");
    }
    return processes;
  }

  /// What tells the files of its steps from those of others at the same time; empty for the job's
  /// own.
  String name() {
    return name;
  }

  Path workspace() {
    return workspace;
  }

  /// The job's own steps.
  StepScope steps() {
    return steps;
  }

  RunnerSettings settings() {
    return settings;
  }

  /// The network options of a container of the job.
  List<String> containerNetwork() {
    if (containers != null) {
      return containers.network();
    }
    return parts.assignment().network() ? List.of() : List.of("--network", "none");
  }

  /// Whether a process of the job has this variable from the machine, not from the workflow.
  boolean isOfTheMachine(String name, String value) {
    return value.equals(environment.machine().get(name)) && !name.equals("CI");
  }

  boolean cancelled() {
    return parts.cancellation().requested().isDone();
  }

  /// How the job has gone so far; what went wrong first counts, and a cancellation more than that.
  Outcome outcome() {
    var cancellation = parts.cancellation().requested();
    return !cancellation.isDone()
        ? steps.outcome()
        : switch (cancellation.resultNow()) {
          case CANCEL, ABANDON -> Outcome.CANCELLED;
          case TIME_OUT -> Outcome.TIMED_OUT;
        };
  }

  String reason() {
    var cancellation = parts.cancellation().requested();
    return !cancellation.isDone()
        ? steps.reason()
        : switch (cancellation.resultNow()) {
          case CANCEL, ABANDON -> "The job was cancelled";
          case TIME_OUT ->
              "The job took longer than its "
                  + TimeLimit.ofSeconds(parts.assignment().limits().timeoutSeconds());
        };
  }

  /// The way of an action's program to the services of the run; a script of the workflow is not
  /// given it.
  Map<String, String> services() {
    var services = parts.assignment().services();
    return services == null
        ? Map.of()
        : Map.of(
            "ACTIONS_RUNTIME_URL", services.runtimeUrl(),
            "ACTIONS_RESULTS_URL", services.resultsUrl(),
            "ACTIONS_CACHE_URL", services.cacheUrl(),
            "ACTIONS_CACHE_SERVICE_V2", "true",
            "ACTIONS_RUNTIME_TOKEN", services.runtimeToken(),
            "GITHUB_SERVER_URL", services.serverUrl());
  }

  /// The variables and paths for the steps that come.
  Additions additions() {
    return additions;
  }

  /// What every expression saw before the first step.
  Contexts begun() {
    return begun;
  }

  /// What every expression of the job sees now, whatever list of steps it belongs to.
  private Contexts contexts() {
    return contexts(Map.of("env", Value.ofStrings(additions.variables())), status());
  }

  /// What an expression of the job sees now, beside what its list of steps has of its own.
  ///
  /// @param soFar how that list has gone
  Contexts contexts(Map<String, Value> own, dev.fairway.workflow.Outcome soFar) {
    var job = new LinkedHashMap<>(fixed);
    job.put("status", Value.of(status().result()));
    if (containers != null) {
      job.putAll(containers.context());
    }
    var changing = new HashMap<>(own);
    changing.put("job", new Value.Obj(job));
    return given.with(changing).with(Contexts.Status.of(soFar));
  }

  private dev.fairway.workflow.Outcome status() {
    return cancelled() ? dev.fairway.workflow.Outcome.CANCELLED : word(steps.outcome());
  }

  /// The variables of a process, the strongest last: the machine's, those of workflow and job and
  /// earlier steps, the step's, GitHub's.
  Map<String, String> processVariables(Map<String, String> own) {
    var all = new LinkedHashMap<>(environment.machine());
    all.putAll(additions.variables());
    all.putAll(own);
    all.putAll(environment.defaults());
    additions.putPaths(all);
    return all;
  }

  /// A command of the container engine that removes what a step has left with it.
  void atEnd(List<String> command) {
    removals.add(command);
  }

  @Override
  public void close() throws IOException {
    if (sandbox != null) {
      sandbox.close();
    }
    if (containers != null) {
      containers.close();
    }
    try {
      for (var command : removals.reversed()) {
        var _ = settings.containers().engine("The job").run(REMOVAL, command);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What does not change from the job's beginning to its end.
  private Contexts given() {
    var contexts = new HashMap<String, Value>();
    for (var name : GIVEN) {
      var value = parts.assignment().contexts().path(name);
      if (!value.isMissingNode()) {
        contexts.put(name, JsonValues.value(value));
      }
    }
    contexts.put("runner", Value.ofStrings(environment.runner()));
    contexts.put("github", github(contexts.get("github")));
    return Contexts.empty()
        .with(contexts)
        .with(new WorkspaceHasher(workspace, parts.folder().work()));
  }

  private Value github(@Nullable Value given) {
    var github = new LinkedHashMap<String, Value>();
    github.put("token", Value.of(parts.assignment().jobToken()));
    if (given instanceof Value.Obj object) {
      github.putAll(object.members());
    }
    github.put("workspace", Value.of(workspace.toString()));
    github.put("job", Value.of(parts.assignment().jobKey()));
    github.put(
        "event_path", Value.of(environment.defaults().getOrDefault("GITHUB_EVENT_PATH", "")));
    return new Value.Obj(github);
  }

  private static Map<String, Value> fixed(JobAssignment assignment) {
    var job = assignment.contexts().path("job");
    return JsonValues.value(job) instanceof Value.Obj object ? object.members() : Map.of();
  }

  static dev.fairway.workflow.Outcome word(Outcome outcome) {
    return dev.fairway.workflow.Outcome.valueOf(outcome.name());
  }
}
