package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.ListRequest;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.Buoy;
import dev.fairway.server.web.ChangeReference;
import dev.fairway.server.web.Format;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.PaletteSource.PaletteEntry;
import dev.fairway.server.web.Web;
import gg.jte.Content;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The pages of runs, and the run's buoy on every page of a change.
public final class RunPages implements Routes {
  private static final String RUNS = "/runs";
  private static final int RUNS_OF_A_PANEL = 5;

  private final Database database;
  private final Projects projects;
  private final Web web;
  private final RunActions actions;
  private final InstantSource clock;
  private volatile RunArtifacts artifacts = (_, _) -> List.of();

  RunPages(Database database, Projects projects, Web web, RunActions actions, InstantSource clock) {
    this.database = database;
    this.projects = projects;
    this.web = web;
    this.actions = actions;
    this.clock = clock;
    web.add(new NavigationItem(NavigationItem.Area.DELIVER, "Runs", RUNS, Permission.RUN_READ));
    web.add(RunPages::buoys);
    web.add(RunPages::palette);
  }

  void show(RunArtifacts shown) {
    artifacts = shown;
  }

  /// @param older the cursor of the next page; empty on the last
  public record RunList(@Nullable String project, List<Run> runs, String path, String older) {}

  @Override
  public void register(RouteTable routes) {
    var run = "/projects/{name}/runs/{number}";
    routes.get(RUNS, Permission.RUN_READ, exchange -> list(exchange, null));
    routes.get(
        "/projects/{name}/runs",
        Permission.RUN_READ,
        exchange -> list(exchange, exchange.path("name")));
    routes.get(run, Permission.RUN_READ, exchange -> page(exchange, ""));
    routes.get(
        run + "/top",
        Permission.RUN_READ,
        exchange -> part(exchange, "run/top.jte", RunPage.Extent.HEAD));
    routes.get(
        run + "/side",
        Permission.RUN_READ,
        exchange -> part(exchange, "run/side.jte", RunPage.Extent.HEAD));
    routes.get(
        run + "/results",
        Permission.RUN_READ,
        exchange -> part(exchange, "run/results.jte", RunPage.Extent.WHOLE));
    routes.get(run + "/source", Permission.SOURCE_READ, this::source);
    for (var act : List.of("/cancel", "/rerun", "/jobs/{job}/cancel", "/jobs/{job}/rerun")) {
      routes.get(run + act, Permission.RUN_READ, this::back);
    }
    routes.post(run + "/cancel", Permission.RUN_WRITE, this::cancel);
    routes.post(run + "/rerun", Permission.RUN_WRITE, this::rerun);
    routes.post(run + "/jobs/{job}/cancel", Permission.RUN_WRITE, this::cancelJob);
    routes.post(run + "/jobs/{job}/rerun", Permission.RUN_WRITE, this::rerunJob);
  }

  private void list(Exchange exchange, @Nullable String project) {
    var wanted = exchange.list().limitedTo(RunStore.PAGE);
    var runs = database.read(tx -> RunStore.list(tx, project, wanted));
    var path = project == null ? RUNS : "/projects/" + project + RUNS;
    var older = Objects.requireNonNullElse(runs.next(), "");
    Map<String, Object> model = Map.of("list", new RunList(project, runs.items(), path, older));
    if (exchange.wantsFragment()) {
      web.fragment(exchange, "run/table.jte", model);
      return;
    }
    var page = new Page("Runs", RUNS, List.of(), List.of());
    web.render(
        exchange,
        project == null ? page : page.under(project, "/projects/" + project),
        "run/runs.jte",
        model);
  }

  /// @param refusal of what was asked for; empty for none
  private void page(Exchange exchange, String refusal) {
    var view = database.read(tx -> view(tx, exchange, RunPage.Extent.WHOLE));
    var run = view.run();
    var page =
        Page.of("Run #" + run.number())
            .in(RUNS)
            .under(run.project(), "/projects/" + run.project())
            .under("Runs", "/projects/" + run.project() + RUNS)
            .script("log-view.js");
    web.render(exchange, page, "run/run.jte", Map.of("view", view, "refusal", refusal));
  }

  /// A file that an annotation names.
  private void source(Exchange exchange) {
    record Found(Run run, List<Annotation> annotations) {}
    var project = projects.require(exchange.path("name"));
    var file = exchange.query("path").orElse("");
    var found =
        database.read(tx -> {
          var run = RunApi.run(tx, exchange);
          return new Found(run, DetailStore.annotations(tx, run.id()));
        });
    var run = found.run();
    var source = RunSource.of(run, projects.repository(project), file, found.annotations());
    var page =
        Page.of(file)
            .in(RUNS)
            .under(run.project(), "/projects/" + run.project())
            .under("Run #" + run.number(), run.path());
    web.render(exchange, page, "run/source.jte", Map.of("source", source));
  }

  private void part(Exchange exchange, String template, RunPage.Extent extent) {
    web.fragment(
        exchange, template, Map.of("view", database.read(tx -> view(tx, exchange, extent))));
  }

  private RunPage view(Handle tx, Exchange exchange, RunPage.Extent extent) {
    var run = RunApi.run(tx, exchange);
    var job = exchange.query("job").map(RunPages::id).orElse(null);
    var ribbon = web.ribbon(tx, new ChangeReference(run.projectId(), run.commit()));
    var defaultRef = projects.find(tx, run.projectId()).map(Project::defaultRef).orElse("");
    return RunPage.of(tx, run, extent, defaultRef, job, ribbon, artifacts, clock.instant());
  }

  private static UUID id(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new FairwayException(ErrorCode.NOT_FOUND, "There is no job " + text, "", e);
    }
  }

  private void cancel(Exchange exchange) {
    act(
        exchange,
        (tx, run) -> {
          actions.cancel(tx, run.id(), exchange.caller().name());
          return run.path();
        });
  }

  private void cancelJob(Exchange exchange) {
    act(
        exchange,
        (tx, run) -> {
          var job = RunApi.job(tx, exchange);
          actions.cancelJob(tx, job.id(), exchange.caller().name());
          return run.path() + "?job=" + job.id();
        });
  }

  private void rerun(Exchange exchange) {
    var debug = exchange.form("debug").equals("yes");
    var what =
        exchange.form("jobs").equals("failed") ? new Again.Failed(debug) : new Again.All(debug);
    act(
        exchange,
        (tx, run) -> {
          actions.rerun(tx, run.id(), what, exchange.caller().name());
          return run.path();
        });
  }

  private void rerunJob(Exchange exchange) {
    var what = new Again.One(exchange.pathId("job"), exchange.form("debug").equals("yes"));
    act(
        exchange,
        (tx, run) -> {
          var job = RunApi.job(tx, exchange);
          actions.rerun(tx, run.id(), what, exchange.caller().name());
          var next =
              JobStore.all(tx, run.id()).stream()
                  .filter(one -> one.key().equals(job.key()) && one.index() == job.index())
                  .findFirst()
                  .orElse(job);
          return run.path() + "?job=" + next.id();
        });
  }

  /// Does something to the run and returns where its page then is.
  private interface Act {
    String on(Handle tx, Run run);
  }

  /// Does it and shows the run. Where the run has moved on, because somebody else was faster, its
  /// page says so and shows how it stands.
  private void act(Exchange exchange, Act act) {
    String path;
    try {
      path = database.transaction(tx -> act.on(tx, RunApi.run(tx, exchange)));
    } catch (FairwayException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      exchange.status(e.code().status());
      page(exchange, e.getMessage() + ". " + e.next());
      return;
    }
    exchange.redirect(path);
  }

  /// The address that a browser shows where a change was refused, when it is loaded again.
  private void back(Exchange exchange) {
    exchange.redirect(database.read(tx -> RunApi.run(tx, exchange)).path());
  }

  Optional<Content> projectPanel(Handle tx, Exchange exchange, Project project) {
    if (!exchange.caller().may(Permission.RUN_READ)) {
      return Optional.empty();
    }
    var runs =
        RunStore.list(tx, project.name(), new ListRequest(Optional.empty(), RUNS_OF_A_PANEL))
            .items();
    var model = new HashMap<String, Object>();
    model.put("project", project.name());
    model.put("runs", runs);
    model.put("schedules", DefaultWorkflows.schedules(tx, project.id()));
    Baseline.newestWithTests(tx, project.id(), project.defaultRef())
        .flatMap(base -> RunStore.find(tx, base.run()))
        .ifPresent(run ->
            model.put("reports", RunTests.of(tx, run, project.defaultRef(), clock.instant())));
    return Optional.of(web.part(exchange, "run/projectPanel.jte", model));
  }

  /// The latest run of each workflow of the change.
  private static List<Buoy> buoys(Handle tx, ChangeReference change) {
    var runs = RunStore.ofCommit(tx, change.projectId(), change.commitSha());
    if (runs.isEmpty()) {
      return List.of(Buoy.ahead("Run", "none yet"));
    }
    return runs.stream()
        .collect(Collectors.toMap(Run::workflowPath, run -> run, (first, _) -> first, TreeMap::new))
        .values()
        .stream()
        .limit(3)
        .map(RunPages::buoy)
        .toList();
  }

  private static Buoy buoy(Run run) {
    var since = run.endedAt() == null ? run.startedAt() : run.endedAt();
    return new Buoy(
        "Run #" + run.number(), Marks.of(run), Marks.words(run.stateWord()), since, run.path());
  }

  private static List<PaletteEntry> palette(Handle tx, Caller caller, String query, int limit) {
    if (!caller.may(Permission.RUN_READ)) {
      return List.of();
    }
    var words = query.toLowerCase(Locale.ROOT);
    return RunStore.latest(tx).stream()
        .filter(run ->
            (run.project() + " #" + run.number() + " " + run.title())
                .toLowerCase(Locale.ROOT)
                .contains(words))
        .limit(limit)
        .map(run ->
            new PaletteEntry(
                "run", run.project() + " #" + Format.number(run.number()), run.title(), run.path()))
        .toList();
  }
}
