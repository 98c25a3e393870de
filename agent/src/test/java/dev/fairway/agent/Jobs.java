package dev.fairway.agent;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Runs real jobs in real processes for the tests.
final class Jobs {
  static final String SHA = "0123456789012345678901234567890123456789";

  /// The id of the run of every job here.
  static final String RUN = "018f0000-0000-7000-8000-0000000000aa";

  private Jobs() {}

  static JobAssignment assignment(String steps) {
    return assignment(steps, Map.of("TOKEN", "s3cr3t-value"), true, JobAssignment.Limits.DEFAULT);
  }

  static JobAssignment assignment(
      String steps, Map<String, String> secrets, boolean network, JobAssignment.Limits limits) {
    var text =
        """
        on: push
        env:
          LEVEL: workflow
        jobs:
          work:
            runs-on: linux
            env:
              COLOUR: blue
            outputs:
              version: ${{ steps.version.outputs.version }}
              leak: ${{ secrets.TOKEN }}
            steps:
        """
            + steps.indent(6);
    return assignmentOf(text, secrets, network, limits);
  }

  static JobAssignment assignmentOf(
      String text, Map<String, String> secrets, boolean network, JobAssignment.Limits limits) {
    var contexts =
        Map.of(
            "github",
            Map.of(
                "sha",
                SHA,
                "ref",
                "refs/heads/main",
                "actor",
                "ada",
                "repository",
                "payments",
                "run_id",
                RUN,
                "retention_days",
                "90"),
            "secrets",
            secrets);
    return new JobAssignment(
        UUID.randomUUID(),
        1,
        7,
        Instant.now().plusSeconds(30),
        UUID.randomUUID(),
        12,
        "payments",
        ".github/workflows/ci.yml",
        text,
        "work",
        "work",
        Json.MAPPER.valueToTree(contexts),
        "http://127.0.0.1:1/git/payments.git",
        "job-token-0123456789",
        network,
        limits);
  }

  /// A step with that script; what follows in it with `- uses:` at its margin are more steps.
  static String run(String script) {
    var more = script.indexOf("- uses:");
    return more < 0
        ? "- run: |\n" + script.indent(4)
        : "- run: |\n" + script.substring(0, more).indent(4) + script.substring(more);
  }

  /// A job of the project at that address.
  static JobAssignment of(String steps, Map<String, String> github, String url, boolean network) {
    var plain = assignment(steps);
    return new JobAssignment(
        plain.job(),
        plain.attempt(),
        plain.fence(),
        plain.leaseUntil(),
        plain.run(),
        plain.runNumber(),
        plain.project(),
        plain.workflowPath(),
        plain.workflowText(),
        plain.jobKey(),
        plain.jobName(),
        Json.MAPPER.valueToTree(Map.of("github", github)),
        url,
        plain.jobToken(),
        network,
        plain.limits());
  }

  /// The same job, given out by another claim or with services.
  static JobAssignment given(
      JobAssignment job, long fence, JobAssignment.@Nullable Services services) {
    return new JobAssignment(
        job.job(),
        job.attempt(),
        fence,
        job.leaseUntil(),
        job.run(),
        job.runNumber(),
        job.project(),
        job.workflowPath(),
        job.workflowText(),
        job.jobKey(),
        job.jobName(),
        job.contexts(),
        job.cloneUrl(),
        job.jobToken(),
        job.network(),
        job.limits(),
        services);
  }

  /// A run of a job against a folder, and all that was heard of it.
  static final class Run implements FolderHost.Listener {
    final List<String> lines = new ArrayList<>();
    final List<JobEvent> events = new ArrayList<>();
    final Cancellation cancellation = new Cancellation();
    final Path artifacts;
    Optional<Caches> caches = Optional.empty();

    Run(Path folder) throws IOException {
      artifacts = Files.createDirectories(folder.resolve("artifacts"));
    }

    @Override
    public synchronized void line(String text) {
      lines.add(text);
    }

    @Override
    public synchronized void event(JobEvent event) {
      events.add(event);
    }

    synchronized String log() {
      return String.join("\n", lines);
    }

    synchronized List<JobEvent> events() {
      return List.copyOf(events);
    }

    Outcome outcome(int step) {
      return events().stream()
          .filter(JobEvent.StepFinished.class::isInstance)
          .map(JobEvent.StepFinished.class::cast)
          .filter(finished -> finished.index() == step)
          .map(JobEvent.StepFinished::outcome)
          .findFirst()
          .orElseThrow();
    }

    JobResult start(JobAssignment job, Path folder, Isolation isolation, CheckoutSource source)
        throws InterruptedException {
      return start(job, folder, isolation, source, ActionSource.none());
    }

    JobResult start(
        JobAssignment job,
        Path folder,
        Isolation isolation,
        CheckoutSource source,
        ActionSource actions)
        throws InterruptedException {
      var settings =
          new RunnerSettings(
              "test-agent", folder.resolve("jobs"), isolation, Optional.empty(), Map.of());
      try (var runner = new JobRunner(settings, Clock.systemUTC())) {
        return runner.run(
            job, new FolderHost(artifacts, source, this, actions, caches), cancellation);
      }
    }
  }

  /// Polls until the condition holds; fails after 20 s.
  static void await(String what, BooleanSupplier condition) {
    var until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("Waited in vain until " + what);
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
