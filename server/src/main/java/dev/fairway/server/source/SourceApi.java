package dev.fairway.server.source;

import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// `/api/v1/projects`.
final class SourceApi implements Routes {
  /// A project as the API shows it.
  ///
  /// @param cloneUrl where git fetches from and pushes to
  record ProjectJson(
      UUID id,
      String name,
      String description,
      String defaultBranch,
      String cloneUrl,
      Instant createdAt,
      String createdBy) {}

  record NewProject(
      @Nullable String name, @Nullable String description, @Nullable String defaultBranch) {}

  private final Projects projects;
  private final Database database;

  SourceApi(Projects projects, Database database) {
    this.projects = projects;
    this.database = database;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/projects", Permission.PROJECT_READ, this::list);
    routes.post("/api/v1/projects", Permission.PROJECT_WRITE, this::create);
    routes.get("/api/v1/projects/{name}", Permission.PROJECT_READ, this::show);
    routes.get("/api/v1/projects/{name}/changes", Permission.PROJECT_READ, this::changes);
  }

  private void list(Exchange exchange) {
    var all = database.read(projects::all);
    exchange.json(Listing.whole(all).map(project -> view(exchange, project)));
  }

  private void create(Exchange exchange) {
    var body = exchange.body(NewProject.class);
    var project =
        projects.create(
            Objects.requireNonNullElse(body.name(), ""),
            Objects.requireNonNullElse(body.description(), ""),
            Objects.requireNonNullElse(body.defaultBranch(), ""),
            exchange.caller());
    exchange.status(201).json(view(exchange, project));
  }

  private void show(Exchange exchange) {
    exchange.json(view(exchange, projects.require(exchange.path("name"))));
  }

  private void changes(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var wanted = exchange.list();
    exchange.json(database.read(tx -> Changes.list(tx, project.id(), wanted)));
  }

  private static ProjectJson view(Exchange exchange, Project project) {
    return new ProjectJson(
        project.id(),
        project.name(),
        project.description(),
        project.defaultBranch(),
        project.cloneUrl(exchange.origin()),
        project.createdAt(),
        project.createdBy());
  }
}
