package dev.fairway.workflow;

import java.time.Duration;
import java.util.List;

/// One execution of a job that is to happen, with everything decided that the scheduler needs.
///
/// @param name evaluated, with the matrix values in it
/// @param labels `runs-on`: all of them must be labels of the agent
/// @param matrix the `matrix` context: an object, or null without a matrix
/// @param strategy the `strategy` context
/// @param needs the `needs` context
public record JobInstance(
    JobKey key,
    Job job,
    String name,
    List<String> labels,
    Value matrix,
    Value strategy,
    Value needs,
    Duration timeout,
    boolean continueOnError) {
  public JobInstance {
    labels = List.copyOf(labels);
  }
}
