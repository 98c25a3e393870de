package dev.fairway.workflow;

/// Names one instance of a job within a run.
///
/// @param job the path of the job: its id, and in a called workflow the instance of the call before
///   it, `deploy/build`, or `deploy#2/build` below the third instance of a call with a matrix
/// @param index the place in the job's own matrix from 0; a job without a matrix has one instance,
///   number 0
public record JobKey(String job, int index) {
  static final String SEPARATOR = "/";
  static final String INDEX = "#";

  /// Between the names of a call and of a job below it.
  static final String NAME_SEPARATOR = " / ";

  /// The id in the file that the job stands in.
  public String id() {
    return job.substring(job.lastIndexOf(SEPARATOR) + 1);
  }

  /// What the paths of the jobs begin with that a call brings in.
  String below() {
    return this + SEPARATOR;
  }

  @Override
  public String toString() {
    return index == 0 ? job : job + INDEX + index;
  }
}
