package dev.fairway.server.delivery.target;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRoute;
import dev.fairway.api.ProxyRouteStatus;
import dev.fairway.api.ProxyUpstreamStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

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
  private final Path instancesFolder;
  private final ReleaseStore releases;
  private final History history;
  private final Processes processes;
  private final Launcher launcher;
  private final HealthProbe probe = new HealthProbe();
  private final ProxyClient proxy;
  private final InstantSource clock;
  private final InstanceListener listener;
  private final ReentrantLock starting = new ReentrantLock();
  private final Map<UUID, Supervisor> supervisors = new ConcurrentHashMap<>();

  private LocalTarget(
      Path folder,
      Optional<ServiceUser> user,
      ProxyClient proxy,
      InstantSource clock,
      InstanceListener listener)
      throws IOException {
    this.proxy = proxy;
    this.clock = clock;
    this.listener = listener;
    Files.createDirectories(folder);
    this.instancesFolder = Files.createDirectories(folder.resolve("instances"));
    Files.setPosixFilePermissions(instancesFolder, PosixFilePermissions.fromString("rwx------"));
    this.releases = new ReleaseStore(folder.resolve("releases"), clock);
    this.history = new History(folder.resolve("history"));
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
    var target = new LocalTarget(folder.toAbsolutePath().normalize(), user, proxy, clock, listener);
    target.reconcile();
    return target;
  }

  /// Ends every process of the target in that folder, while no server has it open: SIGTERM, and
  /// SIGKILL after a grace. The instances stay wanted, so the next [#open] starts them again.
  public static void halt(Path folder) throws IOException, InterruptedException {
    var processes = new Processes();
    var mark = Launcher.targetMark(folder.toAbsolutePath().normalize());
    var ending =
        processes.markedWithout(mark, Set.of()).stream()
            .flatMap(process -> ProcessHandle.of(process.pid()).stream())
            .toList();
    ending.forEach(ProcessHandle::destroy);
    var deadline = System.nanoTime() + TargetLimits.STOP_GRACE.toNanos();
    for (var process : ending) {
      try {
        process.onExit().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException _) {
        process.destroyForcibly();
      }
    }
  }

  /// The name of the route of a service in an environment.
  public static String route(String environment, String service) {
    return service + "." + environment;
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
  ///   for another order
  public Instance start(StartOrder order) {
    starting.lock();
    try {
      var known = supervisors.get(order.id());
      if (known != null) {
        if (!known.order().equals(order)) {
          throw new FairwayException(
              ErrorCode.CONFLICT,
              "instance " + order.id() + " runs something else",
              "Use a new id for a new order.");
        }
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
      starting.unlock();
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
    var instance = supervisor(id).instance();
    var order = instance.order();
    var present = proxy.route(order.route());
    var there =
        present
            .map(ProxyRouteStatus::route)
            .filter(r -> r.instance().equals(id.toString()) && r.port() == instance.port())
            .filter(r -> r.hosts().equals(hosts));
    ProxyRouteStatus status;
    if (there.isPresent()) {
      status = present.orElseThrow();
    } else {
      if (instance.state() != InstanceState.HEALTHY) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "%s %s is %s, so it gets no traffic. %s"
                .formatted(order.service(), order.release(), instance.state(), instance.reason()),
            "Wait until it is healthy.");
      }
      // One above what we have read: if somebody switched meanwhile, the proxy refuses.
      var generation = present.map(p -> p.route().generation()).orElse(0L) + 1;
      status =
          proxy.put(
              new ProxyRoute(
                  order.route(),
                  hosts,
                  instance.port(),
                  order.release(),
                  id.toString(),
                  generation));
    }
    remember(order);
    return described(order.route(), id, status);
  }

  private void remember(StartOrder order) {
    try {
      history.add(
          order.route(), new History.Entry(order.id(), order.releaseDigest(), clock.instant()));
    } catch (IOException e) {
      throw storage("the traffic was switched, and the history cannot be written", e);
    }
  }

  private static TrafficSwitch described(String route, UUID id, ProxyRouteStatus status) {
    var former =
        status.upstreams().stream()
            .filter(upstream -> !upstream.instance().equals(id.toString()))
            .findFirst();
    return new TrafficSwitch(
        route,
        id,
        status.route().generation(),
        status.current().since(),
        former.map(upstream -> UUID.fromString(upstream.instance())),
        former.map(ProxyUpstreamStatus::generation).orElse(0L));
  }

  /// Waits until the requests of a former generation have ended.
  ///
  /// @return whether they have; false when the time is over, and the rest will be cut off by a stop
  public boolean drain(String route, long generation, Duration wait) {
    var end = System.nanoTime() + wait.toNanos();
    while (true) {
      var left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      if (proxy.awaitDrained(route, generation, left)) {
        return true;
      }
      if (System.nanoTime() >= end) {
        return false;
      }
    }
  }

  /// What the proxy knows of a route: who serves it and how well. Empty if it has none.
  public Optional<ProxyRouteStatus> traffic(String environment, String service) {
    return proxy.route(route(environment, service));
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
    var serving = proxy.route(order.route()).map(r -> r.route().instance()).orElse("");
    if (serving.equals(id.toString())) {
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
    proxy.remove(route);
    for (var supervisor : supervisors.values()) {
      if (supervisor.order().route().equals(route)) {
        end(supervisor);
      }
    }
    try {
      history.forget(route);
    } catch (IOException e) {
      throw storage("cannot forget the history of " + route, e);
    }
  }

  private void end(Supervisor supervisor) throws InterruptedException {
    var id = supervisor.order().id();
    supervisor.stop(TargetLimits.STOP_GRACE);
    try {
      launcher.clean(id);
      Files.deleteIfExists(file(id));
    } catch (IOException e) {
      throw storage("instance " + id + " stopped, and its files cannot be deleted", e);
    }
    supervisors.remove(id);
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

  /// Deletes releases that nobody needs: not among the last five of any route, with no instance,
  /// and not unpacked within the last hour.
  ///
  /// @return the digests of what is gone
  public List<String> prune() {
    try {
      var keep = new HashSet<>(history.keptReleases());
      supervisors.values().forEach(s -> keep.add(s.order().releaseDigest()));
      return releases.deleteAllBut(keep);
    } catch (IOException e) {
      throw storage("cannot delete old releases", e);
    }
  }

  /// Takes up what runs, starts again what should, and ends what nobody knows.
  private void reconcile() throws IOException {
    var unwanted = new ArrayList<Supervisor>();
    try (var files = Files.newDirectoryStream(instancesFolder, "*.json")) {
      for (var file : files) {
        var record = Json.MAPPER.readValue(Files.readAllBytes(file), InstanceRecord.class);
        var supervisor = supervise(adopted(record));
        if (!record.wanted()) {
          unwanted.add(supervisor);
        }
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
    var taken = new HashSet<Integer>();
    supervisors.values().forEach(s -> taken.add(s.record().port()));
    var ports = TargetLimits.LAST_PORT - TargetLimits.FIRST_PORT + 1;
    var first = ThreadLocalRandom.current().nextInt(ports);
    for (var i = 0; i < ports; i++) {
      var port = TargetLimits.FIRST_PORT + (first + i) % ports;
      if (!taken.contains(port) && isFree(port)) {
        return port;
      }
    }
    throw new FairwayException(
        ErrorCode.CONFLICT,
        "no port from %d to %d is free".formatted(TargetLimits.FIRST_PORT, TargetLimits.LAST_PORT),
        "Stop instances or what else listens there.");
  }

  private static boolean isFree(int port) {
    try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private void save(InstanceRecord record) {
    try {
      var name = record.order().id() + ".json";
      DurableFiles.replace(instancesFolder, name, Json.MAPPER.writeValueAsBytes(record));
    } catch (IOException e) {
      throw storage("cannot write down instance " + record.order().id(), e);
    }
  }

  private Path file(UUID id) {
    return instancesFolder.resolve(id + ".json");
  }

  private Supervisor supervisor(UUID id) {
    var supervisor = supervisors.get(id);
    if (supervisor == null) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "there is no instance " + id + " here", "Start it.");
    }
    return supervisor;
  }

  private static FairwayException storage(String what, IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        what + ": " + e.getMessage(),
        "Make room on the disk, then try again.",
        e);
  }

  /// Ends the watch; instances go on, and the next [#open] takes them up.
  @Override
  public void close() {
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
