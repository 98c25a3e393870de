package dev.fairway.server.run;

import dev.fairway.server.actions.Actions;
import dev.fairway.server.actions.WorkflowSources;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.source.ProjectPanel;
import dev.fairway.server.source.Projects;
import dev.fairway.server.vault.Vault;
import dev.fairway.server.web.Web;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;

/// Runs, put together: register [#routes], subscribe [#subscribers], then [#start].
public final class RunModule implements AutoCloseable {
  private final Database database;
  private final Claims claims;
  private final Leases leases;
  private final LeaseTimer timer;
  private final Wakeups wakeups;
  private final EventTimer events;
  private final CallFetcher fetcher;
  private final Scheduler scheduler;
  private final JobTokens tokens;
  private final TestReports reports;
  private final TestUpkeep upkeep;
  private final List<Subscriber> subscribers;
  private final List<Routes> routes;
  private final LogRoutes logRoutes;
  private final RunPages pages;
  private final Dispatches dispatches;
  private final RunStarter starter;

  private RunModule(
      Database database,
      Evidence evidence,
      Projects projects,
      Vault vault,
      Web web,
      InstantSource clock,
      RandomGenerator random) {
    this.database = database;
    var witness = CrashObserver.NONE;
    var runEvidence = new RunEvidence(evidence);
    var scheduler = new Scheduler(runEvidence, clock);
    this.starter = new RunStarter(scheduler, runEvidence, vault, clock);
    var actions = new RunActions(scheduler, runEvidence, clock);
    var logs = new JobLogs(database);
    this.tokens = new JobTokens(database, clock, random);
    this.claims = new Claims(database, tokens, new JobSecrets(vault), scheduler, clock, witness);
    this.leases = new Leases(database, scheduler, clock, witness);
    this.wakeups = new Wakeups(database, scheduler);
    this.scheduler = scheduler;
    this.timer = new LeaseTimer(database, scheduler, clock, witness);
    this.reports = new TestReports(runEvidence, clock);
    var quarantines = new Quarantines(evidence, projects, clock);
    this.upkeep = new TestUpkeep(database, quarantines, clock);
    var workflows = new DefaultWorkflows(projects, clock);
    var events = new EventRuns(projects, workflows, starter);
    this.events = new EventTimer(database, projects, workflows, events, evidence, clock);
    this.fetcher = new CallFetcher(database, projects, starter, clock);
    this.subscribers = List.of(new PushRuns(projects, workflows, starter), events);
    this.pages = new RunPages(database, projects, web, actions, clock);
    this.dispatches = new Dispatches(database, projects, starter);
    this.logRoutes = new LogRoutes(database, logs, clock);
    this.routes =
        List.of(
            new AgentRoutes(claims, leases, logs),
            new RunApi(database, projects, dispatches, actions, clock),
            logRoutes,
            new DispatchPages(dispatches, web),
            new MachineRoutes(database, web, clock),
            new TestApi(database, projects, quarantines, clock),
            new TestPages(database, projects, quarantines, web, clock),
            pages);
  }

  /// @param random makes the tokens of jobs, so it must be a secure one
  public static RunModule create(
      Database database,
      Evidence evidence,
      Projects projects,
      Vault vault,
      Web web,
      InstantSource clock,
      RandomGenerator random) {
    return new RunModule(database, evidence, projects, vault, web, clock, random);
  }

  public List<Routes> routes() {
    return routes;
  }

  /// The actions of running jobs, from where those come.
  public Routes actionRoutes(Actions actions) {
    return new ActionRoutes(database, leases, actions);
  }

  public List<Subscriber> subscribers() {
    return subscribers;
  }

  /// By which tokens running jobs are known.
  public JobTokens tokens() {
    return tokens;
  }

  /// Who holds which job.
  public Leases leases() {
    return leases;
  }

  /// Lets these decide about jobs that name an environment.
  public void gate(EnvironmentGate environments) {
    scheduler.gate(environments);
  }

  /// Lets jobs call workflows of other repositories.
  public void call(WorkflowSources sources) {
    starter.sources(sources);
  }

  /// What becomes of the test reports in an artifact.
  public TestReports reports() {
    return reports;
  }

  /// What other stages may know of runs.
  public Runs runs() {
    return new Runs();
  }

  /// Lets the run page show the artifacts of a run.
  public void show(RunArtifacts artifacts) {
    pages.show(artifacts);
  }

  /// Says which environments an input of that type may name.
  public void offer(Function<Handle, List<String>> environments) {
    dispatches.offer(environments);
  }

  /// The latest runs of a project, for its page.
  public ProjectPanel projectPanel() {
    return new ProjectPanel(ProjectPanel.Place.SIDE, pages::projectPanel);
  }

  /// Begins to look after leases, and after quarantines that end.
  public void start() {
    timer.start();
    wakeups.start();
    events.start();
    fetcher.start();
    upkeep.start();
  }

  @Override
  public void close() {
    upkeep.close();
    timer.close();
    wakeups.close();
    events.close();
    fetcher.close();
    claims.close();
    logRoutes.close();
  }
}
