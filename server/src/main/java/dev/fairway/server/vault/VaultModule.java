package dev.fairway.server.vault;

import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.Projects;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// Secrets and variables, put together.
public final class VaultModule {
  private final Vault vault;
  private final Scopes scopes;
  private final List<Routes> routes;

  private VaultModule(
      Database database,
      Evidence evidence,
      Projects projects,
      InstantSource clock,
      SecretKeys keys) {
    this.vault = new Vault(evidence, clock, keys);
    this.scopes = new Scopes(database, projects);
    this.routes = List.of(new VaultApi(database, vault, scopes));
  }

  public static VaultModule create(
      Database database,
      Evidence evidence,
      Projects projects,
      InstantSource clock,
      SecretKeys keys) {
    return new VaultModule(database, evidence, projects, clock, keys);
  }

  public Vault vault() {
    return vault;
  }

  public List<Routes> routes() {
    return routes;
  }

  /// Says which environments there are.
  public void offer(Function<Handle, List<String>> environments) {
    scopes.environments(environments);
  }
}
