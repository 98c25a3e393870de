package dev.fairway.server.delivery.target;

/// The account under which services run if the server runs as root.
public record ServiceUser(int uid, int gid) {
  /// Debian's `nobody`.
  public static final ServiceUser NOBODY = new ServiceUser(65_534, 65_534);
}
