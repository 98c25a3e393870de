package dev.fairway.cli;

import dev.fairway.api.JobEvent;
import dev.fairway.workflow.JobKey;
import java.util.List;

/// What a person sees of a local run while it goes on. Called from the threads of all its jobs.
interface RunView extends AutoCloseable {
  /// A job that has not begun.
  ///
  /// @param path as [JobKey#job]
  record Planned(String path, String name) {}

  /// All jobs as the file has them, before anything is decided.
  void planned(List<Planned> jobs);

  /// The job has got a place and begins.
  void began(JobKey job, String name);

  /// A line of its log, masked.
  void line(JobKey job, String text);

  void event(JobKey job, JobEvent event);

  /// It has ended, or will never begin.
  void ended(LocalRun.EndedJob job);

  /// Something about the run as a whole.
  void note(String text);

  /// The run is over; nothing more is drawn.
  @Override
  void close();

  /// Nothing is shown, because only the result is wanted.
  RunView SILENT =
      new RunView() {
        @Override
        public void planned(List<Planned> jobs) {}

        @Override
        public void began(JobKey job, String name) {}

        @Override
        public void line(JobKey job, String text) {}

        @Override
        public void event(JobKey job, JobEvent event) {}

        @Override
        public void ended(LocalRun.EndedJob job) {}

        @Override
        public void note(String text) {}

        @Override
        public void close() {}
      };
}
