package dev.fairway.server.identity;

import dev.fairway.server.http.Caller;
import java.util.Optional;

/// Knows the tokens of running jobs: they fetch the source as user `job` over HTTP Basic, and use
/// their services with a Bearer token.
@FunctionalInterface
public interface JobTokens {
  /// The job, of [Caller.Kind#JOB], with what its token allows; empty where no running job has it.
  Optional<Caller> callerOf(String token);
}
