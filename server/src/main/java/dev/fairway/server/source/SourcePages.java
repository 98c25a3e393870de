package dev.fairway.server.source;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.ChangeReference;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Ribbon;
import dev.fairway.server.web.Web;
import gg.jte.Content;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/// Projects, changes and commits for people.
final class SourcePages implements Routes {
  private static final int CHANGES_OF_A_PAGE = 30;
  private static final int CHANGES_OF_A_PROJECT = 8;
  private static final int CHANGES_OF_A_COMMIT = 20;
  private static final int FILES_OF_A_PAGE = 200;
  private static final String PROJECTS = "/projects";
  private static final String CHANGES = "/changes";
  private static final Pattern SHA = Pattern.compile("[0-9a-f]{7,40}");

  private final Projects projects;
  private final Database database;
  private final Web web;
  private final List<ProjectPanel> panels;

  /// @param panels may grow until the server starts
  SourcePages(Projects projects, Database database, Web web, List<ProjectPanel> panels) {
    this.projects = projects;
    this.database = database;
    this.web = web;
    this.panels = panels;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(PROJECTS, Permission.PROJECT_READ, exchange -> list(exchange, "", new NewProject()));
    routes.post(PROJECTS, Permission.PROJECT_WRITE, this::create);
    routes.get("/projects/{name}", Permission.PROJECT_READ, this::project);
    routes.get("/projects/{name}/commits/{sha}", Permission.PROJECT_READ, this::commit);
    routes.get(CHANGES, Permission.PROJECT_READ, this::changes);
    routes.get("/changes/rows", Permission.PROJECT_READ, this::changeRows);
  }

  /// What stood in the form when it was refused.
  record NewProject(String name, String description) {
    NewProject() {
      this("", "");
    }
  }

  private void list(Exchange exchange, String refusal, NewProject form) {
    var rows =
        database.read(tx -> projects.all(tx).stream().map(project -> row(tx, project)).toList());
    web.render(
        exchange,
        Page.of("Projects").in(PROJECTS),
        "source/projects.jte",
        Map.of(
            "rows",
            rows,
            "refusal",
            refusal,
            "name",
            form.name(),
            "description",
            form.description()));
  }

  private void create(Exchange exchange) {
    var form = new NewProject(exchange.form("name").strip(), exchange.form("description"));
    try {
      var project = projects.create(form.name(), form.description(), "", exchange.caller());
      exchange.redirect(PROJECTS + "/" + project.name());
    } catch (FairwayException e) {
      if (e.code() != ErrorCode.INVALID_INPUT && e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      exchange.status(e.code().status());
      list(exchange, e.getMessage() + ". " + e.next(), form);
    }
  }

  private void project(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var view =
        database.read(tx -> {
          var changes = Changes.newest(tx, project.id(), CHANGES_OF_A_PROJECT);
          return new ProjectView(
              project,
              cloneUrl(exchange, project),
              newest(tx, project),
              changes.stream().map(change -> row(tx, change)).toList(),
              panels(tx, exchange, project, ProjectPanel.Place.MAIN),
              panels(tx, exchange, project, ProjectPanel.Place.SIDE));
        });
    web.render(
        exchange,
        Page.of(project.name()).in(PROJECTS).under("Projects", PROJECTS),
        "source/project.jte",
        Map.of("view", view));
  }

  private void commit(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var sha = exchange.path("sha");
    var repository = projects.repository(project);
    var found =
        Optional.of(sha).filter(text -> SHA.matcher(text).matches()).flatMap(repository::commitOf);
    var full =
        found.orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                "The project " + project.name() + " has no commit " + sha,
                "Look at its changes."));
    if (!full.equals(sha)) {
      exchange.redirect(commitPath(project.name(), full));
      return;
    }
    var commit = repository.commit(full).orElseThrow();
    var files = repository.changes(commit);
    var shown = files.files().stream().limit(FILES_OF_A_PAGE).toList();
    var view =
        database.read(tx ->
            new CommitView(
                project,
                commit,
                web.ribbon(tx, new ChangeReference(project.id(), full)),
                Changes.firstPush(tx, project.id(), full).orElse(null),
                files,
                shown,
                files.files().size() - shown.size(),
                Changes.ofCommit(tx, project.id(), full, CHANGES_OF_A_COMMIT)));
    web.render(
        exchange,
        Page.of(commit.shortSha())
            .in(CHANGES)
            .under(project.name(), PROJECTS + "/" + project.name())
            .under("Changes", CHANGES + "?project=" + project.name()),
        "source/commit.jte",
        Map.of("view", view));
  }

  private void changes(Exchange exchange) {
    web.render(
        exchange, Page.of("Changes").in(CHANGES), "source/changes.jte", changeParameters(exchange));
  }

  private void changeRows(Exchange exchange) {
    web.fragment(exchange, "source/changeRows.jte", changeParameters(exchange));
  }

  private Map<String, Object> changeParameters(Exchange exchange) {
    var project = exchange.query("project").map(projects::require).orElse(null);
    var wanted = exchange.list().limitedTo(CHANGES_OF_A_PAGE);
    var rows =
        database.read(tx ->
            Changes.list(tx, project == null ? null : project.id(), wanted)
                .map(change -> row(tx, change)));
    var parameters = new HashMap<String, Object>();
    parameters.put("rows", rows.items());
    parameters.put("project", project == null ? "" : project.name());
    parameters.put("cursor", exchange.query("cursor").orElse(""));
    parameters.put("older", Objects.requireNonNullElse(rows.next(), ""));
    return parameters;
  }

  private ProjectRow row(Handle tx, Project project) {
    var latest = Changes.newest(tx, project.id(), 1).stream().findFirst().orElse(null);
    return new ProjectRow(project, latest, newest(tx, project));
  }

  private ChangeRow row(Handle tx, Change change) {
    return new ChangeRow(
        change,
        change.commit() instanceof String commit
            ? web.ribbon(tx, new ChangeReference(change.projectId(), commit))
            : new Ribbon(List.of()));
  }

  private Ribbon newest(Handle tx, Project project) {
    return Changes.head(tx, project)
        .map(commit -> web.ribbon(tx, new ChangeReference(project.id(), commit)))
        .orElseGet(() -> new Ribbon(List.of()));
  }

  private List<Content> panels(
      Handle tx, Exchange exchange, Project project, ProjectPanel.Place place) {
    return panels.stream()
        .filter(panel -> panel.place() == place)
        .flatMap(panel -> panel.renderer().render(tx, exchange, project).stream())
        .toList();
  }

  /// With the caller's name, so that git asks for nothing but the token.
  private static String cloneUrl(Exchange exchange, Project project) {
    var url = project.cloneUrl(exchange.origin());
    return exchange.caller().kind() == Caller.Kind.PERSON
        ? url.replaceFirst("://", "://" + exchange.caller().name() + "@")
        : url;
  }

  static String commitPath(String project, String sha) {
    return PROJECTS + "/" + project + "/commits/" + sha;
  }
}
