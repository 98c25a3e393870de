package dev.fairway.server.source;

import dev.fairway.server.web.Ribbon;
import gg.jte.Content;
import java.util.List;

/// What a project's page shows.
///
/// @param cloneUrl for git, with the caller's name in it
/// @param ribbon of the newest commit on the default branch
/// @param main panels of the wide column, below the changes
/// @param side panels of the narrow column
public record ProjectView(
    Project project,
    String cloneUrl,
    Ribbon ribbon,
    List<ChangeRow> changes,
    List<Content> main,
    List<Content> side) {
  public ProjectView {
    changes = List.copyOf(changes);
    main = List.copyOf(main);
    side = List.copyOf(side);
  }
}
