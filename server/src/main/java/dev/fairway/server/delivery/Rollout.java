package dev.fairway.server.delivery;

import dev.fairway.server.delivery.Verification.Condition;
import dev.fairway.server.delivery.Verification.Traffic;
import dev.fairway.server.delivery.target.ArtifactZip;
import dev.fairway.server.delivery.target.HealthCheck;
import dev.fairway.server.delivery.target.HealthVerdict;
import dev.fairway.server.delivery.target.Instance;
import dev.fairway.server.delivery.target.InstanceState;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.delivery.target.RunSpec;
import dev.fairway.server.delivery.target.StartOrder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/// What a deployment does outside the database, in the words of the target; every call may be
/// repeated.
final class Rollout {
  private final LocalTarget target;
  private final RunFacts runs;

  Rollout(LocalTarget target, RunFacts runs) {
    this.target = target;
    this.runs = runs;
  }

  /// Unpacks the release and starts its process, unless both are done.
  void start(UUID instance, Release release, EnvironmentDefinition environment) {
    var zips =
        release.artifacts().stream()
            .map(artifact ->
                new ArtifactZip(
                    artifact.name(), artifact.digest(), runs.content(artifact.digest())))
            .toList();
    var unpacked = target.unpack(zips);
    target.start(order(instance, release, environment, unpacked.digest()));
  }

  private static StartOrder order(
      UUID instance, Release release, EnvironmentDefinition environment, String digest) {
    var run = release.definition().run();
    var variables = new TreeMap<>(run.environment());
    variables.putAll(environment.variables());
    variables.put("FAIRWAY_ENVIRONMENT", environment.name());
    variables.put("FAIRWAY_SERVICE", release.service());
    variables.put("FAIRWAY_VERSION", release.version());
    variables.put("FAIRWAY_COMMIT", release.commit());
    var health = release.definition().health();
    return new StartOrder(
        instance,
        environment.name(),
        release.service(),
        release.version(),
        digest,
        new RunSpec(run.command(), run.portVariable(), variables),
        new HealthCheck(
            health.path(),
            health.interval(),
            health.timeout(),
            health.healthy(),
            health.unhealthy(),
            health.start()));
  }

  /// Waits for the process to be healthy or to fail.
  HealthVerdict awaitVerdict(UUID instance, Duration wait) throws InterruptedException {
    return target.awaitVerdict(instance, wait);
  }

  /// Sends the traffic of all hosts of the service to the process.
  void switchTraffic(UUID instance, String service, EnvironmentDefinition environment) {
    target.switchTraffic(instance, hosts(service, environment));
  }

  /// As [#switchTraffic], if the target still has to once it knows where the traffic goes.
  void restoreTraffic(
      UUID instance,
      String service,
      EnvironmentDefinition environment,
      BooleanSupplier stillWanted) {
    target.switchTraffic(instance, hosts(service, environment), stillWanted);
  }

  /// Whether the target knows that process, however it is.
  boolean isThere(UUID instance) {
    return target.instance(instance).isPresent();
  }

  boolean isHealthy(UUID instance) {
    return target.instance(instance).filter(it -> it.state() == InstanceState.HEALTHY).isPresent();
  }

  /// The host names of a service in an environment.
  static Set<String> hosts(String service, EnvironmentDefinition environment) {
    var hosts = new HashSet<>(environment.hosts().getOrDefault(service, List.of()));
    hosts.add(service + "." + environment.name() + ".localhost");
    return hosts;
  }

  /// Whether the proxy sends the traffic to that process now; not where it sends it to a port that
  /// the process had before it was started anew.
  boolean hasTraffic(UUID instance, String environment, String service) {
    return target
        .instance(instance)
        .filter(here ->
            target
                .traffic(environment, service)
                .map(status -> status.route())
                .filter(route -> route.instance().equals(instance.toString()))
                .filter(route -> route.port() == here.port())
                .isPresent())
        .isPresent();
  }

  /// What the proxy has counted for a process while it had the traffic.
  Traffic traffic(UUID instance, String environment, String service) {
    var requests = 0L;
    var failures = 0L;
    var route = target.traffic(environment, service);
    if (route.isPresent()) {
      for (var upstream : route.get().upstreams()) {
        if (upstream.instance().equals(instance.toString())) {
          var seen = upstream.statistics();
          requests += seen.requests() - seen.abandoned();
          failures += seen.failures();
        }
      }
    }
    return new Traffic(requests, failures);
  }

  /// How the process is. One that ended and was started again has ended.
  Condition condition(UUID instance) {
    return target.instance(instance).map(Rollout::condition).orElse(Condition.GONE);
  }

  private static Condition condition(Instance instance) {
    return switch (instance.state()) {
      case UNHEALTHY -> Condition.UNHEALTHY;
      case BACKING_OFF, FAILED, STOPPED -> Condition.GONE;
      case STARTING, HEALTHY -> instance.restarts() > 0 ? Condition.GONE : Condition.HEALTHY;
    };
  }

  /// Everything that runs or failed of a service in an environment.
  List<Instance> instances(String environment, String service) {
    return target.instances().stream()
        .filter(instance -> instance.order().environment().equals(environment))
        .filter(instance -> instance.order().service().equals(service))
        .toList();
  }

  List<Instance> instances() {
    return target.instances();
  }

  /// Waits for a process that has lost the traffic to finish its requests.
  void drain(Instance instance, Duration most) {
    var order = instance.order();
    var id = order.id().toString();
    var route = target.traffic(order.environment(), order.service());
    if (route.isPresent()) {
      for (var upstream : route.get().upstreams()) {
        if (upstream.instance().equals(id) && !upstream.drained() && !upstream.serving()) {
          target.drain(order.route(), upstream.generation(), most);
        }
      }
    }
  }

  void stop(Instance instance) throws InterruptedException {
    target.stop(instance.order().id());
  }

  /// Deletes unpacked releases that nobody goes back to.
  ///
  /// @param count how many an environment keeps
  void prune(ToIntFunction<String> count) {
    target.prune(count);
  }

  String logTail(UUID instance) {
    return target.logTail(instance);
  }
}
