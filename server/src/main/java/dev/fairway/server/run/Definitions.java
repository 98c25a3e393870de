package dev.fairway.server.run;

import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.RecentlyRead;
import dev.fairway.workflow.WorkflowParser;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The workflows of runs, each read with those that it calls.
///
/// A run is decided about again with every job that ends, and its text never changes: so the latest
/// ones are remembered, and one that calls nothing for all runs of the same file. That is only
/// speed; a server that remembers nothing decides the same.
final class Definitions {
  /// Some 32 MiB of memory at most.
  private static final long REMEMBERED_CHARACTERS = 2L << 20;

  private static final RecentlyRead<Key, ParseResult> READ =
      new RecentlyRead<>(REMEMBERED_CHARACTERS);

  /// @param run none for a workflow that calls nothing
  private record Key(Optional<UUID> run, String path, String text) {}

  private Definitions() {}

  /// The run's workflow. It was valid when the run was made, for the version that made it.
  static ParseResult of(Handle tx, Run run) {
    var alone = new Key(Optional.empty(), run.workflowPath(), run.workflowText());
    var own = new Key(Optional.of(run.id()), run.workflowPath(), run.workflowText());
    return READ.get(alone).or(() -> READ.get(own)).orElseGet(() -> read(tx, run, alone, own));
  }

  private static ParseResult read(Handle tx, Run run, Key alone, Key own) {
    var called = CalledFiles.of(tx, run.id());
    var read = WorkflowParser.parse(run.workflowPath(), run.workflowText(), called);
    // One that is not valid may be so only as long as what it calls is still to be fetched.
    if (read instanceof ParseResult.Valid valid) {
      var key = RunStarter.calls(valid.workflow()) ? own : alone;
      READ.put(key, run.workflowText().length() + called.length(), read);
    }
    return read;
  }
}
