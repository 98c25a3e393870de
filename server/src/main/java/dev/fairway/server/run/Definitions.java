package dev.fairway.server.run;

import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.WorkflowParser;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The workflows of runs, each read with those that it calls.
///
/// A run is decided about again with every job that ends, and its text never changes: so the latest
/// ones are remembered. That is only speed; a server that remembers nothing decides the same.
final class Definitions {
  private static final int REMEMBERED = 64;

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Map<Key, ParseResult> READ =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ParseResult> eldest) {
          return size() > REMEMBERED;
        }
      };

  private record Key(UUID run, String text) {}

  private Definitions() {}

  /// The run's workflow. It was valid when the run was made, for the version that made it.
  static ParseResult of(Handle tx, Run run) {
    var key = new Key(run.id(), run.workflowText());
    var known = remembered(key);
    if (known != null) {
      return known;
    }
    var read =
        WorkflowParser.parse(run.workflowPath(), run.workflowText(), CalledFiles.of(tx, run.id()));
    // One that is not valid may be so only as long as what it calls is still to be fetched.
    if (read instanceof ParseResult.Valid) {
      remember(key, read);
    }
    return read;
  }

  private static void remember(Key key, ParseResult read) {
    LOCK.lock();
    try {
      READ.put(key, read);
    } finally {
      LOCK.unlock();
    }
  }

  private static @Nullable ParseResult remembered(Key key) {
    LOCK.lock();
    try {
      return READ.get(key);
    } finally {
      LOCK.unlock();
    }
  }
}
