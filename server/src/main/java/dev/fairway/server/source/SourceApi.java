package dev.fairway.server.source;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// `/api/v1/projects`.
final class SourceApi implements Routes {
  private static final int PAGE = 50;
  private static final int MAX_PAGE = 200;

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

  record ProjectList(List<ProjectJson> projects) {}

  /// @param next the `before` of the next page; null on the last
  record ChangeList(List<Change> changes, @Nullable UUID next) {}

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
    exchange.json(new ProjectList(all.stream().map(project -> view(exchange, project)).toList()));
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
    var limit = (int) exchange.queryNumber("limit", PAGE, 1, MAX_PAGE);
    var before = before(exchange);
    var changes = database.read(tx -> Changes.list(tx, project.id(), before, limit));
    exchange.json(new ChangeList(changes, changes.size() < limit ? null : changes.getLast().id()));
  }

  /// Where a page of changes begins.
  static @Nullable UUID before(Exchange exchange) {
    var text = exchange.query("before").orElse(null);
    if (text == null) {
      return null;
    }
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "before is '" + text + "'", "Give the id of a change.", e);
    }
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
