package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.LiveEvents;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Makes a release of every successful run that a push to the default branch caused and whose
/// commit says what service it holds.
///
/// What stands in the way of a release becomes a failed one with the reason, never silence.
final class ReleasePublisher implements Subscriber {
  /// What the ledger says of a run's end, as far as it matters here.
  private record EndedRun(
      UUID project,
      UUID run,
      long number,
      String event,
      String ref,
      String commit,
      Outcome outcome) {
    static EndedRun of(LedgerEntry entry) {
      var predicate = entry.predicate();
      return new EndedRun(
          UUID.fromString(predicate.path("project").asString()),
          UUID.fromString(predicate.path("run").asString()),
          predicate.path("number").asLong(),
          predicate.path("event").asString(),
          predicate.path("ref").asString(),
          predicate.path("commit").asString(),
          Outcome.ofWord(predicate.path("outcome").asString()));
    }

    String version() {
      return "1." + number + ".0";
    }
  }

  /// The in-toto release predicate, with what makes up the release beside its standard fields.
  ///
  /// @param purl a package URL, `pkg:generic/SERVICE@VERSION`
  record ReleasePredicate(
      String purl,
      String releaseId,
      String service,
      String version,
      String digest,
      Release.Manifest manifest) {}

  private final Projects projects;
  private final RunFacts runs;
  private final Deployments deployments;
  private final Evidence evidence;
  private final InstantSource clock;

  ReleasePublisher(
      Projects projects,
      RunFacts runs,
      Deployments deployments,
      Evidence evidence,
      InstantSource clock) {
    this.projects = projects;
    this.runs = runs;
    this.deployments = deployments;
    this.evidence = evidence;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "delivery-releases";
  }

  @Override
  public Set<PredicateType> types() {
    return Set.of(PredicateType.RUN);
  }

  @Override
  public void on(Handle tx, LedgerEntry entry) {
    var run = EndedRun.of(entry);
    var project = projects.find(tx, run.project());
    if (run.outcome() != Outcome.SUCCESS
        || !run.event().equals("push")
        || project.isEmpty()
        || !run.ref().equals(project.get().defaultRef())) {
      return;
    }
    var file = projects.repository(project.get()).text(run.commit(), ServiceDefinition.PATH);
    if (file.isEmpty() || made(tx, run)) {
      return;
    }
    try {
      publish(tx, release(tx, project.get(), run, file.get()));
    } catch (FairwayException refusal) {
      if (refusal.code() != ErrorCode.UNPROCESSABLE && refusal.code() != ErrorCode.TOO_LARGE) {
        throw refusal;
      }
      fail(tx, project.get(), run, Objects.requireNonNull(refusal.getMessage()));
    }
  }

  /// Whether an earlier attempt of the run made a release. One that failed to gets another chance.
  private static boolean made(Handle tx, EndedRun run) {
    Optional<ReleaseRecord> earlier = ReleaseStore.ofRun(tx, run.run());
    earlier
        .filter(FailedRelease.class::isInstance)
        .ifPresent(failed -> ReleaseStore.delete(tx, failed.id()));
    return earlier.filter(Release.class::isInstance).isPresent();
  }

  private Release release(Handle tx, Project project, EndedRun run, String file) {
    var definition = ServiceDefinition.parse(file);
    ReleaseStore.ownerOf(tx, definition.service())
        .filter(owner -> !owner.equals(project.id()))
        .ifPresent(_ -> {
          throw new FairwayException(
              ErrorCode.UNPROCESSABLE,
              "%s: another project releases a service named %s"
                  .formatted(ServiceDefinition.PATH, definition.service()),
              "Choose another name.");
        });
    var uploaded = runs.artifacts(tx, run.run());
    var chosen = new ArrayList<Release.Artifact>();
    for (var name : definition.artifacts()) {
      chosen.add(
          uploaded.stream()
              .filter(artifact -> artifact.name().equals(name))
              .findFirst()
              .orElseThrow(() -> missing(name, run, uploaded)));
    }
    var manifest =
        new Release.Manifest(
            project.id(), run.version(), run.run(), run.commit(), chosen, definition);
    return new Release(
        Ids.next(),
        project.id(),
        project.name(),
        run.version(),
        run.run(),
        run.number(),
        run.commit(),
        manifest.digest(),
        chosen,
        definition,
        clock.instant());
  }

  private static FairwayException missing(
      String name, EndedRun run, List<Release.Artifact> uploaded) {
    var there =
        uploaded.isEmpty()
            ? "it uploaded none"
            : "it uploaded "
                + String.join(", ", uploaded.stream().map(Release.Artifact::name).toList());
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        "%s names the artifact '%s', which run #%d did not upload: %s"
            .formatted(ServiceDefinition.PATH, name, run.number(), there),
        "Upload it with actions/upload-artifact, or name another.");
  }

  private void publish(Handle tx, Release release) {
    ReleaseStore.insert(tx, release);
    var subjects = new ArrayList<>(Transitions.subjects(release));
    release
        .artifacts()
        .forEach(artifact -> subjects.add(Subject.sha256(artifact.name(), artifact.digest())));
    evidence.record(
        tx,
        new Statement(
            PredicateType.RELEASE,
            subjects,
            new ReleasePredicate(
                "pkg:generic/" + release.service() + "@" + release.version(),
                release.id().toString(),
                release.service(),
                release.version(),
                release.digest(),
                release.manifest()),
            Set.of(
                release.reference(),
                "run:" + release.runId(),
                "project:" + release.projectId(),
                "commit:" + release.commit()),
            Deployments.FAIRWAY));
    tell(tx, release);
    deployments.onward(tx, release, -1);
  }

  private void fail(Handle tx, Project project, EndedRun run, String reason) {
    var failed =
        new FailedRelease(
            Ids.next(),
            project.id(),
            project.name(),
            run.version(),
            run.run(),
            run.number(),
            run.commit(),
            reason,
            clock.instant());
    ReleaseStore.insert(tx, failed);
    tell(tx, failed);
  }

  private static void tell(Handle tx, ReleaseRecord release) {
    LiveEvents.publish(tx, "releases");
    LiveEvents.publish(tx, "environments");
    LiveEvents.publish(tx, "project:" + release.projectId());
    LiveEvents.publish(tx, "run:" + release.runId());
  }
}
