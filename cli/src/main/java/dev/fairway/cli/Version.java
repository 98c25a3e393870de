package dev.fairway.cli;

import dev.fairway.api.Build;
import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote down.
final class Version implements IVersionProvider {
  static String text() {
    return Build.version();
  }

  /// What `fairway --version` prints.
  static String line() {
    return "fairway " + text();
  }

  @Override
  public String[] getVersion() {
    return new String[] {line()};
  }
}
