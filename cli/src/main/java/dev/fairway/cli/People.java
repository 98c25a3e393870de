package dev.fairway.cli;

import dev.fairway.server.FairwayServer;
import dev.fairway.server.http.Permission;
import dev.fairway.server.identity.NewUser;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;

/// People of an installation that nobody sets up by hand.
final class People {
  private static final Duration TOKEN_LIFE = Duration.ofDays(1);

  private People() {}

  /// Adds somebody.
  ///
  /// @param by who does that, as the evidence has it
  /// @return a token of theirs that may do whatever they may
  static String add(FairwayServer server, NewUser person, String password, String by) {
    var identity = server.identity();
    var scopes = EnumSet.copyOf(Permission.of(person.roles()));
    scopes.remove(Permission.ANYONE);
    return server
        .database()
        .transaction(tx -> {
          var user = identity.createUser(tx, person, password, by);
          var until = Instant.now().plus(TOKEN_LIFE);
          return identity.createToken(tx, user.id(), by, scopes, until, by).secret();
        });
  }
}
