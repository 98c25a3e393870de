package dev.fairway.server.source;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// How a running job names its project when it fetches: a job reads the source of its own project
/// and nothing else.
public final class JobCaller {
  private static final String PREFIX = "job:";

  private JobCaller() {}

  /// The caller for a job of that project.
  public static Caller of(UUID job, UUID project) {
    return new Caller(
        Caller.Kind.JOB,
        job,
        PREFIX + project,
        Set.of(),
        Set.of(Permission.ANYONE, Permission.SOURCE_READ),
        null);
  }

  /// The caller for the services that a job of that project has.
  public static Caller ofServices(UUID job, UUID project) {
    return new Caller(
        Caller.Kind.JOB,
        job,
        PREFIX + project,
        Set.of(),
        Set.of(Permission.ANYONE, Permission.JOB_SERVICES),
        null);
  }

  /// The project whose job calls; empty where the caller is no job.
  public static Optional<UUID> project(Caller caller) {
    return caller.kind() == Caller.Kind.JOB && caller.name().startsWith(PREFIX)
        ? Optional.of(UUID.fromString(caller.name().substring(PREFIX.length())))
        : Optional.empty();
  }
}
