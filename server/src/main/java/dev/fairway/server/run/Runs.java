package dev.fairway.server.run;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Reads runs, and wakes them, for the stages that follow.
public final class Runs {

  public Optional<Run> find(Handle tx, UUID id) {
    return RunStore.find(tx, id);
  }

  public Optional<Run> find(Handle tx, String project, long number) {
    return RunStore.find(tx, project, number);
  }

  /// The runs of a commit, the latest first.
  public List<Run> ofCommit(Handle tx, UUID projectId, String commit) {
    return RunStore.ofCommit(tx, projectId, commit);
  }

  /// Lets a run be decided about again, soon and by itself.
  public void wake(Handle tx, UUID run) {
    Groups.wake(tx, run);
  }

  /// The attempts of a run's jobs that count, in the order of the file.
  public List<JobRun> jobs(Handle tx, UUID run) {
    return JobStore.current(tx, run);
  }
}
