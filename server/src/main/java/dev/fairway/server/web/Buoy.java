package dev.fairway.server.web;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A station of a change on its way to production.
///
/// @param label such as `Run #218`
/// @param mark OFF where the change has not come here yet
/// @param detail the state in words, or what it waits for: `1 of 2 approvals`
/// @param since since when it is so; null where there is nothing to say
/// @param href the page of the station; null where there is none yet
public record Buoy(
    String label, StateMark mark, String detail, @Nullable Instant since, @Nullable String href) {
  /// A station that the change has not reached.
  public static Buoy ahead(String label, String detail) {
    return new Buoy(label, StateMark.OFF, detail, null, null);
  }
}
