package dev.fairway.workflow;

/// What is to happen to one instance of a job. Carrying one out twice does no harm.
public sealed interface Decision {
  JobKey key();

  /// Give it to an agent; from now on it is [JobState.Active].
  record Start(JobInstance instance) implements Decision {
    @Override
    public JobKey key() {
      return instance.key();
    }
  }

  /// It ends without starting; from now on it is [JobState.Finished] with this outcome. The reason
  /// is a sentence for people.
  record Conclude(JobKey key, String name, Outcome outcome, String reason) implements Decision {}

  /// It is active and has to stop. Repeated until it is finished.
  record Cancel(JobKey key, String reason) implements Decision {}
}
