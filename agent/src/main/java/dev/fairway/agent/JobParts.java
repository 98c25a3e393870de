package dev.fairway.agent;

import dev.fairway.api.JobAssignment;

/// What a job consists of while it runs.
///
/// @param forks starts its processes
record JobParts(
    JobAssignment assignment,
    JobHost host,
    Cancellation cancellation,
    JobFolder folder,
    Masker masker,
    JobLog log,
    JobReport report,
    ForkServer forks) {
  /// The same, whose lines in the log begin with that name.
  JobParts named(String writer) {
    return new JobParts(
        assignment, host, cancellation, folder, masker, log.named(writer), report, forks);
  }
}
