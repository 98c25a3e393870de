package dev.fairway.server.evidence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who deleted the payload of an entry, when and why.
///
/// @param index the entry that says so; null for the moment until it has its place
public record Erased(@Nullable Long index, String actor, Instant at, String reason) {}
