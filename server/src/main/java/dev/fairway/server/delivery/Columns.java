package dev.fairway.server.delivery;

import dev.fairway.api.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads columns as the types that our records have.
final class Columns {
  private Columns() {}

  static UUID id(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  static @Nullable UUID idOrNull(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }

  static <T> T json(ResultSet row, String column, Class<T> type) throws SQLException {
    return Json.MAPPER.readValue(row.getString(column), type);
  }

  static <T> @Nullable T jsonOrNull(ResultSet row, String column, Class<T> type)
      throws SQLException {
    @Nullable String text = row.getString(column);
    return text == null ? null : Json.MAPPER.readValue(text, type);
  }

  static <N extends Number> @Nullable N number(ResultSet row, String column, Class<N> type)
      throws SQLException {
    return row.getObject(column, type);
  }

  /// A value as the JSON text of a column; null for null.
  static @Nullable String text(@Nullable Object value) {
    return value == null ? null : Json.MAPPER.writeValueAsString(value);
  }
}
