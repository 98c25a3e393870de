package dev.fairway.server.artifact;

import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.run.JobRun;
import dev.fairway.server.run.Leases;
import dev.fairway.server.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The predicate of SLSA provenance, version 1: which run made an artifact, from what.
///
/// The source is https://slsa.dev/spec/v1.0/provenance. `externalParameters` is what a person
/// decided, `internalParameters` what Fairway did.
record Provenance(BuildDefinition buildDefinition, RunDetails runDetails) {
  private static final String BUILD_TYPE = "https://fairway.dev/build/workflow/v1";
  private static final String BUILDER = "https://fairway.dev/builder/agent/v1";

  record BuildDefinition(
      String buildType,
      ExternalParameters externalParameters,
      InternalParameters internalParameters,
      List<ResourceDescriptor> resolvedDependencies) {}

  record ExternalParameters(Workflow workflow, String event, String actor) {}

  record Workflow(String repository, String ref, String path) {}

  /// @param sandbox how the agent isolated the job
  record InternalParameters(
      UUID project,
      UUID run,
      long runNumber,
      int runAttempt,
      UUID job,
      String jobKey,
      int jobAttempt,
      String agent,
      String sandbox) {}

  record ResourceDescriptor(String uri, Map<String, String> digest) {}

  record RunDetails(Builder builder, Metadata metadata) {}

  record Builder(String id) {}

  record Metadata(String invocationId, @Nullable Instant startedOn, Instant finishedOn) {}

  /// What the ledger says about an artifact that was just stored.
  static Statement statement(Leases.Held held, Artifact artifact) {
    var run = held.run();
    return new Statement(
        PredicateType.PROVENANCE,
        List.of(Subject.sha256(artifact.name(), artifact.digest())),
        of(run, held.job(), artifact.createdAt()),
        Set.of(
            "project:" + run.projectId(),
            "run:" + run.id(),
            "commit:" + run.commit(),
            "artifact:" + artifact.id()),
        held.job().agent());
  }

  private static Provenance of(Run run, JobRun job, Instant at) {
    return new Provenance(
        new BuildDefinition(
            BUILD_TYPE,
            new ExternalParameters(
                new Workflow(run.project(), run.ref(), run.workflowPath()),
                run.event(),
                run.actor()),
            new InternalParameters(
                run.projectId(),
                run.id(),
                run.number(),
                run.attempt(),
                job.id(),
                job.key(),
                job.attempt(),
                job.agent(),
                job.sandbox()),
            List.of(
                new ResourceDescriptor(
                    "git+" + run.project() + "@" + run.ref(), Map.of("gitCommit", run.commit())))),
        new RunDetails(
            new Builder(BUILDER),
            new Metadata(run.id() + "/" + run.attempt(), job.startedAt(), at)));
  }
}
