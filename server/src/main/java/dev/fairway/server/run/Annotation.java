package dev.fairway.server.run;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the author of a change should look at.
///
/// @param jobId null for a finding about the workflow file itself
/// @param step the step that said so; -1 for none
/// @param level `error`, `warning` or `notice`
/// @param line in the file, from 1; 0 where none was named
public record Annotation(
    @Nullable UUID jobId,
    int step,
    String level,
    String message,
    @Nullable String file,
    int line,
    int column) {

  /// `file:line:column`, as far as it is known; empty without a file.
  public String place() {
    if (file == null) {
      return "";
    }
    return file + (line > 0 ? ":" + line : "") + (line > 0 && column > 0 ? ":" + column : "");
  }

  static Annotation map(ResultSet row) throws SQLException {
    return new Annotation(
        row.getObject("job_id", UUID.class),
        row.getInt("step"),
        row.getString("level"),
        row.getString("message"),
        row.getString("file"),
        row.getInt("line"),
        row.getInt("col"));
  }
}
