package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.delivery.DeliveryViews.ApprovalsView;
import dev.fairway.server.delivery.DeliveryViews.Board;
import dev.fairway.server.delivery.DeliveryViews.Cell;
import dev.fairway.server.delivery.DeliveryViews.DeploymentView;
import dev.fairway.server.delivery.DeliveryViews.EntryLine;
import dev.fairway.server.delivery.DeliveryViews.FailedReleaseView;
import dev.fairway.server.delivery.DeliveryViews.Line;
import dev.fairway.server.delivery.DeliveryViews.ReleaseLine;
import dev.fairway.server.delivery.DeliveryViews.ReleaseView;
import dev.fairway.server.delivery.DeliveryViews.Row;
import dev.fairway.server.delivery.DeliveryViews.TimelineStep;
import dev.fairway.server.delivery.DeliveryViews.Waiting;
import dev.fairway.server.delivery.DeliveryViews.WaitingJob;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.ChangeReference;
import dev.fairway.server.web.PaletteSource.PaletteEntry;
import dev.fairway.server.web.Ribbon;
import dev.fairway.server.web.StateMark;
import dev.fairway.server.web.Web;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Gathers what the pages show.
final class DeliveryReader {
  private static final int MAX_SHOWN_COMMITS = 50;
  private static final int MAX_SHOWN_ENTRIES = 100;
  private static final int RECENT = 12;

  private final Web web;
  private final Projects projects;
  private final Participants participants;
  private final Approvals approvals;
  private final JobGates gates;
  private final RunFacts runFacts;
  private final InstanceFacts instances;

  DeliveryReader(
      Web web,
      Projects projects,
      Participants participants,
      Approvals approvals,
      JobGates gates,
      RunFacts runFacts,
      InstanceFacts instances) {
    this.web = web;
    this.projects = projects;
    this.participants = participants;
    this.approvals = approvals;
    this.gates = gates;
    this.runFacts = runFacts;
    this.instances = instances;
  }

  List<ReleaseLine> releases(Handle tx, @Nullable String project) {
    return ReleaseStore.latest(tx, project).stream()
        .map(record -> new ReleaseLine(record, lines(tx, record)))
        .toList();
  }

  /// The latest deployment of a release to each environment, in the order of the path.
  private static List<Line> lines(Handle tx, ReleaseRecord record) {
    if (!(record instanceof Release release)) {
      return List.of();
    }
    var all = DeploymentStore.ofRelease(tx, release.id());
    var lines = new ArrayList<Line>();
    for (var environment : EnvironmentStore.all(tx)) {
      all.stream()
          .filter(deployment -> deployment.environment().equals(environment.name()))
          .findFirst()
          .ifPresent(deployment -> lines.add(new Line(deployment, release)));
    }
    return lines;
  }

  ReleaseRecord record(Handle tx, UUID id) {
    return ReleaseStore.find(tx, id)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND, "There is no release " + id, "See the list of releases."));
  }

  FailedReleaseView failed(Handle tx, FailedRelease release) {
    return new FailedReleaseView(release, ribbon(tx, release));
  }

  private Ribbon ribbon(Handle tx, ReleaseRecord release) {
    return web.ribbon(tx, new ChangeReference(release.projectId(), release.commit()));
  }

  ReleaseView release(Handle tx, Release release, Optional<Person> person, String refusal) {
    var since = before(tx, release);
    var project = projects.find(tx, release.projectId()).orElseThrow();
    var repository = projects.repository(project);
    var base = since == null ? null : since.commit();
    var commits = repository.commits(base, release.commit());
    var changes = repository.changes(base, release.commit());
    var deployments = DeploymentStore.ofRelease(tx, release.id());
    return new ReleaseView(
        release,
        ribbon(tx, release),
        since,
        commits.stream().limit(MAX_SHOWN_COMMITS).toList(),
        commits.size() > MAX_SHOWN_COMMITS,
        changes.files().size(),
        changes.insertions(),
        changes.deletions(),
        CommitRange.of(commits).authors(),
        participants.pusherNames(tx, release.projectId(), commits),
        runFacts.tests(tx, release.runId()),
        deployments.stream().map(deployment -> new Line(deployment, release)).toList(),
        deployments.stream()
            .flatMap(deployment -> Approval.of(tx, deployment.id()).stream())
            .toList(),
        deployments.stream()
            .filter(deployment -> deployment.state() == DeploymentState.WAITING_APPROVAL)
            .map(deployment -> waiting(tx, deployment, person))
            .toList(),
        promotable(tx, release, deployments),
        entries(tx, release),
        refusal);
  }

  /// The release of the service before this one: what it is compared with.
  private static @Nullable Release before(Handle tx, Release release) {
    return ReleaseStore.before(tx, release).orElse(null);
  }

  private static List<String> promotable(Handle tx, Release release, List<Deployment> deployments) {
    return EnvironmentStore.all(tx).stream()
        .filter(environment ->
            EnvironmentStore.before(tx, environment.definition().order())
                .map(before -> DeploymentStore.verifiedIn(tx, release.id(), before.name()))
                .orElse(true))
        .map(Environment::name)
        .filter(name ->
            deployments.stream()
                .noneMatch(open -> open.environment().equals(name) && !open.state().terminal()))
        .filter(name ->
            DeploymentStore.serving(tx, name, release.service())
                .map(serving -> !serving.releaseId().equals(release.id()))
                .orElse(true))
        .toList();
  }

  private static List<EntryLine> entries(Handle tx, Release release) {
    return tx.createQuery(
            """
            SELECT index, type, COALESCE(predicate ->> 'state', predicate ->> 'decision',
                                         predicate ->> 'result', predicate ->> 'outcome', '') AS word,
                   actor, recorded_at
            FROM ledger_entry
            WHERE about && CAST(:about AS text[])
            ORDER BY index NULLS LAST, id LIMIT :limit
            """)
        .bindArray(
            "about",
            String.class,
            release.reference(),
            "run:" + release.runId(),
            "commit:" + release.commit())
        .bind("limit", MAX_SHOWN_ENTRIES)
        .map((row, _) ->
            new EntryLine(
                Columns.number(row, "index", Long.class),
                words(row.getString("type"), row.getString("word")),
                row.getString("actor"),
                Columns.instant(row, "recorded_at")))
        .list();
  }

  private static String words(String type, String word) {
    var name = PredicateType.ofUri(type).name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return word.isEmpty() ? name : name + ": " + word.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  Waiting waiting(Handle tx, Deployment deployment, Optional<Person> person) {
    var release = ReleaseStore.published(tx, deployment.releaseId()).orElseThrow();
    var change = participants.change(tx, release, deployment.environment());
    var standing = approvals.standing(tx, deployment, person.orElse(ApprovalRules.Person.NOBODY));
    return new Waiting(
        new Line(deployment, release),
        standing.required().count(),
        standing.required().role().word(),
        standing.missing(),
        standing.decisions(),
        person.isEmpty()
            ? "Approvals are given by people"
            : standing.refusal().map(refusal -> refusal.getMessage() + "").orElse(""),
        change.added().size(),
        change.added().authors());
  }

  private static WaitingJob job(JobGates.Standing standing, boolean person) {
    return new WaitingJob(
        standing.gate(),
        standing.required().count(),
        standing.required().role().word(),
        standing.missing(),
        standing.decisions(),
        person
            ? standing.refusal().map(refusal -> refusal.getMessage() + "").orElse("")
            : "Approvals are given by people",
        standing.change().size(),
        standing.change().authors());
  }

  ApprovalsView approvals(Handle tx, Optional<Person> person, String refusal) {
    var all =
        Approvals.waiting(tx).stream().map(deployment -> waiting(tx, deployment, person)).toList();
    return new ApprovalsView(
        all.stream().filter(Waiting::mayDecide).toList(),
        all.stream().filter(waiting -> !waiting.mayDecide()).toList(),
        gates.waiting(tx, person.orElse(ApprovalRules.Person.NOBODY)).stream()
            .map(standing -> job(standing, person.isPresent()))
            .toList(),
        refusal);
  }

  DeploymentView deployment(Handle tx, UUID id, Optional<Person> person, String refusal) {
    var deployment = DeploymentStore.demand(tx, id);
    var release = ReleaseStore.published(tx, deployment.releaseId()).orElseThrow();
    var line = new Line(deployment, release);
    var version = deployment.environmentVersion();
    var rules =
        version == null
            ? EnvironmentStore.demand(tx, deployment.environment()).definition()
            : EnvironmentStore.version(tx, deployment.environment(), version);
    var serving =
        DeploymentStore.serving(tx, deployment.environment(), deployment.service())
            .filter(there -> there.deploymentId().equals(id))
            .isPresent();
    var fallback = deployment.fallbackId();
    var earlier =
        fallback == null
            ? ""
            : ReleaseStore.published(tx, DeploymentStore.demand(tx, fallback).releaseId())
                .orElseThrow()
                .version();
    return new DeploymentView(
        line,
        ribbon(tx, release),
        rules,
        timeline(DeploymentStore.steps(tx, id)),
        instances.figures(deployment),
        deployment.state() == DeploymentState.WAITING_APPROVAL
            ? Optional.of(waiting(tx, deployment, person))
            : Optional.empty(),
        Approval.of(tx, id),
        serving,
        serving && fallback != null && deployment.state() != DeploymentState.ROLLING_BACK,
        earlier,
        instances.log(deployment),
        instances.addresses(Rollout.hosts(deployment.service(), rules)),
        refusal);
  }

  private static List<TimelineStep> timeline(List<Deployment.Step> steps) {
    var timeline = new ArrayList<TimelineStep>();
    for (var i = 0; i < steps.size(); i++) {
      var step = steps.get(i);
      var took = i + 1 < steps.size() ? Duration.between(step.at(), steps.get(i + 1).at()) : null;
      timeline.add(new TimelineStep(step, took));
    }
    return timeline;
  }

  Board board(
      Handle tx,
      Optional<Person> person,
      String refusal,
      List<Environments.Applied> applied,
      String draft) {
    var environments = EnvironmentStore.all(tx);
    var serving = DeploymentStore.serving(tx);
    var open = DeploymentStore.open(tx);
    var recent = DeploymentStore.latest(tx);
    var rows =
        ReleaseStore.latestOfEachService(tx).stream()
            .map(latest ->
                new Row(
                    latest,
                    environments.stream()
                        .map(environment ->
                            cell(
                                tx,
                                serving.stream()
                                    .filter(there ->
                                        there.environment().equals(environment.name())
                                            && there.service().equals(latest.service()))
                                    .findFirst(),
                                at(open, environment, latest),
                                at(recent, environment, latest)))
                        .toList()))
            .toList();
    return new Board(
        environments,
        rows,
        approvals(tx, person, "").mine(),
        recent.stream().limit(RECENT).map(deployment -> line(tx, deployment)).toList(),
        refusal,
        applied,
        draft);
  }

  private static List<Deployment> at(
      List<Deployment> all, Environment environment, Release latest) {
    return all.stream()
        .filter(deployment ->
            deployment.environment().equals(environment.name())
                && deployment.service().equals(latest.service()))
        .toList();
  }

  private Cell cell(
      Handle tx, Optional<Serving> serving, List<Deployment> open, List<Deployment> recent) {
    var present = serving.map(there -> DeploymentStore.demand(tx, there.deploymentId()));
    var last =
        recent.stream()
            .filter(deployment -> deployment.state().terminal())
            .findFirst()
            .filter(deployment -> DeliveryViews.mark(deployment.state()) == StateMark.BAD);
    return new Cell(
        present.map(deployment -> line(tx, deployment)).orElse(null),
        serving.map(Serving::since).orElse(null),
        present.map(instances::trouble).orElse(""),
        open.stream().map(deployment -> line(tx, deployment)).toList(),
        last.map(deployment -> line(tx, deployment)).orElse(null));
  }

  private static Line line(Handle tx, Deployment deployment) {
    return new Line(deployment, ReleaseStore.published(tx, deployment.releaseId()).orElseThrow());
  }

  /// How many deployments and jobs this person can decide on now.
  long waitingFor(Handle tx, Optional<Person> person) {
    return person
        .map(somebody ->
            Approvals.waiting(tx).stream()
                    .filter(deployment -> approvals.standing(tx, deployment, somebody).mayDecide())
                    .count()
                + gates.waiting(tx, somebody).stream()
                    .filter(standing -> standing.refusal().isEmpty())
                    .count())
        .orElse(0L);
  }

  /// Releases and environments for the palette.
  List<PaletteEntry> find(Handle tx, Caller caller, String query, int limit) {
    if (!caller.may(Permission.RELEASE_READ)) {
      return List.of();
    }
    var words = query.toLowerCase(Locale.ROOT);
    return ReleaseStore.latest(tx, null).stream()
        .filter(Release.class::isInstance)
        .map(Release.class::cast)
        .filter(release -> release.title().toLowerCase(Locale.ROOT).contains(words))
        .limit(limit)
        .map(release ->
            new PaletteEntry("release", release.title(), release.shortCommit(), release.path()))
        .toList();
  }
}
