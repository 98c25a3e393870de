package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.report.CoverageResults;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// The pages of a project's tests.
final class TestPages implements Routes {
  private static final int COVERAGE_RUNS = 30;

  private final Database database;
  private final Projects projects;
  private final Quarantines quarantines;
  private final Web web;
  private final InstantSource clock;

  TestPages(
      Database database, Projects projects, Quarantines quarantines, Web web, InstantSource clock) {
    this.database = database;
    this.projects = projects;
    this.quarantines = quarantines;
    this.web = web;
    this.clock = clock;
  }

  @Override
  public void register(RouteTable routes) {
    var tests = "/projects/{name}/tests";
    routes.get(tests, Permission.RUN_READ, this::list);
    routes.get(tests + "/{test}", Permission.RUN_READ, this::show);
    routes.post(tests + "/{test}/quarantine", Permission.TEST_QUARANTINE, this::begin);
    routes.post(tests + "/{test}/quarantine/end", Permission.TEST_QUARANTINE, this::end);
  }

  private record ListModel(TestBoard board, List<CoverageResults.OfRun> coverage) {}

  private void list(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var query = exchange.query("q").orElse("");
    var show =
        TestBoard.Show.ofWord(exchange.query("show").orElse(query.isEmpty() ? "failing" : "named"));
    var model =
        database.read(tx ->
            new ListModel(
                TestBoard.of(tx, project, show, query, clock.instant()),
                CoverageResults.ofBranch(tx, project.id(), project.defaultRef(), COVERAGE_RUNS)));
    web.render(
        exchange,
        page("Tests", project),
        "run/tests.jte",
        Map.of(
            "project",
            project,
            "board",
            model.board(),
            "chart",
            Bars.ofCoverage(project.name(), model.coverage())));
  }

  private void show(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var single =
        database.read(
            tx -> TestBoard.single(tx, project, exchange.pathId("test"), clock.instant()));
    web.render(
        exchange,
        page(single.last().test().name(), project).under("Tests", path(project)),
        "run/test.jte",
        Map.of(
            "project",
            project,
            "single",
            single,
            "chart",
            Bars.ofHistory(project.name(), single.history())));
  }

  private static Page page(String title, Project project) {
    return Page.of(title).in("/runs").under(project.name(), "/projects/" + project.name());
  }

  private static String path(Project project) {
    return "/projects/" + project.name() + "/tests";
  }

  private void begin(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var test = exchange.pathId("test");
    var days = days(exchange.form("days"));
    var reason = exchange.form("reason");
    database.run(
        tx -> quarantines.begin(tx, project, test, reason, days, exchange.caller().name()));
    exchange.redirect(path(project) + "/" + test);
  }

  private static int days(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "'" + text + "' is not a number of days", "Give 1 to 30.", e);
    }
  }

  private void end(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var test = exchange.pathId("test");
    database.run(tx -> quarantines.end(tx, project, test, exchange.caller().name()));
    exchange.redirect(path(project) + "/" + test);
  }
}
