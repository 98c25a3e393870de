package dev.fairway.server.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.time.Instant;
import java.util.Optional;

/// The time of which a pack tells, half-open; without an end of either side, as far as the log
/// goes.
///
/// It is cut where the log has checkpoints: an entry belongs to the period in which the log
/// committed to it. Two periods that meet in time so leave nothing out between them.
record Period(
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Instant> since,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Instant> until) {
  static final Period ALWAYS = new Period(Optional.empty(), Optional.empty());

  Period {
    if (since.isPresent() && until.isPresent() && !since.get().isBefore(until.get())) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The period ends before it begins: " + since.get() + " to " + until.get(),
          "Give since and until as instants, such as 2026-10-01T00:00:00Z.");
    }
  }
}
