package dev.fairway.proxy;

/// How one request ended.
sealed interface Ending {
  /// The service answered, and the client has the whole answer.
  record Answered(int status) implements Ending {}

  /// The service switched protocols, and the tunnel has closed.
  record Tunnelled() implements Ending {}

  /// Nothing was sent: the service did not accept a connection.
  record NotConnected() implements Ending {}

  /// The service was silent for too long.
  record TimedOut() implements Ending {}

  /// The service closed the connection before the end of its answer, or answered no HTTP.
  record BrokenOff() implements Ending {}

  /// The client went away, or sent a broken request body.
  record Abandoned() implements Ending {}
}
