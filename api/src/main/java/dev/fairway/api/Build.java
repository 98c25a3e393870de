package dev.fairway.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/// What the build wrote down about itself.
public final class Build {
  private Build() {}

  /// The version of Fairway that runs here, such as `0.1.0`.
  public static String version() {
    var properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
