package dev.fairway.server.http;

/// Finds out who asks, from what the request carries; [Caller#NOBODY] where it carries nothing.
///
/// Refuses with [dev.fairway.api.ErrorCode#UNAUTHENTICATED] what it carries and is not valid, so
/// that a mistyped token is an error and not a visit by nobody.
public interface Authenticator {
  Caller authenticate(Exchange exchange);
}
