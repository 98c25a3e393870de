package dev.fairway.server.vault;

import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.ProjectPanel;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.Web;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// Secrets and variables, put together.
public final class VaultModule {
  private final Database database;
  private final Vault vault;
  private final Scopes scopes;
  private final TokenDefaults tokens;
  private final List<Routes> routes;

  private VaultModule(
      Database database,
      Evidence evidence,
      Projects projects,
      InstantSource clock,
      SecretKeys keys) {
    this.database = database;
    this.vault = new Vault(evidence, clock, keys);
    this.scopes = new Scopes(database, projects);
    this.tokens = new TokenDefaults(evidence, clock);
    this.routes =
        List.of(new VaultApi(database, vault, scopes), new TokenApi(database, tokens, scopes));
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

  /// The pages, with their place in the navigation of that site.
  public Routes pages(Web web) {
    web.add(VaultPages.item());
    return new VaultPages(database, web, vault, tokens, scopes);
  }

  /// What a project's page shows.
  public ProjectPanel projectPanel(Web web) {
    return new VaultPages(database, web, vault, tokens, scopes).panel();
  }

  /// Says which environments there are.
  public void offer(Function<Handle, List<String>> environments) {
    scopes.environments(environments);
  }
}
