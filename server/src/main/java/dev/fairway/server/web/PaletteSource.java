package dev.fairway.server.web;

import dev.fairway.server.http.Caller;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// What of a feature Ctrl K finds.
@FunctionalInterface
public interface PaletteSource {
  /// At most that many entries that match the query and that the caller may see, best first. An
  /// empty query asks for the most recent.
  List<PaletteEntry> find(Handle tx, Caller caller, String query, int limit);

  /// @param kind such as `run`, one word
  /// @param label what to find it by, such as `payments #218`
  /// @param detail one more fact, such as its title; may be empty
  record PaletteEntry(String kind, String label, String detail, String href) {}
}
