package dev.fairway.server.delivery;

import dev.fairway.api.ProxyClient;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.delivery.target.ServiceUser;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Routes;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.run.EnvironmentGate;
import dev.fairway.server.run.Runs;
import dev.fairway.server.source.ProjectPanel;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.LiveEvents;
import dev.fairway.server.web.NavigationItem;
import dev.fairway.server.web.Web;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Releases, environments and deployments, put together.
public final class DeliveryModule implements AutoCloseable {
  private final Optional<LocalTarget> target;
  private final Environments environments;
  private final Deployments deployments;
  private final Approvals approvals;
  private final JobGates gates;
  private final ReleasePublisher publisher;
  private final Optional<DeploymentDriver> driver;
  private final List<Routes> routes;
  private final ProjectPanel panel;

  private DeliveryModule(
      Optional<LocalTarget> target,
      Environments environments,
      Deployments deployments,
      Approvals approvals,
      JobGates gates,
      ReleasePublisher publisher,
      Optional<DeploymentDriver> driver,
      List<Routes> routes,
      ProjectPanel panel) {
    this.target = target;
    this.environments = environments;
    this.deployments = deployments;
    this.approvals = approvals;
    this.gates = gates;
    this.publisher = publisher;
    this.driver = driver;
    this.routes = List.copyOf(routes);
    this.panel = panel;
  }

  /// What delivery gets from the parts of the server below it.
  ///
  /// @param targetFolder where the built-in target keeps its data; empty in a server on whose
  ///   machine no service runs, which leaves the driving of deployments to the one that has the
  ///   target
  /// @param runs such as [RunRecords]
  /// @param runRecords the runs themselves
  public record Ground(
      Database database,
      Evidence evidence,
      InstantSource clock,
      Web web,
      Identity identity,
      Projects projects,
      Optional<Path> targetFolder,
      ProxyClient proxy,
      RunFacts runs,
      Runs runRecords) {}

  /// Puts delivery together and takes up what a former server left running; nothing is driven
  /// before [#start].
  ///
  /// @throws IOException where the target's folder cannot be used
  public static DeliveryModule create(Ground ground) throws IOException {
    return create(ground, Pace.USUAL, _ -> {});
  }

  static DeliveryModule create(Ground ground, Pace pace, CrashObserver crash) throws IOException {
    var database = ground.database();
    var signal = new Signal();
    var folder = ground.targetFolder();
    var target =
        folder.isPresent()
            ? Optional.of(target(ground, folder.get(), signal))
            : Optional.<LocalTarget>empty();
    var transitions = new Transitions(ground.evidence(), ground.clock());
    var participants = new Participants(ground.projects());
    var deployments = new Deployments(database, transitions);
    var people = new People(ground.identity());
    var approvals = new Approvals(database, ground.evidence(), transitions, participants, people);
    var gates =
        new JobGates(
            database, ground.evidence(), ground.clock(), participants, people, ground.runRecords());
    var environments =
        new Environments(database, ground.evidence(), ground.clock(), approvals, gates);
    var publisher =
        new ReleasePublisher(
            ground.projects(), ground.runs(), deployments, ground.evidence(), ground.clock());
    var driver =
        target.map(machine ->
            driver(
                ground,
                new Rollout(machine, ground.runs()),
                new Moves(database, transitions, signal),
                deployments,
                approvals,
                signal,
                pace,
                crash));
    var reader =
        new DeliveryReader(
            ground.web(),
            ground.projects(),
            participants,
            approvals,
            gates,
            ground.runs(),
            new InstanceFacts(target));
    var pages =
        new DeliveryPages(
            database, ground.web(), reader, environments, deployments, approvals, gates, people);
    contribute(ground.web(), reader, pages);
    return new DeliveryModule(
        target,
        environments,
        deployments,
        approvals,
        gates,
        publisher,
        driver,
        List.of(
            new DeliveryApi(database, environments, deployments, approvals, people),
            new JobGateApi(database, gates, people),
            pages,
            new EnvironmentPages(database, ground.web(), environments)),
        new ProjectPanel(ProjectPanel.Place.MAIN, pages::projectPanel));
  }

  private static LocalTarget target(Ground ground, Path folder, Signal signal) throws IOException {
    return LocalTarget.open(
        folder,
        Optional.of(ServiceUser.NOBODY),
        ground.proxy(),
        ground.clock(),
        _ -> {
          signal.raise();
          ground.database().run(tx -> LiveEvents.publish(tx, "environments"));
        });
  }

  private static DeploymentDriver driver(
      Ground ground,
      Rollout rollout,
      Moves moves,
      Deployments deployments,
      Approvals approvals,
      Signal signal,
      Pace pace,
      CrashObserver crash) {
    var database = ground.database();
    var upkeep = new Upkeep(database, rollout);
    var evidence = new DeploymentEvidence(ground.evidence(), ground.clock());
    var steps =
        new DeploymentSteps(
            database,
            moves,
            new Preparation(moves, approvals, rollout, crash),
            new Handover(moves, evidence, rollout, crash),
            new Watch(database, moves, deployments, evidence, rollout, crash),
            new WayBack(database, moves, evidence, rollout, crash),
            upkeep,
            crash);
    return new DeploymentDriver(database, steps, upkeep, signal, ground.clock(), pace);
  }

  /// Adds what delivery has for every page.
  private static void contribute(Web web, DeliveryReader reader, DeliveryPages pages) {
    web.add(new DeliveryBuoys());
    var deliver = NavigationItem.Area.DELIVER;
    var read = Permission.RELEASE_READ;
    web.add(new NavigationItem(deliver, "Releases", DeliveryPages.RELEASES, read));
    web.add(new NavigationItem(deliver, "Environments", DeliveryPages.ENVIRONMENTS, read));
    web.add(
        new NavigationItem(
            deliver,
            "Approvals",
            DeliveryPages.APPROVALS,
            read,
            new NavigationItem.Waiting(
                "environments", (tx, caller) -> reader.waitingFor(tx, pages.person(tx, caller)))));
    web.add(reader::find);
  }

  /// The API and the pages.
  public List<Routes> routes() {
    return routes;
  }

  /// The releases of a project, for its page.
  public ProjectPanel projectPanel() {
    return panel;
  }

  /// Begins to drive deployments, where the target is.
  public void start() {
    driver.ifPresent(DeploymentDriver::start);
  }

  /// What acts on entries of the ledger.
  public List<Subscriber> subscribers() {
    return List.of(publisher);
  }

  public Environments environments() {
    return environments;
  }

  public Deployments deployments() {
    return deployments;
  }

  /// What holds jobs back that name an environment.
  public EnvironmentGate gate() {
    return gates;
  }

  public Approvals approvals() {
    return approvals;
  }

  /// The built-in target of this machine.
  LocalTarget target() {
    return target.orElseThrow();
  }

  /// Stops driving; services keep running, and the next server takes them up.
  @Override
  public void close() {
    driver.ifPresent(DeploymentDriver::close);
    target.ifPresent(LocalTarget::close);
  }
}
