package dev.fairway.agent;

import java.io.IOException;

/// Where the launch scripts of a list of steps run.
@FunctionalInterface
interface Processes {
  /// Starts `control/ID.launch`. One at a time.
  Sandbox.Execution start(long id) throws IOException;
}
