package dev.fairway.server.delivery.target;

import java.util.UUID;

/// The order to run one release of a service in an environment.
///
/// @param id of the instance; the same order twice starts one process
/// @param environment such as `production`
/// @param service such as `shop`
/// @param release the version, for people
/// @param releaseDigest of an unpacked release, see [UnpackedRelease]
public record StartOrder(
    UUID id,
    String environment,
    String service,
    String release,
    String releaseDigest,
    RunSpec run,
    HealthCheck health) {
  /// The name of the route that its traffic follows.
  public String route() {
    return LocalTarget.route(environment, service);
  }
}
