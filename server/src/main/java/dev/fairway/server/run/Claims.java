package dev.fairway.server.run;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.GroupCommit;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/// Gives jobs to agents that ask for work.
final class Claims implements AutoCloseable {
  private static final String NO_OUTPUTS = "{}";

  private final Database database;

  /// Those of agents with the same labels go together.
  private final GroupCommit<List<String>, Claim, Optional<JobAssignment>> commits;

  private final JobTokens tokens;
  private final JobSecrets secrets;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final CrashObserver witness;
  private final QueueSignal signal = new QueueSignal();
  private final Presence presence = new Presence();

  Claims(
      Database database,
      JobTokens tokens,
      JobSecrets secrets,
      Scheduler scheduler,
      InstantSource clock,
      CrashObserver witness) {
    this.database = database;
    this.commits = new GroupCommit<>(database, (tx, _, some) -> together(tx, some));
    this.tokens = tokens;
    this.secrets = secrets;
    this.scheduler = scheduler;
    this.clock = clock;
    this.witness = witness;
    database.listen(Queue.CHANNEL, _ -> signal.signal());
  }

  /// Where the agent reaches us.
  ///
  /// @param origin such as `http://127.0.0.1:7070`
  record Place(UUID agentId, String origin) {}

  /// The next job for the agent; waits for one a while.
  Optional<JobAssignment> claim(Place place, ClaimRequest request, Duration wait) {
    var end = System.nanoTime() + wait.toNanos();
    var machine = request.machine();
    if (machine != null) {
      database.run(tx -> Machines.describe(tx, place.agentId(), request, machine, clock.instant()));
    }
    while (true) {
      var seen = signal.count();
      var assignment = attempt(place, request);
      var left = Duration.ofNanos(end - System.nanoTime());
      if (assignment.isPresent() || !left.isPositive()) {
        return assignment;
      }
      var nap = left.compareTo(RunLimits.CLAIM_POLL) < 0 ? left : RunLimits.CLAIM_POLL;
      if (!signal.await(seen, nap)) {
        return Optional.empty();
      }
    }
  }

  private Optional<JobAssignment> attempt(Place place, ClaimRequest request) {
    while (true) {
      try {
        return tryOnce(place, request);
      } catch (JobSecrets.Unopened e) {
        giveUp(e);
      }
    }
  }

  /// A job whose secrets cannot be opened ends: else it would stand before all others for ever.
  private void giveUp(JobSecrets.Unopened failure) {
    database.run(tx -> {
      var run = RunStore.lock(tx, failure.run());
      var job = JobStore.lock(tx, failure.job());
      if (job.phase() == JobPhase.QUEUED) {
        scheduler.endJob(
            tx, run, job, failure.outcome(), String.valueOf(failure.getMessage()), NO_OUTPUTS);
        scheduler.advance(tx, RunStore.lock(tx, run.id()));
      }
    });
  }

  private Optional<JobAssignment> tryOnce(Place place, ClaimRequest request) {
    var token = tokens.fresh();
    var now = clock.instant();
    var claimant =
        new Queue.Claimant(
            place.agentId(),
            RunLimits.cut(request.agent(), RunLimits.MAX_NAME_CHARS),
            RunLimits.cut(request.sandbox(), RunLimits.MAX_NAME_CHARS),
            request.labels(),
            JobTokens.hash(token),
            now,
            now.plus(RunLimits.LEASE));
    var assignment = commits.commit(claimant.labels(), new Claim(claimant, token, place.origin()));
    if (assignment.isPresent()) {
      witness.reached(CrashPoint.CLAIMED_BEFORE_REPLY);
    }
    return assignment;
  }

  private record Claim(Queue.Claimant claimant, String token, String origin) {}

  private List<Optional<JobAssignment>> together(Handle tx, List<Claim> claims) {
    var claimants = claims.stream().map(Claim::claimant).toList();
    claimants.stream()
        .filter(presence::isNews)
        // Two servers write down the same agents in the same order.
        .sorted(Comparator.comparing(Queue.Claimant::agentId))
        .forEach(claimant -> Queue.present(tx, claimant));
    var jobs = Queue.claim(tx, claimants);
    jobs.forEach(job -> Topics.changed(tx, job.runId(), job.projectId()));
    var runs = new HashMap<UUID, Run>();
    var opened = secrets.open(tx);
    var assignments = new ArrayList<Optional<JobAssignment>>();
    for (var n = 0; n < claims.size(); n++) {
      if (n < jobs.size()) {
        var run = runs.computeIfAbsent(jobs.get(n).runId(), id -> RunStarter.known(tx, id));
        assignments.add(Optional.of(assignment(tx, run, jobs.get(n), claims.get(n), opened)));
      } else {
        assignments.add(Optional.empty());
      }
    }
    return assignments;
  }

  private static JobAssignment assignment(
      Handle tx, Run run, JobRun job, Claim claim, JobSecrets.Opened opened) {
    var token = claim.token();
    var origin = claim.origin();
    var contexts = (ObjectNode) Json.MAPPER.readTree(run.contexts());
    contexts.setAll((ObjectNode) Json.MAPPER.readTree(job.contexts()));
    opened.give(run, job, token, contexts);
    if (contexts.get("github") instanceof ObjectNode github) {
      github.put("server_url", origin);
      github.put("api_url", origin + "/api/v1");
      github.put("retention_days", Long.toString(RunArtifacts.RETENTION.toDays()));
      github.put("job", job.jobId());
      github.put("token", token);
    }
    if (job.debug()) {
      debug(contexts);
    }
    var standard = JobAssignment.Limits.DEFAULT;
    var file = job.workflowFile();
    var calls = file == null ? CalledFiles.NONE : CalledFiles.of(tx, run.id());
    WorkflowHome.of(run, calls, job).show(contexts.putObject("job"));
    return new JobAssignment(
        job.id(),
        job.attempt(),
        job.fence(),
        Objects.requireNonNull(job.leaseUntil()),
        run.id(),
        run.number(),
        run.project(),
        file == null ? run.workflowPath() : file,
        file == null ? run.workflowText() : calls.required(file).text(),
        job.jobId(),
        job.name(),
        contexts,
        origin + "/git/" + run.project() + ".git",
        token,
        job.network(),
        new JobAssignment.Limits(
            standard.logBytes(),
            standard.artifactBytes(),
            standard.memoryBytes(),
            standard.processes(),
            job.timeoutSeconds()),
        JobServices.of(run.id(), job.id(), origin, token));
  }

  /// What GitHub's users set as variables of a repository to hear more.
  private static void debug(ObjectNode contexts) {
    contexts
        .withObject("/vars")
        .put("ACTIONS_STEP_DEBUG", "true")
        .put("ACTIONS_RUNNER_DEBUG", "true");
  }

  @Override
  public void close() {
    signal.close();
  }
}
