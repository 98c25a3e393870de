package dev.fairway.server.db;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/// Where a PostgreSQL is and who may use it.
///
/// @param jdbc the JDBC URL without credentials
public record DatabaseUrl(String jdbc, String user, String password) {

  /// Reads `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS`, the form that libpq uses.
  public static DatabaseUrl parse(String text) {
    try {
      var uri = new URI(text);
      var scheme = uri.getScheme();
      if (uri.getHost() == null
          || uri.getPath() == null
          || uri.getPath().length() < 2
          || !("postgresql".equals(scheme) || "postgres".equals(scheme))) {
        throw refusal();
      }
      var credentials = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
      var colon = credentials.indexOf(':');
      var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      var port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      return new DatabaseUrl(
          "jdbc:postgresql://" + uri.getHost() + port + uri.getRawPath() + query,
          decode(colon < 0 ? credentials : credentials.substring(0, colon)),
          colon < 0 ? "" : decode(credentials.substring(colon + 1)));
    } catch (URISyntaxException e) {
      throw refusal();
    }
  }

  /// The password stays out of every log.
  @Override
  public String toString() {
    return jdbc + " as " + user;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static FairwayException refusal() {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        "The database URL cannot be read",
        "Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE.");
  }
}
