package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.Approval.Approver;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.run.EnvironmentGate;
import dev.fairway.server.run.Runs;
import dev.fairway.server.web.LiveEvents;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Holds jobs back that name an environment, until as many people as it asks for have said yes.
///
/// The rules are those of a deployment ([ApprovalRules]). The change that nobody with a hand in it
/// decides about is everything since the commit that a job of the project brought there last; who
/// caused the run has a hand in it too.
///
/// Locks: the run, then the gate; who decides has the environment and then the gate, and only wakes
/// the run.
final class JobGates implements EnvironmentGate {
  static final String LIVE = "environments";

  private final Database database;
  private final Evidence evidence;
  private final InstantSource clock;
  private final Participants participants;
  private final People people;
  private final Runs runs;

  JobGates(
      Database database,
      Evidence evidence,
      InstantSource clock,
      Participants participants,
      People people,
      Runs runs) {
    this.database = database;
    this.evidence = evidence;
    this.clock = clock;
    this.participants = participants;
    this.people = people;
    this.runs = runs;
  }

  /// What a decision was about; its digest is what the approver signs.
  record Decided(
      UUID job, String environment, String project, long run, String name, String commit) {}

  /// What the ledger says about a decision.
  ///
  /// @param required how many people must say yes
  /// @param approvals how many have, with this one
  record JobApprovalPredicate(
      UUID project,
      UUID run,
      UUID job,
      String decision,
      String meaning,
      Approver approver,
      Instant decidedAt,
      String reason,
      String digest,
      Decided decided,
      int required,
      int approvals,
      String role) {}

  /// Where a job stands with its approvals.
  ///
  /// @param missing how many people still have to say yes
  /// @param refusal why this person's word does not count; empty where it does
  /// @param change what it would bring
  record Standing(
      JobGate gate,
      EnvironmentDefinition.Approvals required,
      List<Approval> decisions,
      int missing,
      Optional<FairwayException> refusal,
      CommitRange change) {}

  @Override
  public Answer ask(Handle tx, Wish wish) {
    var environment = EnvironmentStore.find(tx, wish.environment());
    if (environment.isEmpty()) {
      var names = EnvironmentStore.all(tx).stream().map(Environment::name).toList();
      return new Answer.Refused(
          "There is no environment '%s'; there are: %s"
              .formatted(wish.environment(), names.isEmpty() ? "none" : String.join(", ", names)));
    }
    var gate = JobGate.lock(tx, wish.job()).orElseGet(() -> open(tx, wish, environment.get()));
    return switch (gate.state()) {
      case OPEN -> new Answer.Open();
      case REJECTED -> new Answer.Refused(gate.reason());
      case WAITING -> {
        var standing = standing(tx, gate, Person.NOBODY);
        if (standing.missing() == 0) {
          JobGate.move(tx, gate.jobId(), JobGate.State.OPEN, "", now());
          yield new Answer.Open();
        }
        yield new Answer.Waits(
            "waits for %d more with the role %s to approve it for %s"
                .formatted(
                    standing.missing(), standing.required().role().word(), gate.environment()));
      }
    };
  }

  private JobGate open(Handle tx, Wish wish, Environment environment) {
    var run = wish.run();
    var free = environment.definition().approvals().count() == 0;
    var now = now();
    var gate =
        new JobGate(
            wish.job(),
            run.id(),
            run.number(),
            run.projectId(),
            run.project(),
            wish.name(),
            run.commit(),
            run.actor(),
            environment.name(),
            free ? JobGate.State.OPEN : JobGate.State.WAITING,
            "",
            now,
            now);
    JobGate.insert(tx, gate);
    LiveEvents.publish(tx, LIVE);
    return gate;
  }

  Standing standing(Handle tx, JobGate gate, Person person) {
    var change = change(tx, gate);
    var decisions = JobGate.decisions(tx, gate.jobId());
    var rules = rules(tx, gate, change, decisions);
    return new Standing(
        gate,
        rules.required(),
        decisions,
        rules.missing(rules.counted(decisions, id -> people.person(tx, id))),
        rules.refusal(person),
        change.added());
  }

  private Participants.Change change(Handle tx, JobGate gate) {
    var before = JobGate.lastCommit(tx, gate.projectId(), gate.environment()).orElse(null);
    return participants.change(tx, gate.projectId(), before, gate.commit());
  }

  private ApprovalRules rules(
      Handle tx, JobGate gate, Participants.Change change, List<Approval> decisions) {
    var environment = EnvironmentStore.demand(tx, gate.environment());
    return new ApprovalRules(
        environment.name(),
        environment.definition().approvals(),
        participants.involved(tx, gate.projectId(), change).and(gate.actor()),
        decisions.stream().map(Approval::userId).collect(Collectors.toSet()));
  }

  /// Those that wait for somebody, the oldest first.
  List<Standing> waiting(Handle tx, Person person) {
    return JobGate.waiting(tx).stream().map(gate -> standing(tx, gate, person)).toList();
  }

  /// Takes a yes or no. A no fails the job; the last yes that is asked for lets it go on.
  JobGate decide(Person person, UUID job, boolean approved, String reason) {
    if (approved) {
      Deployments.checkReason(reason);
    } else {
      Deployments.requireReason(reason, "Say why: those who wait for it want to know.");
    }
    return database.transaction(tx -> {
      var seen = demand(JobGate.find(tx, job), job);
      EnvironmentStore.lock(tx, seen.environment());
      var gate = demand(JobGate.lock(tx, job), job);
      if (JobGate.waiting(tx).stream().noneMatch(one -> one.jobId().equals(job))) {
        throw new FairwayException(
            ErrorCode.CONFLICT, gate.title() + " waits for nobody's approval", "Look at its run.");
      }
      var change = change(tx, gate);
      var before = JobGate.decisions(tx, job);
      var rules = rules(tx, gate, change, before);
      rules
          .refusal(person)
          .ifPresent(refusal -> {
            throw refusal;
          });
      var counted = rules.counted(before, id -> people.person(tx, id)) + (approved ? 1 : 0);
      record(tx, gate, rules, person, approved, reason, counted);
      if (!approved) {
        JobGate.move(
            tx,
            job,
            JobGate.State.REJECTED,
            "Rejected by " + person.username() + ": " + reason.strip(),
            now());
      } else if (rules.missing(counted) == 0) {
        JobGate.move(tx, job, JobGate.State.OPEN, "", now());
      }
      runs.wake(tx, gate.runId());
      LiveEvents.publish(tx, LIVE);
      return demand(JobGate.find(tx, job), job);
    });
  }

  private static JobGate demand(Optional<JobGate> gate, UUID job) {
    return gate.orElseThrow(() ->
        new FairwayException(
            ErrorCode.NOT_FOUND,
            "No job " + job + " asked for an environment",
            "Look at its run."));
  }

  private void record(
      Handle tx,
      JobGate gate,
      ApprovalRules rules,
      Person person,
      boolean approved,
      String reason,
      int counted) {
    var decided =
        new Decided(
            gate.jobId(),
            gate.environment(),
            gate.project(),
            gate.runNumber(),
            gate.name(),
            gate.commit());
    var approval =
        new Approval(
            gate.jobId(),
            person.id(),
            person.username(),
            person.printedName(),
            rules.required().role(),
            approved,
            (approved ? "approved for " : "rejected for ") + gate.environment(),
            reason.strip(),
            Release.sha256(Json.MAPPER.writeValueAsString(decided)),
            now());
    JobGate.insert(tx, approval);
    evidence.record(
        tx,
        new Statement(
            PredicateType.JOB_APPROVAL,
            List.of(Subject.commit(gate.project(), gate.commit())),
            new JobApprovalPredicate(
                gate.projectId(),
                gate.runId(),
                gate.jobId(),
                approved ? "approved" : "rejected",
                approval.meaning(),
                new Approver(person.id(), person.username(), person.printedName()),
                approval.decidedAt(),
                approval.reason(),
                approval.digest(),
                decided,
                rules.required().count(),
                counted,
                rules.required().role().word()),
            Set.of(
                "project:" + gate.projectId(),
                "commit:" + gate.commit(),
                "run:" + gate.runId(),
                "environment:" + gate.environment(),
                "user:" + person.id()),
            person.username()));
  }

  /// The rules of an environment have changed: what waits there asks again.
  void rulesChanged(Handle tx, Environment environment) {
    for (var gate : JobGate.waiting(tx)) {
      if (gate.environment().equals(environment.name())) {
        runs.wake(tx, gate.runId());
      }
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
