package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// People, agents and their tokens, for the other features, for setting up, and for tests.
///
/// Each method that changes something takes the name of who does it, and records it in the same
/// transaction.
public final class Identity {
  private final Database database;
  private final Users users;
  private final Passwords passwords;
  private final Sessions sessions;
  private final ApiTokens apiTokens;
  private final Agents agents;
  private final OneTimeLinks links;
  private final SignIn signIn;
  private final Statements statements;

  Identity(
      Database database,
      Users users,
      Passwords passwords,
      Sessions sessions,
      ApiTokens apiTokens,
      Agents agents,
      OneTimeLinks links,
      SignIn signIn,
      Statements statements) {
    this.database = database;
    this.users = users;
    this.passwords = passwords;
    this.sessions = sessions;
    this.apiTokens = apiTokens;
    this.agents = agents;
    this.links = links;
    this.signIn = signIn;
    this.statements = statements;
  }

  // Who is there

  public Optional<User> user(Handle tx, UUID id) {
    return users.find(tx, id);
  }

  public Optional<User> userNamed(Handle tx, String name) {
    return users.named(tx, name);
  }

  /// What the person of that name may do now; nothing where nobody active has the name.
  public static Set<Permission> permissionsOf(Handle tx, String name) {
    return Users.rolesOf(tx, name).map(Permission::of).orElse(Set.of());
  }

  /// The person whose commits carry that address, in whatever case.
  public Optional<User> userWithEmail(Handle tx, String email) {
    return users.withEmail(tx, email);
  }

  User requireUser(Handle tx, UUID id) {
    return users.require(tx, id);
  }

  /// Everybody, those who left last.
  public List<User> users(Handle tx) {
    return users.all(tx);
  }

  /// Everybody active who has the role.
  public List<User> usersWith(Handle tx, Role role) {
    return users.all(tx).stream().filter(user -> user.active() && user.has(role)).toList();
  }

  // Who comes and goes

  /// Adds a person who has a password already.
  public User createUser(Handle tx, NewUser newUser, String password, String actor) {
    return users.create(tx, newUser, passwords.hash(newUser.name(), password), actor);
  }

  /// Adds a person who sets a password with an invitation ([#invite]).
  public User createUser(Handle tx, NewUser newUser, String actor) {
    return users.create(tx, newUser, null, actor);
  }

  /// Makes a link's secret, for `/invite?token=…`, by which the person sets a (new) password.
  public String invite(Handle tx, UUID userId, String actor) {
    var user = users.require(tx, userId);
    if (!user.active()) {
      throw new FairwayException(
          ErrorCode.CONFLICT, user.name() + " is deactivated", "Activate the account first.");
    }
    statements.tokenChanged(
        tx, "invitation", "created", user.id(), user.name(), user.name(), Map.of(), actor);
    return links.invitation(tx, userId);
  }

  public User setRoles(Handle tx, UUID userId, Set<Role> roles, String actor) {
    return users.setRoles(tx, userId, roles, actor);
  }

  /// Closes every way in: sessions end, tokens and invitations are revoked. Reactivation opens none
  /// of them again.
  public User deactivate(Handle tx, UUID userId, String actor) {
    var user = users.setActive(tx, userId, false, actor);
    sessions.endAll(tx, userId);
    links.endOf(tx, userId);
    apiTokens.revokeAll(tx, user, actor);
    return user;
  }

  public User activate(Handle tx, UUID userId, String actor) {
    return users.setActive(tx, userId, true, actor);
  }

  // Sessions and tokens

  List<Sessions.Session> sessions(Handle tx, UUID userId) {
    return sessions.of(tx, users.require(tx, userId).id());
  }

  /// Ends one session of a person: the browser there has to sign in again.
  void endSession(Handle tx, UUID userId, UUID sessionId, String actor) {
    var user = users.require(tx, userId);
    sessions.end(tx, userId, sessionId);
    statements.tokenChanged(
        tx, "session", "revoked", sessionId, user.name(), user.name(), Map.of(), actor);
  }

  /// @param scopes what it may do, as far as its owner may
  /// @param expiresAt within a year
  public IssuedToken createToken(
      Handle tx,
      UUID userId,
      String name,
      Set<Permission> scopes,
      Instant expiresAt,
      String actor) {
    return apiTokens.create(tx, users.require(tx, userId), name, scopes, expiresAt, actor);
  }

  public void revokeToken(Handle tx, UUID userId, UUID tokenId, String actor) {
    apiTokens.revoke(tx, users.require(tx, userId), tokenId, actor);
  }

  /// Adds a machine that runs jobs.
  public IssuedToken createAgent(Handle tx, String name, String actor) {
    return agents.create(tx, name, actor);
  }

  public void revokeAgent(Handle tx, UUID agentId, String actor) {
    agents.revoke(tx, agentId, actor);
  }

  // Passwords

  /// Asks a person for the password once more, before something that protects production. Call it
  /// outside of a transaction: it takes its time, and counts against the same limits as a sign-in.
  public void confirmPassword(Caller caller, String password, String address) {
    var user = database.read(tx -> users.require(tx, caller.knownId()));
    signIn.confirm(user, password, address);
  }

  /// Sets a new password and ends every session of the person.
  void changePassword(User user, String current, String next, String address) {
    signIn.confirm(user, current, address);
    var hash = passwords.hash(user.name(), next);
    database.run(tx -> {
      users.setPassword(tx, user.id(), hash);
      sessions.endAll(tx, user.id());
      recordPassword(tx, user, user.name());
    });
  }

  private void recordPassword(Handle tx, User user, String actor) {
    statements.tokenChanged(
        tx, "password", "changed", user.id(), user.name(), user.name(), Map.of(), actor);
  }

  // The first start, and invitations

  /// The secret of a new setup link, for `/setup?token=…`, while nobody can administrate; empty
  /// otherwise.
  public Optional<String> setupSecret(Handle tx) {
    Users.lockAdministrators(tx);
    return users.hasAdministrator(tx) ? Optional.empty() : Optional.of(links.setup(tx));
  }

  void setUp(String secret, NewUser administrator, String password) {
    database.run(tx -> links.requireSetup(tx, secret));
    var hash = passwords.hash(administrator.name(), password);
    database.run(tx -> {
      Users.lockAdministrators(tx);
      links.requireSetup(tx, secret);
      links.use(tx, secret);
      if (users.hasAdministrator(tx)) {
        throw new FairwayException(
            ErrorCode.CONFLICT, "There is an administrator already", "Sign in.");
      }
      users.create(tx, administrator, hash, administrator.name());
    });
  }

  void requireSetup(Handle tx, String secret) {
    links.requireSetup(tx, secret);
  }

  User invited(Handle tx, String secret) {
    return users.require(tx, links.requireInvitation(tx, secret));
  }

  User acceptInvitation(String secret, String password) {
    var user = database.read(tx -> invited(tx, secret));
    var hash = passwords.hash(user.name(), password);
    return database.transaction(tx -> {
      links.requireInvitation(tx, secret);
      links.use(tx, secret);
      users.setPassword(tx, user.id(), hash);
      sessions.endAll(tx, user.id());
      recordPassword(tx, user, user.name());
      return user;
    });
  }
}
