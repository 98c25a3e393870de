package dev.fairway.server.run;

import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Permission;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.vault.Vault;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What the context `secrets` of a job holds: its token, and what the vault has for it.
final class JobSecrets {
  private static final String TOKEN = "GITHUB_TOKEN";
  private static final String PULL_REQUEST = "pull_request";

  private final Vault vault;

  JobSecrets(Vault vault) {
    this.vault = vault;
  }

  /// A job's secrets cannot be opened.
  static final class Unopened extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final UUID run;
    private final UUID job;

    private Unopened(UUID run, UUID job, FairwayException cause) {
      super(cause.getMessage() + ". " + cause.next(), cause);
      this.run = run;
      this.job = job;
    }

    UUID run() {
      return run;
    }

    UUID job() {
      return job;
    }
  }

  /// By name. A job for somebody's pull request who may not push gets nothing but its token: what
  /// it runs is that person's code.
  ///
  /// @throws Unopened where a key is missing, or a row is not what was stored
  Map<String, String> of(Handle tx, Run run, UUID job, String token) {
    var secrets = new TreeMap<String, String>();
    if (trusted(tx, run)) {
      try {
        secrets.putAll(vault.secretsOf(tx, run.projectId(), Optional.empty()));
      } catch (FairwayException e) {
        throw new Unopened(run.id(), job, e);
      }
    }
    secrets.put(TOKEN, token);
    return secrets;
  }

  private static boolean trusted(Handle tx, Run run) {
    return !run.event().equals(PULL_REQUEST)
        || Identity.permissionsOf(tx, run.actor()).contains(Permission.SOURCE_WRITE);
  }
}
