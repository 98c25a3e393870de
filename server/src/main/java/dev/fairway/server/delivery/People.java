package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.identity.Identity;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Who decides, as identity knows them now: roles that were taken away do not count any more.
final class People {
  private final Identity identity;

  People(Identity identity) {
    this.identity = identity;
  }

  /// The person who asks; empty where it is none, or one who left.
  Optional<Person> person(Handle tx, Caller caller) {
    if (caller.kind() != Caller.Kind.PERSON) {
      return Optional.empty();
    }
    return person(tx, caller.knownId());
  }

  /// The person with that account; empty where there is none, or one who left.
  Optional<Person> person(Handle tx, UUID id) {
    return identity
        .user(tx, id)
        .filter(user -> user.active())
        .map(user ->
            new Person(user.id(), user.name(), user.fullName(), user.email(), user.roles()));
  }

  /// The person who asks; refused where it is none.
  Person demand(Database database, Exchange exchange) {
    return database
        .read(tx -> person(tx, exchange.caller()))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.FORBIDDEN, "Approvals are given by people", "Sign in as one."));
  }

  /// Asks for the password again where somebody decides in a browser: the session may have been
  /// left open. A token has a scope and an expiry instead.
  void confirm(Exchange exchange, String password) {
    var caller = exchange.caller();
    if (caller.csrf() != null) {
      identity.confirmPassword(caller, password, exchange.address());
    }
  }
}
