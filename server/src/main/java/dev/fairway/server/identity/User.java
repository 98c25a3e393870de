package dev.fairway.server.identity;

import dev.fairway.server.http.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.StatementContext;

/// A person.
///
/// @param name to sign in with, and in evidence; lower case, for ever
/// @param fullName as printed on approvals
/// @param email by which commits are matched to their author; unique, in whatever case
/// @param joined whether the person has set a password yet
/// @param active false after leaving: every way in is closed, the name stays in the evidence
public record User(
    UUID id,
    String name,
    String fullName,
    String email,
    Set<Role> roles,
    boolean joined,
    boolean active,
    Instant createdAt) {
  public User {
    roles = Set.copyOf(roles);
  }

  public boolean has(Role role) {
    return roles.contains(role);
  }

  /// The words of the roles, in the order of [Role].
  public List<String> roleWords() {
    return Arrays.stream(Role.values()).filter(roles::contains).map(Role::word).toList();
  }

  /// A row of `app_user`; its password's hash stays behind.
  static User map(ResultSet row, StatementContext context) throws SQLException {
    return new User(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getString("full_name"),
        row.getString("email"),
        roles(row),
        row.getString("password_hash") != null,
        row.getBoolean("active"),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  static Set<Role> roles(ResultSet row) throws SQLException {
    return Arrays.stream((String[]) row.getArray("roles").getArray())
        .map(Role::ofWord)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class)));
  }
}
