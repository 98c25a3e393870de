package dev.fairway.workflow;

import org.jspecify.annotations.Nullable;

/// Names one instance of a job within a run.
///
/// @param job the path of the job: its id, and in a called workflow the instance of the call before
///   it, `deploy/build`, or `deploy#2/build` below the third instance of a call with a matrix
/// @param index the place in the job's own matrix from 0; a job without a matrix has one instance,
///   number 0
public record JobKey(String job, int index) implements Comparable<JobKey> {
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

  // Written down, because a JVM that has just started takes ten milliseconds to link what a record
  // is given, and every plan needs these two.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobKey key && index == key.index && job.equals(key.job);
  }

  @Override
  public int hashCode() {
    return 31 * job.hashCode() + index;
  }

  /// By path, so that what lies under a path lies together.
  @Override
  public int compareTo(JobKey other) {
    int byJob = job.compareTo(other.job);
    return byJob == 0 ? Integer.compare(index, other.index) : byJob;
  }

  @Override
  public String toString() {
    return index == 0 ? job : job + INDEX + index;
  }
}
