package dev.fairway.cli;

import dev.fairway.agent.Cancellation;
import dev.fairway.agent.CheckoutSource;
import dev.fairway.agent.FolderHost;
import dev.fairway.agent.Isolation;
import dev.fairway.agent.JobResult;
import dev.fairway.agent.JobRunner;
import dev.fairway.agent.RunnerSettings;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Decision;
import dev.fairway.workflow.Inputs;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.JobInstance;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.JobSettings;
import dev.fairway.workflow.JobState;
import dev.fairway.workflow.RunPlanner;
import dev.fairway.workflow.RunState;
import dev.fairway.workflow.Trigger;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One run of a workflow on this machine. The planner decides, this carries out: a virtual thread
/// per job that runs, and one queue through which they report back.
final class LocalRun {
  /// As many jobs run at once: a matrix of a hundred must not take the whole machine.
  private static final int MAX_PARALLEL_JOBS = Runtime.getRuntime().availableProcessors();

  /// What the caller said about the run.
  record Settings(
      LocalSource source,
      String event,
      String eventJson,
      Map<String, String> secrets,
      Map<String, String> inputs,
      CheckoutSource checkout) {}

  /// How a run ended.
  record Result(String workflow, Outcome outcome, List<EndedJob> jobs) {}

  /// How one of its jobs ended.
  record EndedJob(
      String job, String name, Outcome outcome, String reason, Map<String, String> outputs) {}

  private record Report(JobInstance instance, JobResult result) {}

  private final Workflow workflow;
  private final Settings settings;
  private final boolean quiet;
  private final PrintWriter out;
  private final Path folder;
  private final JobRunner runner;
  private final Contexts contexts;
  private final UUID run = UUID.randomUUID();
  private final Map<JobKey, JobState> states = new LinkedHashMap<>();
  private final Map<JobKey, Cancellation> running = new LinkedHashMap<>();
  private final List<EndedJob> ended = new ArrayList<>();
  private final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();
  private final Semaphore places = new Semaphore(MAX_PARALLEL_JOBS);

  private LocalRun(
      Workflow workflow, Settings settings, boolean quiet, PrintWriter out, Path folder) {
    this.workflow = workflow;
    this.settings = settings;
    this.quiet = quiet;
    this.out = out;
    this.folder = folder;
    this.runner =
        new JobRunner(
            new RunnerSettings(
                "local",
                folder.resolve("jobs"),
                Isolation.none(),
                Optional.empty(),
                System.getenv()),
            Clock.systemUTC());
    this.contexts = contexts();
  }

  /// @param quiet whether the log is left out, because only the result is wanted
  static Result run(Workflow workflow, Settings settings, boolean quiet, PrintWriter out)
      throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("fairway-run-");
    var hook = new Thread[1];
    try {
      Files.createDirectory(folder.resolve("artifacts"));
      var run = new LocalRun(workflow, settings, quiet, out, folder);
      hook[0] = Thread.ofPlatform().unstarted(run::interrupted);
      Runtime.getRuntime().addShutdownHook(hook[0]);
      return run.carryOut();
    } finally {
      delete(folder, hook[0]);
    }
  }

  /// The workflow with this job and those that it needs, directly or not.
  static Workflow only(Workflow workflow, String job) {
    Set<String> wanted = new LinkedHashSet<>();
    need(workflow, job, wanted);
    var jobs = new LinkedHashMap<String, Job>();
    workflow
        .jobs()
        .forEach((id, defined) -> {
          if (wanted.contains(id)) {
            jobs.put(id, defined);
          }
        });
    return workflow.with(jobs);
  }

  private static void need(Workflow workflow, String job, Set<String> wanted) {
    var defined = workflow.jobs().get(job);
    if (defined != null && wanted.add(job)) {
      defined.needs().forEach(needed -> need(workflow, needed, wanted));
    }
  }

  private Result carryOut() throws InterruptedException {
    while (true) {
      var plan =
          RunPlanner.plan(workflow, new RunState(contexts, List.copyOf(states.values()), false));
      plan.decisions().forEach(this::carryOut);
      if (plan.done()) {
        return new Result(
            workflow.file(), Outcome.valueOf(plan.outcome().orElseThrow().name()), ended);
      }
      finished(reports.take());
    }
  }

  private void carryOut(Decision decision) {
    switch (decision) {
      case Decision.Start start -> start(start.instance());
      case Decision.Conclude conclude -> {
        states.put(
            conclude.key(), new JobState.Finished(conclude.key(), conclude.outcome(), Map.of()));
        ended.add(
            new EndedJob(
                conclude.key().job(),
                conclude.name(),
                Outcome.valueOf(conclude.outcome().name()),
                conclude.reason(),
                Map.of()));
      }
      case Decision.Cancel cancel -> {
        var cancellation = running.get(cancel.key());
        if (cancellation != null) {
          cancellation.cancel();
        }
      }
    }
  }

  private void start(JobInstance instance) {
    var cancellation = new Cancellation();
    synchronized (running) {
      running.put(instance.key(), cancellation);
    }
    states.put(instance.key(), new JobState.Active(instance.key()));
    var host =
        new FolderHost(
            folder.resolve("artifacts"), settings.checkout(), new Printer(instance.name()));
    Thread.ofVirtual()
        .name(instance.key().toString())
        .start(() -> {
          JobResult result;
          try {
            places.acquire();
            try {
              result = runner.run(assignment(instance), host, cancellation);
            } finally {
              places.release();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result = new JobResult(Outcome.CANCELLED, "Interrupted", Map.of(), 0, 0);
          } catch (RuntimeException e) {
            result = new JobResult(Outcome.ERROR, e.toString(), Map.of(), 0, 0);
          }
          reports.add(new Report(instance, result));
        });
  }

  private void finished(Report report) {
    var key = report.instance().key();
    var result = report.result();
    synchronized (running) {
      running.remove(key);
      running.notifyAll();
    }
    states.put(
        key,
        new JobState.Finished(
            key, dev.fairway.workflow.Outcome.valueOf(result.outcome().name()), result.outputs()));
    ended.add(
        new EndedJob(
            key.job(),
            report.instance().name(),
            result.outcome(),
            result.reason(),
            result.outputs()));
  }

  private JobAssignment assignment(JobInstance instance) {
    var json = Json.MAPPER.createObjectNode();
    for (var name : List.of("github", "vars")) {
      json.set(name, json(contexts.values().getOrDefault(name, Value.nothing())));
    }
    json.set("inputs", json(instance.inputs()));
    json.set("secrets", json(Value.ofStrings(instance.secrets().of(settings.secrets(), contexts))));
    json.set("needs", json(instance.needs()));
    json.set("matrix", json(instance.matrix()));
    json.set("strategy", json(instance.strategy()));
    var limits = JobAssignment.Limits.DEFAULT;
    return new JobAssignment(
        UUID.randomUUID(),
        1,
        1,
        Instant.MAX,
        run,
        1,
        settings.source().name(),
        instance.workflow().file(),
        instance.workflow().text(),
        instance.job().id(),
        instance.name(),
        json,
        "",
        UUID.randomUUID().toString(),
        instance.job().settings().network() == JobSettings.Network.FULL,
        new JobAssignment.Limits(
            limits.logBytes(),
            limits.artifactBytes(),
            limits.memoryBytes(),
            limits.processes(),
            (int) Math.max(1, instance.timeout().toMinutes())));
  }

  private Contexts contexts() {
    var source = settings.source();
    var github =
        Value.ofStrings(
                Map.of(
                    "sha", source.sha(),
                    "ref", source.ref(),
                    "ref_name", source.branch(),
                    "ref_type", "branch",
                    "repository", source.name(),
                    "actor", source.actor(),
                    "triggering_actor", source.actor(),
                    "event_name", settings.event(),
                    "workflow", workflow.displayName()))
            .with("run_id", Value.of(run.toString()))
            .with("run_number", Value.of("1"))
            .with("run_attempt", Value.of("1"))
            .with("event", Value.ofJson(settings.eventJson()));
    return Contexts.empty()
        .with("github", github)
        .with("vars", Value.object())
        .with("inputs", inputs());
  }

  private Value inputs() {
    var definitions = workflow.dispatch().map(Trigger.Dispatch::inputs).orElse(Map.of());
    if (!settings.event().equals("workflow_dispatch")) {
      if (!settings.inputs().isEmpty()) {
        throw refusedInputs("Inputs belong to the event workflow_dispatch");
      }
      return Value.object();
    }
    return switch (Inputs.check(definitions, settings.inputs())) {
      case Inputs.Accepted accepted -> accepted.values();
      case Inputs.Rejected rejected -> throw refusedInputs(String.join(" ", rejected.problems()));
    };
  }

  private static FairwayException refusedInputs(String why) {
    return new FairwayException(ErrorCode.INVALID_INPUT, why, "");
  }

  private static JsonNode json(Value value) {
    return Json.MAPPER.readTree(value.toCompactJson());
  }

  /// Ctrl-C: what runs is ended before this process is.
  private void interrupted() {
    synchronized (running) {
      running.values().forEach(Cancellation::abandon);
      try {
        while (!running.isEmpty()) {
          running.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void delete(Path folder, @Nullable Thread hook) throws IOException {
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        return; // The machine is going down, and the hook is at work.
      }
    }
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /// Prints the lines of a job with its name before them.
  private final class Printer implements FolderHost.Listener {
    private final String prefix;

    Printer(String job) {
      this.prefix = "[" + job + "] ";
    }

    @Override
    public void line(String text) {
      if (!quiet) {
        synchronized (out) {
          out.println(prefix + text);
          out.flush();
        }
      }
    }

    @Override
    public void event(JobEvent event) {
      if (event instanceof JobEvent.StepFinished step
          && step.outcome() != Outcome.SUCCESS
          && step.outcome() != Outcome.SKIPPED) {
        line("Step " + step.index() + ": " + step.outcome().word());
      }
    }
  }
}
