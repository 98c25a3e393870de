package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyStatistics;
import dev.fairway.server.delivery.DeliveryViews.Figures;
import dev.fairway.server.delivery.target.Instance;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.web.StateMark;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What target and proxy say about a deployment's process, for pages.
final class InstanceFacts {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceFacts.class);
  private static final double MEDIAN = 50;
  private static final double P95 = 95;
  private static final int HTTP_PORT = 80;

  private final Optional<LocalTarget> target;

  /// @param target empty where it is on another server's machine, which alone knows
  InstanceFacts(Optional<LocalTarget> target) {
    this.target = target;
  }

  Optional<Figures> figures(Deployment deployment) {
    return instance(deployment)
        .map(instance -> {
          var seen = statistics(deployment);
          return new Figures(
              instance.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
              mark(instance),
              instance.port(),
              instance.confinement(),
              seen.map(counts -> counts.requests() - counts.abandoned()).orElse(0L),
              seen.map(ProxyStatistics::failures).orElse(0L),
              seen.map(counts -> Verification.percent(counts.failureRate())).orElse("–"),
              seen.map(counts -> counts.percentile(MEDIAN)).orElse(Duration.ZERO),
              seen.map(counts -> counts.percentile(P95)).orElse(Duration.ZERO));
        });
  }

  private Optional<Instance> instance(Deployment deployment) {
    return target.flatMap(
        machine -> Optional.ofNullable(deployment.instanceId()).flatMap(machine::instance));
  }

  /// The newest counts of the process; empty where it never had traffic or nobody knows.
  private Optional<ProxyStatistics> statistics(Deployment deployment) {
    UUID instance = deployment.instanceId();
    if (instance == null || target.isEmpty()) {
      return Optional.empty();
    }
    try {
      return target.get().traffic(deployment.environment(), deployment.service()).stream()
          .flatMap(route -> route.upstreams().stream())
          .filter(upstream -> upstream.instance().equals(instance.toString()))
          .findFirst()
          .map(upstream -> upstream.statistics());
    } catch (FairwayException e) {
      LOG.warn("A page goes without traffic figures: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /// Where those hosts are reached; without a port where the proxy does not say.
  List<String> addresses(Set<String> hosts) {
    var port = "";
    try {
      var listens = target.map(LocalTarget::trafficPort).orElse(HTTP_PORT);
      port = listens == HTTP_PORT ? "" : ":" + listens;
    } catch (FairwayException e) {
      LOG.warn("A page goes without the proxy's port: {}", e.getMessage());
    }
    var suffix = port + "/";
    return hosts.stream().sorted().map(host -> "http://" + host + suffix).toList();
  }

  private static StateMark mark(Instance instance) {
    return switch (instance.state()) {
      case HEALTHY -> StateMark.OK;
      case STARTING -> StateMark.RUN;
      case UNHEALTHY, BACKING_OFF, FAILED -> StateMark.BAD;
      case STOPPED -> StateMark.OFF;
    };
  }

  /// What is wrong with the process of what should serve; empty where nothing is.
  String trouble(Deployment serving) {
    return instance(serving)
        .map(instance ->
            switch (instance.state()) {
              case HEALTHY, STARTING -> "";
              case UNHEALTHY -> "unhealthy: " + instance.reason();
              case BACKING_OFF -> "it ended and is started again";
              case FAILED, STOPPED -> "down: " + instance.reason();
            })
        .orElse(target.isPresent() ? "no process runs" : "");
  }

  /// The end of what the process printed; empty where there is nothing.
  String log(Deployment deployment) {
    var instance = deployment.instanceId();
    return instance == null ? "" : target.map(machine -> machine.logTail(instance)).orElse("");
  }
}
