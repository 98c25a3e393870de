package dev.fairway.server.evidence;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;

/// Asks a person for the password once more before something that cannot be undone.
@FunctionalInterface
public interface SignInAgain {
  /// @param address the network address of the peer, for the limit on attempts
  /// @throws dev.fairway.api.FairwayException where it is not the person's password
  void confirm(Caller caller, String password, String address);

  /// Asks where the caller came by a browser's session, which may have been left open. A token has
  /// a scope and an expiry instead.
  default void confirm(Exchange exchange, String password) {
    if (exchange.caller().csrf() != null) {
      confirm(exchange.caller(), password, exchange.address());
    }
  }
}
