package dev.fairway.server.actions;

import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.web.Web;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/// Actions of other repositories, put together.
public final class ActionsModule {
  private final Database database;
  private final Actions actions;
  private final List<Routes> routes;

  private ActionsModule(Database database, Actions actions) {
    this.database = database;
    this.actions = actions;
    this.routes = List.of(new ActionsApi(database, actions));
  }

  /// @param data the server's data folder
  public static ActionsModule create(
      Database database, Evidence evidence, SourceModule source, InstantSource clock, Path data) {
    var archives = new ActionArchives(data.toAbsolutePath().resolve("actions"));
    var sources = new ActionSources(source.projects(), source.remote(), archives.building());
    var actions = new Actions(database, sources, archives, new ActionEvidence(evidence), clock);
    return new ActionsModule(database, actions);
  }

  public Actions actions() {
    return actions;
  }

  /// The page, with its place in the navigation of that site.
  public Routes pages(Web web) {
    web.add(ActionsPages.item());
    return new ActionsPages(database, web, actions);
  }

  /// Workflows of other repositories.
  public WorkflowSources workflows() {
    return new WorkflowSources(actions);
  }

  public List<Routes> routes() {
    return routes;
  }
}
