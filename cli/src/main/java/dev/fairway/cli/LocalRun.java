package dev.fairway.cli;

import dev.fairway.agent.Cancellation;
import dev.fairway.agent.FolderHost;
import dev.fairway.agent.JobResult;
import dev.fairway.agent.JobRunner;
import dev.fairway.agent.JsonValues;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Decision;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Inputs;
import dev.fairway.workflow.JobInstance;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.JobSettings;
import dev.fairway.workflow.JobState;
import dev.fairway.workflow.RunPlanner;
import dev.fairway.workflow.RunState;
import dev.fairway.workflow.Trigger;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/// One run of a workflow on this machine. The planner decides, this carries out: a virtual thread
/// per job that runs, and one queue through which they report back.
final class LocalRun {
  /// As many jobs run at once: a matrix of a hundred must not take the whole machine. There is one
  /// more than can, for whenever one of them waits.
  private static final int MAX_PARALLEL_JOBS = Runtime.getRuntime().availableProcessors() + 1;

  private static final String TOKEN = "GITHUB_TOKEN";

  /// What a workflow file's path has before the repository begins.
  private static final Pattern OUTSIDE = Pattern.compile("^.*/(?=\\.(github|fairway)/workflows/)");

  /// What the caller said about the run.
  ///
  /// @param matrix the value that a key of a matrix must have, if a job's matrix has the key
  record Settings(
      LocalEvent event,
      Map<String, String> secrets,
      Map<String, String> variables,
      Map<String, String> inputs,
      Map<String, String> matrix) {}

  /// How a run ended.
  record Result(String workflow, Outcome outcome, long millis, List<EndedJob> jobs) {}

  /// How one of its jobs ended.
  ///
  /// @param millis from when it got a place; 0 for one that never began
  record EndedJob(
      JobKey key,
      String name,
      Outcome outcome,
      long millis,
      String reason,
      Map<String, String> outputs) {}

  /// What the jobs and the user tell the run.
  private sealed interface Message {
    record Ended(JobInstance instance, JobResult result, long millis) implements Message {}

    record Cancel() implements Message {}
  }

  private final Workflow workflow;
  private final Settings settings;
  private final LocalMachine machine;
  private final RunView view;
  private final JobRunner runner;
  private final Contexts contexts;
  private final UUID run = UUID.randomUUID();
  private final Map<JobKey, JobState> states = new LinkedHashMap<>();
  private final Map<JobKey, Cancellation> running = new ConcurrentHashMap<>();
  private final List<EndedJob> ended = new ArrayList<>();
  private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
  private final Semaphore places = new Semaphore(MAX_PARALLEL_JOBS);
  private final LocalNotes notes;

  /// The jobs' token, which is good for nothing unless the caller gives one.
  private final String token;

  /// The contexts that are the same for all jobs.
  private final ObjectNode common = Json.MAPPER.createObjectNode();

  private boolean cancelled;
  private volatile boolean abandoned;

  LocalRun(Workflow workflow, Settings settings, LocalMachine machine, RunView view) {
    this.workflow = workflow;
    this.settings = settings;
    this.machine = machine;
    this.view = view;
    this.token = settings.secrets().getOrDefault(TOKEN, UUID.randomUUID().toString());
    this.runner = machine.runner();
    runner.knows(workflow);
    this.notes = new LocalNotes(view);
    this.contexts = contexts(workflow, settings, run);
    for (var name : List.of("github", "vars")) {
      common.set(name, JsonValues.json(contexts.values().getOrDefault(name, Value.nothing())));
    }
  }

  /// Asks the run to end: running steps are stopped, and those that ask for it still run.
  void cancel() {
    messages.add(new Message.Cancel());
  }

  /// Ends everything at once.
  void abandon() {
    abandoned = true;
    messages.add(new Message.Cancel());
    running.values().forEach(Cancellation::abandon);
  }

  Result carryOut() throws InterruptedException {
    var begun = System.nanoTime();
    view.planned(
        workflow.outline().stream()
            .filter(job -> !job.call())
            .map(job -> new RunView.Planned(job.path(), job.name()))
            .toList());
    notes.about(workflow);
    while (true) {
      var state = new RunState(contexts, List.copyOf(states.values()), cancelled);
      var plan = RunPlanner.plan(workflow, state);
      plan.decisions().forEach(this::carryOut);
      if (plan.done()) {
        var outcome = Outcome.valueOf(plan.outcome().orElseThrow().name());
        return new Result(workflow.file(), outcome, millisSince(begun), List.copyOf(ended));
      }
      if (plan.decisions().stream().anyMatch(this::leavesOut)) {
        continue; // The planner does not know yet what was left out.
      }
      for (var message = messages.take(); message != null; message = messages.poll()) {
        switch (message) {
          case Message.Cancel _ -> cancelled = true;
          case Message.Ended(var instance, var result, var millis) ->
              finished(instance, result, millis);
        }
      }
    }
  }

  private void carryOut(Decision decision) {
    switch (decision) {
      case Decision.Start start when !leavesOut(start) -> start(start.instance());
      case Decision.Start start ->
          concluded(
              start.key(),
              start.instance().name(),
              dev.fairway.workflow.Outcome.SUCCESS,
              Outcome.SKIPPED,
              "Not among the chosen combinations.");
      case Decision.Conclude conclude ->
          concluded(
              conclude.key(),
              conclude.name(),
              conclude.outcome(),
              Outcome.valueOf(conclude.outcome().name()),
              conclude.reason());
      case Decision.Cancel cancel -> {
        var cancellation = running.get(cancel.key());
        if (cancellation != null) {
          cancellation.cancel();
        }
      }
    }
  }

  /// @param counts what it is for the jobs that need it: a combination that nobody wants to see now
  ///   must not keep them from running
  private void concluded(
      JobKey key,
      String name,
      dev.fairway.workflow.Outcome counts,
      Outcome outcome,
      String reason) {
    states.put(key, new JobState.Finished(key, counts, Map.of()));
    ended(new EndedJob(key, name, outcome, 0, reason, Map.of()));
  }

  private boolean leavesOut(Decision decision) {
    return decision instanceof Decision.Start(var instance)
        && instance.matrix() instanceof Value.Obj matrix
        && settings.matrix().entrySet().stream()
            .anyMatch(wanted ->
                matrix
                    .member(wanted.getKey())
                    .map(value -> !value.text().equals(wanted.getValue()))
                    .orElse(false));
  }

  private void start(JobInstance instance) {
    var cancellation = new Cancellation();
    running.put(instance.key(), cancellation);
    if (abandoned) {
      cancellation.abandon();
    }
    states.put(instance.key(), new JobState.Active(instance.key()));
    notes.about(instance);
    Thread.ofVirtual()
        .name(instance.key().toString())
        .start(() -> {
          var begun = System.nanoTime();
          JobResult result;
          try {
            places.acquire();
            try {
              begun = System.nanoTime();
              result = run(instance, cancellation);
            } finally {
              places.release();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result = new JobResult(Outcome.CANCELLED, "Interrupted", Map.of(), 0, 0);
          } catch (RuntimeException e) {
            result = new JobResult(Outcome.ERROR, e.toString(), Map.of(), 0, 0);
          }
          messages.add(new Message.Ended(instance, result, millisSince(begun)));
        });
  }

  private JobResult run(JobInstance instance, Cancellation cancellation)
      throws InterruptedException {
    if (cancellation.isRequested()) {
      return new JobResult(Outcome.CANCELLED, "The run was cancelled.", Map.of(), 0, 0);
    }
    view.began(instance.key(), instance.name());
    try {
      return runner.run(
          assignment(instance), machine.host(new Listener(instance.key())), cancellation);
    } catch (EvaluationException e) {
      return new JobResult(Outcome.FAILURE, String.valueOf(e.getMessage()), Map.of(), 0, 0);
    }
  }

  private void finished(JobInstance instance, JobResult result, long millis) {
    var key = instance.key();
    running.remove(key);
    states.put(
        key,
        new JobState.Finished(
            key, dev.fairway.workflow.Outcome.valueOf(result.outcome().name()), result.outputs()));
    ended(
        new EndedJob(
            key, instance.name(), result.outcome(), millis, result.reason(), result.outputs()));
  }

  private void ended(EndedJob job) {
    ended.add(job);
    view.ended(job);
  }

  private JobAssignment assignment(JobInstance instance) {
    var json = Json.MAPPER.createObjectNode();
    json.setAll(common);
    json.set("inputs", JsonValues.json(instance.inputs()));
    json.set(
        "secrets",
        JsonValues.json(Value.ofStrings(instance.secrets().of(settings.secrets(), contexts))));
    json.set("needs", JsonValues.json(instance.needs()));
    json.set("matrix", JsonValues.json(instance.matrix()));
    json.set("strategy", JsonValues.json(instance.strategy()));
    json.set("job", home(instance));
    var limits = JobAssignment.Limits.DEFAULT;
    return new JobAssignment(
        UUID.randomUUID(),
        1,
        1,
        Instant.MAX,
        run,
        1,
        settings.event().source().name(),
        instance.workflow().file(),
        instance.workflow().text(),
        instance.job().id(),
        instance.name(),
        json,
        "",
        token,
        instance.job().settings().network() == JobSettings.Network.FULL,
        new JobAssignment.Limits(
            limits.logBytes(),
            limits.artifactBytes(),
            limits.memoryBytes(),
            limits.processes(),
            Math.ceilDiv(instance.timeout().toMillis(), 1_000)));
  }

  /// Where the workflow file of the job stands.
  private ObjectNode home(JobInstance instance) {
    var file = instance.workflow().file();
    var home = Json.MAPPER.createObjectNode();
    if (!file.equals(workflow.file()) && file.contains("@")) {
      var reference = new WorkflowReference(file);
      return home.put("workflow_repository", reference.repository())
          .put("workflow_file_path", reference.path())
          .put("workflow_ref", file);
    }
    var source = settings.event().source();
    var path = OUTSIDE.matcher(file).replaceFirst("");
    return home.put("workflow_repository", source.name())
        .put("workflow_file_path", path)
        .put("workflow_ref", source.name() + "/" + path + "@" + source.ref())
        .put("workflow_sha", source.sha());
  }

  /// What the run's own expressions see.
  static Contexts contexts(Workflow workflow, Settings settings, UUID run) {
    var github =
        settings
            .event()
            .github()
            .with("workflow", Value.of(workflow.displayName()))
            .with("run_id", Value.of(run.toString()))
            .with("run_number", Value.of("1"))
            .with("run_attempt", Value.of("1"));
    return Contexts.empty()
        .with("github", github)
        .with("vars", Value.ofStrings(settings.variables()))
        .with("inputs", inputs(workflow, settings));
  }

  private static Value inputs(Workflow workflow, Settings settings) {
    if (!settings.event().name().equals("workflow_dispatch")) {
      if (!settings.inputs().isEmpty()) {
        throw refusedInputs("Inputs belong to the event workflow_dispatch");
      }
      return Value.object();
    }
    var definitions = workflow.dispatch().map(Trigger.Dispatch::inputs).orElse(Map.of());
    return switch (Inputs.check(definitions, settings.inputs())) {
      case Inputs.Accepted accepted -> accepted.values();
      case Inputs.Rejected rejected -> throw refusedInputs(String.join(" ", rejected.problems()));
    };
  }

  private static FairwayException refusedInputs(String why) {
    return new FairwayException(ErrorCode.INVALID_INPUT, why, "");
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  /// What one job tells.
  private final class Listener implements FolderHost.Listener {
    private final JobKey job;

    Listener(JobKey job) {
      this.job = job;
    }

    @Override
    public void line(String text) {
      view.line(job, text);
    }

    @Override
    public void event(JobEvent event) {
      view.event(job, event);
    }
  }
}
