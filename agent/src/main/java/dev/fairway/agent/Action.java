package dev.fairway.agent;

import dev.fairway.api.Outcome;
import java.io.IOException;

/// What a step does.
///
/// It runs at most once, says how the user's work went, and ends soon after `stop` does. What is
/// the machine's fault is an exception; what is the workflow's fault is a refusal with its own
/// code.
@FunctionalInterface
interface Action {
  Result run(Stop stop) throws IOException, InterruptedException;

  /// How the user's work went.
  sealed interface Result {
    Result SUCCESS = new Exited(0);

    /// The step's process ended by itself.
    record Exited(int code) implements Result {}

    /// Steps in its place have ended so, and the log says why.
    record Failed(Outcome outcome, String why) implements Result {}

    /// It was ended.
    record Stopped(Stop.Reason reason) implements Result {}
  }
}
