package dev.fairway.server.source;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// A running job as a caller: it reaches its own project and nothing else.
public final class JobCaller {
  private JobCaller() {}

  /// The caller with the token of a job.
  ///
  /// @param actor the name of who caused the run: what the job does, that person is known for
  /// @param granted what the job's permissions let it do
  public static Caller of(UUID job, Caller.Place project, String actor, Set<Permission> granted) {
    var permissions = new HashSet<>(granted);
    permissions.add(Permission.ANYONE);
    return new Caller(Caller.Kind.JOB, job, actor, Set.of(), permissions, null, project);
  }

  /// The caller for the services that a job of that project has.
  public static Caller ofServices(UUID job, Caller.Place project, String actor) {
    return of(job, project, actor, Set.of(Permission.JOB_SERVICES));
  }

  /// The project whose job calls; empty where the caller is no job.
  public static Optional<UUID> project(Caller caller) {
    return Optional.ofNullable(caller.project()).map(Caller.Place::id);
  }
}
