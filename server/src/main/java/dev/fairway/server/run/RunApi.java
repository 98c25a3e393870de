package dev.fairway.server.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResourceUse;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.report.TestResults;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// `/api/v1/runs` and `/api/v1/projects/{name}/runs`.
final class RunApi implements Routes {
  private final Database database;
  private final Projects projects;
  private final Dispatches dispatches;
  private final RunActions actions;
  private final InstantSource clock;

  RunApi(
      Database database,
      Projects projects,
      Dispatches dispatches,
      RunActions actions,
      InstantSource clock) {
    this.database = database;
    this.projects = projects;
    this.dispatches = dispatches;
    this.actions = actions;
    this.clock = clock;
  }

  /// A run as lists show it.
  ///
  /// @param state the outcome once it ended, until then `queued` or `running`
  record RunView(
      UUID id,
      String project,
      long number,
      int attempt,
      String workflow,
      String workflowPath,
      String title,
      String event,
      String ref,
      String commit,
      String actor,
      String state,
      @Nullable Outcome outcome,
      @Nullable String cancelledBy,
      Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt) {
    static RunView of(Run run) {
      return new RunView(
          run.id(),
          run.project(),
          run.number(),
          run.attempt(),
          run.workflowName(),
          run.workflowPath(),
          run.title(),
          run.event(),
          run.ref(),
          run.commit(),
          run.actor(),
          run.stateWord(),
          run.outcome(),
          run.cancelledBy(),
          run.createdAt(),
          run.startedAt(),
          run.endedAt());
    }
  }

  /// @param reason why it ended so, or what it waits for
  /// @param use null where nobody counted it, or it has not ended
  record JobView(
      UUID id,
      String key,
      String name,
      int attempt,
      List<String> needs,
      String state,
      @Nullable Outcome outcome,
      String reason,
      String agent,
      String sandbox,
      @Nullable Instant queuedAt,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable ResourceUse use,
      List<StepView> steps) {}

  record StepView(
      int index,
      String name,
      long logLine,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable Outcome outcome,
      @Nullable Outcome conclusion) {}

  /// @param coverage null where no report counts lines
  record RunDetail(
      RunView run,
      List<JobView> jobs,
      List<Annotation> annotations,
      TestResults.Totals tests,
      RunTests.@Nullable CoverageView coverage) {}

  /// @param workflow the path of its file
  /// @param ref a branch or tag, in full where a branch and a tag have the same name; the default
  ///   branch where it is missing
  record Dispatch(
      @Nullable String workflow, @Nullable String ref, @Nullable Map<String, String> inputs) {}

  /// An event of the caller's own, in GitHub's words.
  ///
  /// @param clientPayload what `github.event.client_payload` will hold
  record Raise(
      @JsonProperty("event_type") @Nullable String eventType,
      @JsonProperty("client_payload") @Nullable JsonNode clientPayload) {
    static final int MAX_TYPE_CHARS = 100;
    static final int MAX_PAYLOAD_CHARS = 64 << 10;
  }

  /// @param failedOnly whether jobs that succeeded are kept
  /// @param debug whether the jobs write down more than usual
  record Rerun(@Nullable Boolean failedOnly, @Nullable Boolean debug) {}

  record RerunJob(@Nullable Boolean debug) {}

  @Override
  public void register(RouteTable routes) {
    var runs = "/api/v1/projects/{name}/runs";
    routes.get("/api/v1/runs", Permission.RUN_READ, exchange -> list(exchange, null));
    routes.get(runs, Permission.RUN_READ, exchange -> list(exchange, project(exchange)));
    routes.post(runs, Permission.RUN_WRITE, this::dispatch);
    routes.post("/api/v1/projects/{name}/dispatches", Permission.RUN_WRITE, this::raise);
    routes.get(runs + "/{number}", Permission.RUN_READ, this::show);
    routes.get(runs + "/{number}/tests", Permission.RUN_READ, this::tests);
    routes.post(runs + "/{number}/cancel", Permission.RUN_WRITE, this::cancel);
    routes.post(runs + "/{number}/rerun", Permission.RUN_WRITE, this::rerun);
    routes.post(runs + "/{number}/jobs/{job}/cancel", Permission.RUN_WRITE, this::cancelJob);
    routes.post(runs + "/{number}/jobs/{job}/rerun", Permission.RUN_WRITE, this::rerunJob);
  }

  private String project(Exchange exchange) {
    return projects.require(exchange.path("name")).name();
  }

  private void list(Exchange exchange, @Nullable String project) {
    var wanted = exchange.list();
    exchange.json(database.read(tx -> RunStore.list(tx, project, wanted)).map(RunView::of));
  }

  private void show(Exchange exchange) {
    exchange.json(database.read(tx -> detail(tx, run(tx, exchange))));
  }

  private void dispatch(Exchange exchange) {
    var body = exchange.body(Dispatch.class);
    var path = body.workflow();
    if (path == null) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The field workflow is missing",
          "Name a file in .github/workflows or .fairway/workflows.");
    }
    var run =
        dispatches.start(
            projects.require(exchange.path("name")),
            path,
            Objects.requireNonNullElse(body.ref(), ""),
            Objects.requireNonNullElse(body.inputs(), Map.of()),
            exchange.caller().name());
    exchange.status(201).json(RunView.of(run));
  }

  /// Raises an event of the caller's own.
  private void raise(Exchange exchange) {
    var body = exchange.body(Raise.class);
    var type = Objects.requireNonNullElse(body.eventType(), "");
    if (type.isBlank() || type.length() > Raise.MAX_TYPE_CHARS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The field event_type must have 1 to " + Raise.MAX_TYPE_CHARS + " characters",
          "Name the event, as in on.repository_dispatch.types.");
    }
    var payload = Objects.requireNonNullElse(body.clientPayload(), Json.MAPPER.createObjectNode());
    if (Json.MAPPER.writeValueAsString(payload).length() > Raise.MAX_PAYLOAD_CHARS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "client_payload has more than " + Raise.MAX_PAYLOAD_CHARS + " characters",
          "Send where the rest can be found.");
    }
    var project = projects.require(exchange.path("name"));
    var awaited =
        database.transaction(tx ->
            Events.dispatch(
                tx, project.id(), type, payload, exchange.caller().name(), clock.instant()));
    exchange.status(202).json(Map.of("awaited", awaited));
  }

  private void cancel(Exchange exchange) {
    var run =
        database.transaction(tx -> {
          var id = run(tx, exchange).id();
          actions.cancel(tx, id, exchange.caller().name());
          return RunStarter.known(tx, id);
        });
    exchange.json(RunView.of(run));
  }

  private void rerun(Exchange exchange) {
    var body = exchange.body(Rerun.class);
    var debug = Boolean.TRUE.equals(body.debug());
    rerun(
        exchange,
        Boolean.TRUE.equals(body.failedOnly()) ? new Again.Failed(debug) : new Again.All(debug));
  }

  private void rerunJob(Exchange exchange) {
    var debug = Boolean.TRUE.equals(exchange.body(RerunJob.class).debug());
    rerun(exchange, new Again.One(exchange.pathId("job"), debug));
  }

  private void rerun(Exchange exchange, Again what) {
    var run =
        database.transaction(tx -> {
          var id = run(tx, exchange).id();
          actions.rerun(tx, id, what, exchange.caller().name());
          return RunStarter.known(tx, id);
        });
    exchange.json(RunView.of(run));
  }

  private void cancelJob(Exchange exchange) {
    database.run(tx -> {
      var job = job(tx, exchange);
      actions.cancelJob(tx, job.id(), exchange.caller().name());
    });
    exchange.nothing();
  }

  /// The run that the path names.
  static Run run(Handle tx, Exchange exchange) {
    var project = exchange.path("name");
    var number = exchange.pathNumber("number");
    return RunStore.find(tx, project, number)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                project + " has no run #" + number,
                "Look at the list of its runs."));
  }

  /// The job that the path names; it belongs to the run that the path names.
  static JobRun job(Handle tx, Exchange exchange) {
    var run = run(tx, exchange);
    var id = exchange.pathId("job");
    return JobStore.find(tx, id)
        .filter(job -> job.runId().equals(run.id()))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND, "Run #" + run.number() + " has no job " + id, ""));
  }

  /// What the reports of a run say.
  private void tests(Exchange exchange) {
    exchange.json(
        database.read(tx -> {
          var run = run(tx, exchange);
          return TestApi.RunTestsView.of(
              RunTests.of(tx, run, defaultRef(tx, run), clock.instant()));
        }));
  }

  private String defaultRef(Handle tx, Run run) {
    return projects.find(tx, run.projectId()).map(Project::defaultRef).orElse("");
  }

  private RunDetail detail(Handle tx, Run run) {
    var steps = DetailStore.stepsOfRun(tx, run.id());
    var uses = DetailStore.uses(tx, run.id());
    var jobs =
        JobStore.current(tx, run.id()).stream()
            .map(job -> view(job, uses.get(job.id()), steps.getOrDefault(job.id(), List.of())))
            .toList();
    return new RunDetail(
        RunView.of(run),
        jobs,
        DetailStore.annotations(tx, run.id()),
        TestResults.totals(tx, run.id()),
        RunTests.coverage(tx, run, defaultRef(tx, run)).orElse(null));
  }

  private static JobView view(JobRun job, @Nullable ResourceUse use, List<StepRun> steps) {
    return new JobView(
        job.id(),
        job.key(),
        job.name(),
        job.attempt(),
        job.needs(),
        job.stateWord(),
        job.outcome(),
        job.reason(),
        job.agent(),
        job.sandbox(),
        job.queuedAt(),
        job.startedAt(),
        job.endedAt(),
        use,
        steps.stream()
            .map(step ->
                new StepView(
                    step.index(),
                    step.name(),
                    step.logLine(),
                    step.startedAt(),
                    step.endedAt(),
                    step.outcome(),
                    step.conclusion()))
            .toList());
  }
}
