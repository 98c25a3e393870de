package dev.fairway.server.run;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.http.Permission;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.vault.Vault;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.SecretsPath;
import dev.fairway.workflow.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/// What the context `secrets` of a job holds: its token, and what the vault has for it.
final class JobSecrets {
  private static final String TOKEN = "GITHUB_TOKEN";
  private static final String PULL_REQUEST = "pull_request";

  private final Vault vault;

  JobSecrets(Vault vault) {
    this.vault = vault;
  }

  /// A job's secrets cannot be opened, or one that a call on its way gives has no value.
  static final class Unopened extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final UUID run;
    private final UUID job;
    private final Outcome outcome;

    private Unopened(JobRun job, Outcome outcome, String message, Throwable cause) {
      super(message, cause);
      this.run = job.runId();
      this.job = job.id();
      this.outcome = outcome;
    }

    UUID run() {
      return run;
    }

    UUID job() {
      return job;
    }

    /// How the job ends.
    Outcome outcome() {
      return outcome;
    }
  }

  /// Those of jobs that begin in the same transaction.
  Opened open(Handle tx) {
    return new Opened(tx);
  }

  private record Scope(UUID project, Optional<String> environment) {}

  /// What was opened for one job serves the next.
  final class Opened {
    private final Handle tx;
    private final Map<Scope, SortedMap<String, String>> known = new HashMap<>();

    private Opened(Handle tx) {
      this.tx = tx;
    }

    /// Fills the contexts `secrets` and, for a job with an environment, `vars`. A job for
    /// somebody's pull request who may not push gets nothing but its token: what it runs is that
    /// person's code.
    ///
    /// @throws Unopened where a key is missing, a row is not what was stored, or a call on its way
    ///   gives a secret that cannot be evaluated
    void give(Run run, JobRun job, String token, ObjectNode contexts) {
      var environment = Optional.ofNullable(job.environment());
      var all = new TreeMap<String, String>();
      if (trusted(tx, run)) {
        try {
          all.putAll(
              known.computeIfAbsent(
                  new Scope(run.projectId(), environment),
                  scope -> vault.secretsOf(tx, scope.project(), scope.environment())));
        } catch (FairwayException e) {
          throw new Unopened(job, Outcome.ERROR, e.getMessage() + ". " + e.next(), e);
        }
      }
      all.put(TOKEN, token);
      if (environment.isPresent()) {
        vault
            .variablesOf(tx, run.projectId(), environment)
            .forEach(contexts.withObject("/vars")::put);
      }
      try {
        var path = SecretsPath.ofJson(job.secretsPath());
        var given = path.equals(SecretsPath.ALL) ? all : path.of(all, seen(contexts));
        given.forEach(contexts.putObject("secrets")::put);
      } catch (EvaluationException e) {
        throw new Unopened(
            job,
            Outcome.FAILURE,
            "A secret that the job is given cannot be evaluated: " + e.getMessage(),
            e);
      }
    }
  }

  private static Contexts seen(ObjectNode contexts) {
    var seen = Contexts.empty();
    for (var name : List.of("github", "vars")) {
      seen = seen.with(name, Value.ofJson(contexts.path(name).toString()));
    }
    return seen;
  }

  private static boolean trusted(Handle tx, Run run) {
    return !run.event().equals(PULL_REQUEST)
        || Identity.permissionsOf(tx, run.actor()).contains(Permission.SOURCE_WRITE);
  }
}
