package dev.fairway.workflow;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One execution of a job that is to happen, with everything decided that the scheduler needs.
///
/// @param workflow the one in whose file the job stands: its file, its text and the job's id are
///   what an agent needs to run it, also when another workflow calls it
/// @param name evaluated, with the matrix values in it, and below a call with the call's name first
/// @param labels `runs-on`: all of them must be labels of the agent
/// @param matrix the `matrix` context: an object, or null without a matrix
/// @param strategy the `strategy` context
/// @param needs the `needs` context, of the jobs in the same file
/// @param inputs the `inputs` context: the run's, or what the call gave
/// @param permissions the most that the job's token may do
/// @param concurrency groups to hold before it starts, outermost first, without the run's own
/// @param environment where it deploys to
/// @param secrets which of the run's it sees
public record JobInstance(
    JobKey key,
    Workflow workflow,
    Job.Steps job,
    String name,
    List<String> labels,
    Value matrix,
    Value strategy,
    Value needs,
    Value inputs,
    Duration timeout,
    boolean continueOnError,
    Permissions permissions,
    List<Concurrency.Group> concurrency,
    Optional<TargetEnvironment.Named> environment,
    SecretsPath secrets) {
  public JobInstance {
    labels = List.copyOf(labels);
    concurrency = List.copyOf(concurrency);
  }

  /// Whether the run goes on as if an instance with these contexts had succeeded.
  static boolean continueOnError(Job.Steps job, Contexts seen) {
    return Expected.bool(job.continueOnError(), seen, "continue-on-error");
  }
}
