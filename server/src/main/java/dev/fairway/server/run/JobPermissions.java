package dev.fairway.server.run;

import dev.fairway.api.Json;
import dev.fairway.server.http.Permission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the `permissions` of a job let its token do here, within its own project.
///
/// | scope | read | write |
/// | --- | --- | --- |
/// | `contents` | see the project and fetch its source | push |
/// | `actions` | see runs, logs, tests and artifacts | start, cancel and re-run |
///
/// The other scopes of the language are about things that no job reaches here by its token: they
/// grant nothing.
final class JobPermissions {
  private static final String WRITE = "write";

  private JobPermissions() {}

  /// @param json levels by scope; null for a job about which nobody decided, which may read
  static Set<Permission> granted(@Nullable String json) {
    var granted = EnumSet.noneOf(Permission.class);
    if (json == null) {
      granted.add(Permission.SOURCE_READ);
      return granted;
    }
    var levels = Json.MAPPER.readTree(json);
    var contents = levels.path("contents").asString("");
    var actions = levels.path("actions").asString("");
    if (!contents.isEmpty()) {
      granted.add(Permission.SOURCE_READ);
      granted.add(Permission.PROJECT_READ);
    }
    if (contents.equals(WRITE)) {
      granted.add(Permission.SOURCE_WRITE);
    }
    if (!actions.isEmpty()) {
      granted.add(Permission.RUN_READ);
    }
    if (actions.equals(WRITE)) {
      granted.add(Permission.RUN_WRITE);
    }
    return granted;
  }
}
