package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks names and passwords, slowly enough for who guesses them.
final class SignIn {
  /// The session that was made, by the secret of its cookie.
  record SignedIn(User user, String secret) {
    @Override
    public String toString() {
      return "SignedIn[user=" + user.name() + "]";
    }
  }

  private record Account(User user, @Nullable String hash) {}

  private final Database database;
  private final Users users;
  private final Passwords passwords;
  private final Sessions sessions;
  private final AttemptLimit limit;
  private final Statements statements;

  SignIn(
      Database database,
      Users users,
      Passwords passwords,
      Sessions sessions,
      AttemptLimit limit,
      Statements statements) {
    this.database = database;
    this.users = users;
    this.passwords = passwords;
    this.sessions = sessions;
    this.limit = limit;
    this.statements = statements;
  }

  SignedIn signIn(String typedName, String password, String address, String browser) {
    var name = typedName.strip().toLowerCase(Locale.ROOT);
    var user =
        check(name, password, address)
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.UNAUTHENTICATED, "The name or the password is not right", ""));
    return database.transaction(tx -> {
      limit.succeeded(tx, name);
      statements.signedIn(tx, user, address);
      return new SignedIn(user, sessions.create(tx, user.id(), address, browser));
    });
  }

  /// Asks a person who is signed in for the password once more; refuses a wrong one.
  void confirm(User user, String password, String address) {
    if (check(user.name(), password, address).isEmpty()) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          "The password is not right",
          "Type the password with which you sign in.");
    }
    database.run(tx -> limit.succeeded(tx, user.name()));
  }

  private Optional<User> check(String name, String password, String address) {
    database.run(tx -> limit.begin(tx, name, address));
    var account =
        database.read(tx ->
            users
                .named(tx, name)
                .map(user -> new Account(user, users.passwordHash(tx, user.id()).orElse(null)))
                .orElse(null));
    // Hashing takes its time outside of any transaction, and the same for a name that is nobody's.
    var right = passwords.matches(password, account == null ? null : account.hash());
    if (account != null && right) {
      return Optional.of(account.user());
    }
    database.run(tx ->
        statements.signInFailed(
            tx,
            account == null ? null : account.user(),
            account == null ? "unknown name" : account.user().active() ? "password" : "deactivated",
            address));
    return Optional.empty();
  }
}
