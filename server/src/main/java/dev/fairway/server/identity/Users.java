package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import dev.fairway.server.http.Role;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/// The table of people.
final class Users {
  /// Serialises what could leave the installation without an administrator.
  private static final long ADMINISTRATORS_LOCK = 0x6661_6972_0001L;

  private final InstantSource clock;
  private final Statements statements;

  Users(InstantSource clock, Statements statements) {
    this.clock = clock;
    this.statements = statements;
  }

  User create(Handle tx, NewUser newUser, @Nullable String passwordHash, String actor) {
    var id = Ids.next();
    try {
      tx.createUpdate(
              """
              INSERT INTO app_user (id, name, full_name, email, roles, password_hash, created_at)
              VALUES (:id, :name, :fullName, :email, :roles, :hash, :at)
              """)
          .bind("id", id)
          .bind("name", newUser.name())
          .bind("fullName", newUser.fullName())
          .bind("email", newUser.email())
          .bindArray("roles", String.class, words(newUser.roles()))
          .bind("hash", passwordHash)
          .bind("at", clock.instant())
          .execute();
    } catch (UnableToExecuteStatementException e) {
      throw taken(newUser, e);
    }
    var user = require(tx, id);
    var nobody = new User(id, user.name(), "", "", Set.of(), false, false, user.createdAt());
    statements.userChanged(tx, "created", nobody, user, actor);
    return user;
  }

  private static RuntimeException taken(NewUser user, UnableToExecuteStatementException e) {
    var message = String.valueOf(e.getMessage());
    if (!message.contains("app_user_name_key") && !message.contains("app_user_email")) {
      return e;
    }
    return new FairwayException(
        ErrorCode.CONFLICT,
        "There is already a user with the name " + user.name() + " or the address " + user.email(),
        "Choose another, or activate the one that is there.",
        e);
  }

  List<User> all(Handle tx) {
    return tx.createQuery("SELECT * FROM app_user ORDER BY active DESC, name")
        .map(User::map)
        .list();
  }

  Optional<User> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM app_user WHERE id = :id")
        .bind("id", id)
        .map(User::map)
        .findOne();
  }

  /// The roles of the active person of that name.
  static Optional<Set<Role>> rolesOf(Handle tx, String name) {
    return tx.createQuery("SELECT * FROM app_user WHERE name = :name AND active")
        .bind("name", name)
        .map((row, _) -> User.roles(row))
        .findOne();
  }

  Optional<User> named(Handle tx, String name) {
    return tx.createQuery("SELECT * FROM app_user WHERE name = :name")
        .bind("name", name)
        .map(User::map)
        .findOne();
  }

  Optional<User> withEmail(Handle tx, String email) {
    return tx.createQuery("SELECT * FROM app_user WHERE lower(email) = :email")
        .bind("email", email.toLowerCase(Locale.ROOT))
        .map(User::map)
        .findOne();
  }

  User require(Handle tx, UUID id) {
    return find(tx, id)
        .orElseThrow(() -> new FairwayException(ErrorCode.NOT_FOUND, "There is no user " + id, ""));
  }

  Optional<String> passwordHash(Handle tx, UUID id) {
    return tx.createQuery("SELECT password_hash FROM app_user WHERE id = :id AND active")
        .bind("id", id)
        .mapTo(String.class)
        .findOne();
  }

  void setPassword(Handle tx, UUID id, String hash) {
    tx.createUpdate("UPDATE app_user SET password_hash = :hash WHERE id = :id")
        .bind("hash", hash)
        .bind("id", id)
        .execute();
  }

  User setRoles(Handle tx, UUID id, Set<Role> roles, String actor) {
    lockAdministrators(tx);
    var before = require(tx, id);
    if (before.roles().equals(roles)) {
      return before;
    }
    tx.createUpdate("UPDATE app_user SET roles = :roles WHERE id = :id")
        .bindArray("roles", String.class, words(roles))
        .bind("id", id)
        .execute();
    requireAdministrator(tx);
    var after = require(tx, id);
    statements.userChanged(tx, "roles", before, after, actor);
    return after;
  }

  User setActive(Handle tx, UUID id, boolean active, String actor) {
    lockAdministrators(tx);
    var before = require(tx, id);
    if (before.active() == active) {
      return before;
    }
    tx.createUpdate("UPDATE app_user SET active = :active WHERE id = :id")
        .bind("active", active)
        .bind("id", id)
        .execute();
    requireAdministrator(tx);
    var after = require(tx, id);
    statements.userChanged(tx, active ? "activated" : "deactivated", before, after, actor);
    return after;
  }

  /// Whether somebody can decide who may do what.
  boolean hasAdministrator(Handle tx) {
    return tx.createQuery(
            """
            SELECT EXISTS (
              SELECT 1 FROM app_user
              WHERE active AND password_hash IS NOT NULL AND 'administrator' = ANY (roles))
            """)
        .mapTo(Boolean.class)
        .one();
  }

  static void lockAdministrators(Handle tx) {
    tx.createQuery("SELECT pg_advisory_xact_lock(:key)::text")
        .bind("key", ADMINISTRATORS_LOCK)
        .mapTo(String.class)
        .one();
  }

  private void requireAdministrator(Handle tx) {
    if (!hasAdministrator(tx)) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "Nobody would be left who can administrate this installation",
          "Make somebody else an administrator first.");
    }
  }

  private static List<String> words(Set<Role> roles) {
    return roles.stream().map(Role::word).sorted().toList();
  }
}
