package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.Approval.ApprovalPredicate;
import dev.fairway.server.delivery.Approval.Approver;
import dev.fairway.server.delivery.Approval.Decided;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Takes people's decisions on deployments that wait for them.
public final class Approvals {
  private final Database database;
  private final Evidence evidence;
  private final Transitions transitions;
  private final Participants participants;
  private final People people;

  Approvals(
      Database database,
      Evidence evidence,
      Transitions transitions,
      Participants participants,
      People people) {
    this.database = database;
    this.evidence = evidence;
    this.transitions = transitions;
    this.participants = participants;
    this.people = people;
  }

  /// Where a deployment stands with its approvals.
  ///
  /// @param missing how many people still have to say yes
  /// @param refusal why this person's word does not count; empty where it does
  record Standing(
      EnvironmentDefinition.Approvals required,
      List<Approval> decisions,
      int missing,
      Optional<FairwayException> refusal) {
    Standing {
      decisions = List.copyOf(decisions);
    }

    boolean mayDecide() {
      return refusal.isEmpty();
    }
  }

  Standing standing(Handle tx, Deployment deployment, Person person) {
    var release = ReleaseStore.published(tx, deployment.releaseId()).orElseThrow();
    var decisions = Approval.of(tx, deployment.id());
    var rules = rules(tx, deployment, release, decisions);
    return new Standing(
        rules.required(),
        decisions,
        rules.missing(counted(tx, rules, decisions)),
        rules.refusal(person));
  }

  private int counted(Handle tx, ApprovalRules rules, List<Approval> decisions) {
    return rules.counted(decisions, id -> people.person(tx, id));
  }

  /// How many more people must say yes before a deployment may start, by the rules as they are now;
  /// the caller holds the environment's lock.
  int missing(Handle tx, Deployment deployment) {
    var required = EnvironmentStore.demand(tx, deployment.environment()).definition().approvals();
    if (required.count() == 0) {
      return 0;
    }
    var release = ReleaseStore.published(tx, deployment.releaseId()).orElseThrow();
    var decisions = Approval.of(tx, deployment.id());
    var rules = rules(tx, deployment, release, decisions);
    return rules.missing(counted(tx, rules, decisions));
  }

  private ApprovalRules rules(
      Handle tx, Deployment deployment, Release release, List<Approval> decisions) {
    var environment = EnvironmentStore.demand(tx, deployment.environment());
    var change = participants.change(tx, release, environment.name());
    return new ApprovalRules(
        environment.name(),
        environment.definition().approvals(),
        participants.involved(tx, release.projectId(), change),
        decisions.stream().map(Approval::userId).collect(Collectors.toSet()));
  }

  /// Takes a yes or no. A no ends the deployment; the last yes that is asked for lets it go on.
  public Deployment decide(Person person, UUID id, boolean approved, String reason) {
    if (approved) {
      Deployments.checkReason(reason);
    } else {
      Deployments.requireReason(reason, "Say why: those who wait for it want to know.");
    }
    return database.transaction(tx -> {
      // The rules, and what the change is compared with, stay as they are until this is decided.
      EnvironmentStore.lock(tx, DeploymentStore.demand(tx, id).environment());
      var deployment = DeploymentStore.lock(tx, id);
      requireWaiting(deployment);
      var release = ReleaseStore.published(tx, deployment.releaseId()).orElseThrow();
      var before = Approval.of(tx, id);
      var rules = rules(tx, deployment, release, before);
      rules
          .refusal(person)
          .ifPresent(refusal -> {
            throw refusal;
          });
      var approval = record(tx, deployment, release, rules, before, person, approved, reason);
      return approved
          ? accept(tx, deployment, person)
          : transitions.move(
              tx,
              deployment,
              Draft.to(deployment, DeploymentState.REJECTED)
                  .end(
                      Outcome.CANCELLED,
                      "rejected by " + person.username() + ": " + approval.reason()),
              "by " + person.username() + ": " + approval.reason(),
              person.username());
    });
  }

  private static void requireWaiting(Deployment deployment) {
    if (deployment.state() != DeploymentState.WAITING_APPROVAL) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "The deployment waits for nobody's approval: it is " + deployment.state().word(),
          "Look at it again.");
    }
  }

  private Approval record(
      Handle tx,
      Deployment deployment,
      Release release,
      ApprovalRules rules,
      List<Approval> before,
      Person person,
      boolean approved,
      String reason) {
    var decided = Decided.of(deployment, release);
    var meaning = (approved ? "approved for " : "rejected for ") + deployment.environment();
    var approval =
        new Approval(
            deployment.id(),
            person.id(),
            person.username(),
            person.printedName(),
            rules.required().role(),
            approved,
            meaning,
            reason.strip(),
            Release.sha256(Json.MAPPER.writeValueAsString(decided)),
            transitions.now());
    Approval.insert(tx, approval);
    var about = new HashSet<>(Transitions.about(deployment, release));
    about.add("user:" + person.id());
    evidence.record(
        tx,
        new Statement(
            PredicateType.APPROVAL,
            Transitions.subjects(release),
            new ApprovalPredicate(
                deployment.id(),
                approved ? "approved" : "rejected",
                meaning,
                new Approver(person.id(), person.username(), person.printedName()),
                approval.decidedAt(),
                approval.reason(),
                approval.digest(),
                decided,
                rules.required().count(),
                counted(tx, rules, before) + (approved ? 1 : 0),
                rules.required().role().word()),
            about,
            person.username()));
    return approval;
  }

  private Deployment accept(Handle tx, Deployment deployment, Person person) {
    if (missing(tx, deployment) > 0) {
      Transitions.tell(tx, deployment);
      return deployment;
    }
    return transitions.move(
        tx,
        deployment,
        Draft.to(deployment, DeploymentState.QUEUED),
        "approved, last by " + person.username(),
        person.username());
  }

  /// Lets go on what waits for more approvals than the environment's new rules ask for.
  void rulesChanged(Handle tx, Environment environment) {
    for (var open : DeploymentStore.open(tx)) {
      if (open.environment().equals(environment.name())
          && open.state() == DeploymentState.WAITING_APPROVAL
          && missing(tx, open) == 0) {
        var waiting = DeploymentStore.lock(tx, open.id());
        transitions.move(
            tx,
            waiting,
            Draft.to(waiting, DeploymentState.QUEUED),
            "the rules of " + environment.name() + " ask for no more",
            environment.changedBy());
      }
    }
  }

  /// What waits for somebody's approval, the oldest first.
  static List<Deployment> waiting(Handle tx) {
    return DeploymentStore.open(tx).stream()
        .filter(open -> open.state() == DeploymentState.WAITING_APPROVAL)
        .toList();
  }
}
