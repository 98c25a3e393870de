package dev.fairway.server.delivery.target;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRouteStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// The built-in target: runs releases as processes of this machine, behind the proxy.
///
/// Every operation may be repeated, and finds what it did before a crash. A deployment is
///
/// ```
/// unpack ─► start ─► awaitVerdict ─► switchTraffic ─► (verify) ─► drain ─► stop the former
///                        └─ Failed: stop the new one; the former never lost its traffic
/// ```
///
/// The former instance keeps running while the new one is verified, so a rollback in that time is
/// one [#switchTraffic] to it. Afterwards a rollback starts it again from its unpacked release.
///
/// Processes outlive the server. [#open] adopts those that run by pid and start time, starts again
/// those that ended, and ends those that nobody knows.
public final class LocalTarget implements AutoCloseable {
  private final InstanceFiles files;
  private final ReleaseStore releases;
  private final Traffic traffic;
  private final Processes processes;
  private final Launcher launcher;
  private final HealthProbe probe = new HealthProbe();
  private final InstantSource clock;
  private final InstanceListener listener;

  /// Held while an instance comes into being or is forgotten.
  private final ReentrantLock changing = new ReentrantLock();

  private final Map<UUID, Supervisor> supervisors = new ConcurrentHashMap<>();
  private final Duration stopGrace;
  private boolean closed;

  private LocalTarget(
      Path folder,
      Optional<ServiceUser> user,
      ProxyClient proxy,
      InstantSource clock,
      InstanceListener listener,
      Duration stopGrace)
      throws IOException {
    this.stopGrace = stopGrace;
    this.clock = clock;
    this.listener = listener;
    Files.createDirectories(folder);
    this.files = new InstanceFiles(folder.resolve("instances"));
    this.releases = new ReleaseStore(folder.resolve("releases"), clock);
    this.traffic = new Traffic(proxy, new History(folder.resolve("history")), clock);
    this.processes = new Processes();
    this.launcher = new Launcher(folder, releases, processes, user);
  }

  /// Opens the target and takes up what a former server left running.
  ///
  /// @param folder its data, for one server at a time; readable for the service user
  /// @param user the account of the services, used if this process is root and the account can
  ///   reach the folder
  /// @param listener told what happens to instances
  public static LocalTarget open(
      Path folder,
      Optional<ServiceUser> user,
      ProxyClient proxy,
      InstantSource clock,
      InstanceListener listener)
      throws IOException {
    return open(folder, user, proxy, clock, listener, TargetLimits.STOP_GRACE);
  }

  /// @param stopGrace from SIGTERM to SIGKILL
  static LocalTarget open(
      Path folder,
      Optional<ServiceUser> user,
      ProxyClient proxy,
      InstantSource clock,
      InstanceListener listener,
      Duration stopGrace)
      throws IOException {
    var target =
        new LocalTarget(
            folder.toAbsolutePath().normalize(), user, proxy, clock, listener, stopGrace);
    target.reconcile();
    return target;
  }

  /// Ends every process of the target in that folder, while no server has it open: SIGTERM, and
  /// SIGKILL after a grace. The instances stay wanted, so the next [#open] starts them again.
  public static void halt(Path folder) throws IOException, InterruptedException {
    var processes = new Processes();
    var mark = Launcher.targetMark(folder.toAbsolutePath().normalize());
    processes.end(() -> processes.markedWithout(mark, Set.of()), TargetLimits.STOP_GRACE);
  }

  /// The name of the route of a service in an environment.
  public static String route(String environment, String service) {
    return service + "." + environment;
  }

  /// The environment that a route belongs to.
  public static String environmentOf(String route) {
    return route.substring(route.lastIndexOf('.') + 1);
  }

  /// The digest under which [#unpack] files a release of these artifacts.
  public static String releaseDigest(List<ArtifactZip> artifacts) {
    return ReleaseStore.digest(artifacts);
  }

  /// Unpacks the artifacts into one folder, whole or not at all.
  ///
  /// @throws FairwayException UNPROCESSABLE for a digest that differs, an archive that climbs out
  ///   of its folder or holds links, or two artifacts with the same file; TOO_LARGE beyond the
  ///   limits; STORAGE_UNAVAILABLE if the disk takes no more
  public UnpackedRelease unpack(List<ArtifactZip> artifacts) {
    try {
      return releases.unpack(artifacts);
    } catch (IOException e) {
      throw storage("cannot unpack the release", e);
    }
  }

  /// Starts an instance, or returns the one that this order has started already.
  ///
  /// @throws FairwayException NOT_FOUND if the release is not unpacked, CONFLICT if the id was used
  ///   for another order, if the instance is just being stopped, or after [#close]
  public Instance start(StartOrder order) {
    changing.lock();
    try {
      if (closed) {
        throw new FairwayException(
            ErrorCode.CONFLICT, "the target is closed", "The next server goes on.");
      }
      var known = supervisors.get(order.id());
      if (known != null) {
        refuseUnlessSame(known, order);
        return known.instance();
      }
      if (!Files.isDirectory(releases.folder(order.releaseDigest()))) {
        throw new FairwayException(
            ErrorCode.NOT_FOUND,
            "release " + order.release() + " of " + order.service() + " is not unpacked here",
            "Unpack it, then start it.");
      }
      var record =
          new InstanceRecord(
              order, freePort(), Optional.empty(), clock.instant(), true, false, 0, "");
      save(record);
      return supervise(record).instance();
    } finally {
      changing.unlock();
    }
  }

  private static void refuseUnlessSame(Supervisor known, StartOrder order) {
    if (!known.order().equals(order)) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "instance " + order.id() + " runs something else",
          "Use a new id for a new order.");
    }
    if (known.isStopping()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "instance " + order.id() + " is being stopped",
          "Start it again in a moment.");
    }
  }

  /// Waits until an instance is healthy or has failed; [HealthVerdict.Pending] when the time is
  /// over.
  public HealthVerdict awaitVerdict(UUID id, Duration wait) throws InterruptedException {
    return supervisor(id).awaitVerdict(wait);
  }

  /// Sends the traffic of a route to an instance: all its hosts at one moment, with no request
  /// lost. Nothing happens if it goes there already.
  ///
  /// @param hosts the host names of the route
  /// @throws FairwayException CONFLICT if the instance is not healthy
  public TrafficSwitch switchTraffic(UUID id, Set<String> hosts) {
    return switchTraffic(id, hosts, () -> true).orElseThrow();
  }

  /// As the other one, if the switch is still wanted once the present route is known: whoever
  /// switches in between makes the proxy refuse this one.
  public Optional<TrafficSwitch> switchTraffic(
      UUID id, Set<String> hosts, BooleanSupplier stillWanted) {
    return traffic.send(supervisor(id).instance(), hosts, stillWanted);
  }

  /// Waits until the requests of a former generation have ended.
  ///
  /// @return whether they have; false when the time is over, and the rest will be cut off by a stop
  public boolean drain(String route, long generation, Duration wait) {
    return traffic.drain(route, generation, wait);
  }

  /// What the proxy knows of a route: who serves it and how well. Empty if it has none.
  public Optional<ProxyRouteStatus> traffic(String environment, String service) {
    return traffic.of(route(environment, service));
  }

  /// The port on which the proxy takes requests.
  public int trafficPort() {
    return traffic.port();
  }

  /// Stops an instance and returns when nothing of it runs: SIGTERM, and SIGKILL after a grace.
  /// Nothing happens if there is no such instance.
  ///
  /// @throws FairwayException CONFLICT if it has traffic
  public void stop(UUID id) throws InterruptedException {
    var supervisor = supervisors.get(id);
    if (supervisor == null) {
      return;
    }
    var order = supervisor.order();
    if (traffic.isWith(id, order.route())) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "%s %s has the traffic of %s".formatted(order.service(), order.release(), order.route()),
          "Switch the traffic first, or take the service out of service.");
    }
    end(supervisor);
  }

  /// Takes a service out of an environment: its hosts answer 404, and all its instances stop.
  public void remove(String environment, String service) throws InterruptedException {
    var route = route(environment, service);
    traffic.cutOff(route);
    for (var supervisor : supervisors.values()) {
      if (supervisor.order().route().equals(route)) {
        end(supervisor);
      }
    }
    traffic.forget(route);
  }

  private void end(Supervisor supervisor) throws InterruptedException {
    var id = supervisor.order().id();
    supervisor.stop(stopGrace);
    changing.lock();
    try {
      // Somebody else may have stopped it too, and a new one may have its id by now.
      if (supervisors.remove(id, supervisor)) {
        launcher.clean(id);
        files.delete(id);
      }
    } catch (IOException e) {
      throw storage("instance " + id + " stopped, and its files cannot be deleted", e);
    } finally {
      changing.unlock();
    }
  }

  /// All instances that this target knows, also failed ones until they are stopped.
  public List<Instance> instances() {
    return supervisors.values().stream().map(Supervisor::instance).toList();
  }

  /// The instance of that id, empty if there is none (any more).
  public Optional<Instance> instance(UUID id) {
    return Optional.ofNullable(supervisors.get(id)).map(Supervisor::instance);
  }

  /// The end of what an instance printed.
  public String logTail(UUID id) {
    return launcher.logTail(id);
  }

  /// Deletes releases that nobody needs: not among the last few of any route, with no instance, and
  /// not unpacked within the last hour. Logs of instances that are gone follow after a month.
  ///
  /// @param count how many releases stay for a rollback, by the name of an environment; what has
  ///   the traffic and what had it before stay in any case
  /// @return the digests of what is gone
  public List<String> prune(ToIntFunction<String> count) {
    try {
      launcher.pruneLogs(supervisors.keySet(), clock.instant().minus(TargetLimits.LOGS_KEPT));
      var keep =
          new HashSet<>(traffic.keptReleases(route -> count.applyAsInt(environmentOf(route))));
      supervisors.values().forEach(s -> keep.add(s.order().releaseDigest()));
      return releases.deleteAllBut(keep);
    } catch (IOException e) {
      throw storage("cannot delete old releases", e);
    }
  }

  /// Takes up what runs, starts again what should, and ends what nobody knows.
  private void reconcile() throws IOException {
    var unwanted = new ArrayList<Supervisor>();
    for (var record : files.all()) {
      var supervisor = supervise(adopted(record));
      if (!record.wanted()) {
        unwanted.add(supervisor);
      }
    }
    try {
      for (var supervisor : unwanted) {
        end(supervisor);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while taking up instances", e);
    }
    endOrphans();
  }

  /// With the process that a crash between start and record left unrecorded.
  private InstanceRecord adopted(InstanceRecord record) {
    if (record.process().filter(processes::isAlive).isPresent() || !record.failure().isEmpty()) {
      return record;
    }
    var running = processes.leader(Launcher.mark(record.order().id()));
    return running.isPresent() ? record.withProcess(running, record.startedAt()) : record;
  }

  private void endOrphans() {
    var known = new HashSet<String>();
    supervisors.keySet().forEach(id -> known.add(Launcher.mark(id)));
    for (var orphan : processes.markedWithout(launcher.targetMark(), known)) {
      ProcessHandle.of(orphan.pid())
          .filter(_ -> processes.isAlive(orphan))
          .ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private Supervisor supervise(InstanceRecord record) {
    var supervisor =
        new Supervisor(record, launcher, processes, probe, clock, this::save, listener);
    supervisors.put(record.order().id(), supervisor);
    record.process().filter(processes::isAlive).ifPresent(supervisor::watchForExit);
    supervisor.begin();
    return supervisor;
  }

  private int freePort() {
    return Ports.free(
        supervisors.values().stream()
            .map(supervisor -> supervisor.record().port())
            .collect(Collectors.toSet()));
  }

  private void save(InstanceRecord record) {
    try {
      files.save(record);
    } catch (IOException e) {
      throw storage("cannot write down instance " + record.order().id(), e);
    }
  }

  private Supervisor supervisor(UUID id) {
    var supervisor = supervisors.get(id);
    if (supervisor == null) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "there is no instance " + id + " here", "Start it.");
    }
    return supervisor;
  }

  static FairwayException storage(String what, IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        what + ": " + e.getMessage(),
        "Make room on the disk, then try again.",
        e);
  }

  /// Ends the watch; instances go on, and the next [#open] takes them up.
  @Override
  public void close() {
    changing.lock();
    try {
      closed = true;
    } finally {
      changing.unlock();
    }
    supervisors.values().forEach(Supervisor::release);
    // A question under way is cut off, so that nobody waits for its answer.
    probe.close();
    try {
      for (var supervisor : supervisors.values()) {
        supervisor.awaitRelease();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
