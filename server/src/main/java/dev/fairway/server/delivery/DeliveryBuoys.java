package dev.fairway.server.delivery;

import dev.fairway.server.web.Buoy;
import dev.fairway.server.web.BuoySource;
import dev.fairway.server.web.ChangeReference;
import dev.fairway.server.web.StateMark;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// The last stations of a change: its release, and each environment on the path.
final class DeliveryBuoys implements BuoySource {
  @Override
  public List<Buoy> buoys(Handle tx, ChangeReference change) {
    var records = ReleaseStore.ofCommit(tx, change.projectId(), change.commitSha());
    var environments = EnvironmentStore.all(tx);
    var buoys = new ArrayList<Buoy>();
    if (records.isEmpty()) {
      buoys.add(Buoy.ahead("Release", "not made"));
      environments.forEach(environment -> buoys.add(Buoy.ahead(title(environment), "")));
      return buoys;
    }
    switch (records.getFirst()) {
      case FailedRelease failed -> {
        buoys.add(new Buoy("Release", StateMark.BAD, "failed", failed.createdAt(), failed.path()));
        environments.forEach(environment -> buoys.add(Buoy.ahead(title(environment), "")));
      }
      case Release release -> {
        buoys.add(
            new Buoy(
                "Release " + release.version(),
                StateMark.OK,
                "published",
                release.createdAt(),
                release.path()));
        var deployments = DeploymentStore.ofRelease(tx, release.id());
        environments.forEach(environment -> buoys.add(buoy(tx, environment, deployments)));
      }
    }
    return buoys;
  }

  private static Buoy buoy(Handle tx, Environment environment, List<Deployment> deployments) {
    return deployments.stream()
        .filter(deployment -> deployment.environment().equals(environment.name()))
        .findFirst()
        .map(deployment ->
            new Buoy(
                title(environment),
                DeliveryViews.mark(deployment.state()),
                detail(tx, environment, deployment),
                deployment.changedAt(),
                deployment.path()))
        .orElseGet(() -> Buoy.ahead(title(environment), ""));
  }

  private static String detail(Handle tx, Environment environment, Deployment deployment) {
    if (deployment.state() != DeploymentState.WAITING_APPROVAL) {
      return DeliveryViews.words(deployment.state());
    }
    var required = environment.definition().approvals().count();
    var given = Approval.of(tx, deployment.id()).stream().filter(Approval::approved).count();
    return "%d of %d %s".formatted(given, required, required == 1 ? "approval" : "approvals");
  }

  /// `Production` for `production`.
  private static String title(Environment environment) {
    var name = environment.name();
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
