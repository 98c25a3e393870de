package dev.fairway.server.http;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Who asks.
///
/// @param id the user's, agent's or job's id; null for nobody
/// @param name the name to show and to put in evidence; empty for nobody
/// @param roles of a person; empty for an agent
/// @param permissions what the roles grant, narrowed by the scopes of a token
/// @param csrf the value that a browser's session must send with every change; null where the
///   caller did not come by a browser's session, and needs none
/// @param project the only one that the caller reaches, as a job its own; null where there is no
///   such bound
public record Caller(
    Kind kind,
    @Nullable UUID id,
    String name,
    Set<Role> roles,
    Set<Permission> permissions,
    @Nullable String csrf,
    @Nullable Place project) {

  /// The one project that a caller may reach.
  public record Place(UUID id, String name) {}

  /// Somebody who is not confined to a project.
  public Caller(
      Kind kind,
      @Nullable UUID id,
      String name,
      Set<Role> roles,
      Set<Permission> permissions,
      @Nullable String csrf) {
    this(kind, id, name, roles, permissions, csrf, null);
  }

  /// How a caller came in.
  public enum Kind {
    NOBODY,
    PERSON,
    AGENT,
    /// A running job, with the token of its lease.
    JOB;

    /// The word that the API uses.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static final Caller NOBODY =
      new Caller(Kind.NOBODY, null, "", Set.of(), Set.of(Permission.ANYONE), null);

  public Caller {
    roles = Set.copyOf(roles);
    permissions = Set.copyOf(permissions);
  }

  public boolean may(Permission permission) {
    return permissions.contains(permission);
  }

  /// The id of a caller that is known to be somebody.
  public UUID knownId() {
    if (id == null) {
      throw new IllegalStateException("nobody has no id");
    }
    return id;
  }
}
