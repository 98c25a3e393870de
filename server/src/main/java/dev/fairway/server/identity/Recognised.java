package dev.fairway.server.identity;

import dev.fairway.server.http.Caller;

/// Whose token it is.
///
/// @param stale whether it is time to write down that it is used
record Recognised(Caller caller, boolean stale) {}
