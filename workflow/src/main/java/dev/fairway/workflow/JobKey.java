package dev.fairway.workflow;

/// Names one instance of a job within a run: the job's id, and the place in its matrix from 0. A
/// job without a matrix has one instance, number 0.
public record JobKey(String job, int index) {
  @Override
  public String toString() {
    return index == 0 ? job : job + "#" + index;
  }
}
