package dev.fairway.api;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One attempt of one job, handed to one agent under a lease.
///
/// @param job the job's id in the installation
/// @param attempt counts from 1
/// @param fence grows with every claim of the job; a call with an older one is refused
/// @param leaseUntil the agent must have sent a heartbeat by then
/// @param run the run's id
/// @param runNumber counts per project from 1
/// @param project the project's name
/// @param workflowPath where the workflow stands in the repository
/// @param workflowText its text at the run's commit
/// @param jobKey the job's id in the workflow file
/// @param jobName its name with the matrix values filled in
/// @param contexts an object with the contexts that the server knows: `github`, `inputs`, `vars`,
///   `secrets`, `needs`, `matrix`, `strategy`
/// @param cloneUrl where `actions/checkout` fetches the repository from
/// @param jobToken the password for that, valid as long as the lease
/// @param network whether the job may reach the network
/// @param limits what the job may use
/// @param services where the official actions keep artifacts and caches; null where there is no
///   server
public record JobAssignment(
    UUID job,
    int attempt,
    long fence,
    Instant leaseUntil,
    UUID run,
    long runNumber,
    String project,
    String workflowPath,
    String workflowText,
    String jobKey,
    String jobName,
    JsonNode contexts,
    String cloneUrl,
    String jobToken,
    boolean network,
    Limits limits,
    @Nullable Services services) {

  /// What JavaScript and container actions find in their environment.
  ///
  /// @param runtimeUrl `ACTIONS_RUNTIME_URL`
  /// @param resultsUrl `ACTIONS_RESULTS_URL`
  /// @param cacheUrl `ACTIONS_CACHE_URL`
  /// @param runtimeToken `ACTIONS_RUNTIME_TOKEN`, valid as long as the lease; a secret
  /// @param serverUrl `GITHUB_SERVER_URL` for them: the official clients look at its host to see
  ///   whether the services exist
  public record Services(
      String runtimeUrl,
      String resultsUrl,
      String cacheUrl,
      String runtimeToken,
      String serverUrl) {
    @Override
    public String toString() {
      return "Services[" + resultsUrl + "]";
    }
  }

  /// @param logBytes a longer log is cut, and the job fails
  /// @param artifactBytes per artifact, compressed
  /// @param memoryBytes of all the job's processes together
  /// @param processes of the job at one time
  /// @param timeoutSeconds of the whole job
  public record Limits(
      long logBytes, long artifactBytes, long memoryBytes, int processes, long timeoutSeconds) {
    public static final Limits DEFAULT = new Limits(1L << 30, 1L << 30, 4L << 30, 4_096, 360 * 60);
  }

  /// The name of this lease, which nothing else ever has: for what a job has on a machine where
  /// another agent, or another slot of the same, may have got it by a later claim.
  ///
  /// Not in the form of a UUID: npm takes those for secrets and shows no path that has one.
  public String lease() {
    return job.toString().replace("-", "") + "-" + fence;
  }

  /// A job without services.
  public JobAssignment(
      UUID job,
      int attempt,
      long fence,
      Instant leaseUntil,
      UUID run,
      long runNumber,
      String project,
      String workflowPath,
      String workflowText,
      String jobKey,
      String jobName,
      JsonNode contexts,
      String cloneUrl,
      String jobToken,
      boolean network,
      Limits limits) {
    this(
        job,
        attempt,
        fence,
        leaseUntil,
        run,
        runNumber,
        project,
        workflowPath,
        workflowText,
        jobKey,
        jobName,
        contexts,
        cloneUrl,
        jobToken,
        network,
        limits,
        null);
  }

  public JobAssignment {
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt " + attempt + " is below 1");
    }
  }

  /// The names of the job's secrets never matter, their values must not be seen.
  @Override
  public String toString() {
    return "JobAssignment[job=" + job + ", attempt=" + attempt + ", fence=" + fence + "]";
  }

  /// The values that must not appear in any log.
  public List<String> secretValues() {
    return contexts.path("secrets").valueStream().map(JsonNode::asString).toList();
  }
}
