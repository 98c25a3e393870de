package dev.fairway.server.source;

import dev.fairway.server.http.Exchange;
import gg.jte.Content;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// A later stage's part of a project's page: its runs, releases, environments.
///
/// @param place the column that it stands in; within it, panels stand as they were added
public record ProjectPanel(Place place, Renderer renderer) {
  /// The columns of the page.
  public enum Place {
    /// The wide one, for lists.
    MAIN,
    /// The narrow one, for facts.
    SIDE
  }

  /// Makes the panel for one request, such as by `web.part(…)`; empty where there is nothing to
  /// show or the caller may not see it.
  @FunctionalInterface
  public interface Renderer {
    Optional<Content> render(Handle tx, Exchange exchange, Project project);
  }
}
