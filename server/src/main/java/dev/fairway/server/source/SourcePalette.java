package dev.fairway.server.source;

import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.web.PaletteSource;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/// Finds projects by a part of their name, and commits by what their title says or their id begins
/// with.
final class SourcePalette implements PaletteSource {
  @Override
  public List<PaletteEntry> find(Handle tx, Caller caller, String query, int limit) {
    if (!caller.may(Permission.PROJECT_READ)) {
      return List.of();
    }
    return Stream.concat(projects(tx, query, limit), commits(tx, query, limit))
        .limit(limit)
        .toList();
  }

  private static Stream<PaletteEntry> projects(Handle tx, String query, int limit) {
    return tx
        .createQuery(
            """
            SELECT name, description FROM project
            WHERE position(lower(:query) IN name) > 0 OR :query = ''
            ORDER BY position(lower(:query) IN name), name LIMIT :limit
            """)
        .bind("query", query)
        .bind("limit", limit)
        .map((row, _) ->
            new PaletteEntry(
                "project",
                row.getString("name"),
                row.getString("description"),
                "/projects/" + row.getString("name")))
        .stream();
  }

  private static Stream<PaletteEntry> commits(Handle tx, String query, int limit) {
    return tx
        .createQuery(
            """
            SELECT p.name, c.sha, split_part(c.message, E'\\n', 1) AS title
            FROM commit_record c JOIN project p ON p.id = c.project_id
            WHERE :query = '' OR starts_with(c.sha, lower(:query))
               OR position(lower(:query) IN lower(split_part(c.message, E'\\n', 1))) > 0
            ORDER BY c.first_pushed_at DESC LIMIT :limit
            """)
        .bind("query", query)
        .bind("limit", limit)
        .map((row, _) ->
            new PaletteEntry(
                "commit",
                row.getString("title"),
                row.getString("name") + " " + row.getString("sha").substring(0, 7),
                SourcePages.commitPath(row.getString("name"), row.getString("sha"))))
        .stream();
  }
}
