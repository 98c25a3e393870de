package dev.fairway.server.run;

import dev.fairway.server.web.LiveEvents;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What open pages are told when something about a run has changed.
final class Topics {
  /// The pages that list runs.
  static final String RUNS = "runs";

  private Topics() {}

  static String run(UUID run) {
    return "run:" + run;
  }

  static String project(UUID project) {
    return "project:" + project;
  }

  static void changed(Handle tx, UUID run, UUID project) {
    LiveEvents.publish(tx, run(run));
    LiveEvents.publish(tx, project(project));
    LiveEvents.publish(tx, RUNS);
  }
}
