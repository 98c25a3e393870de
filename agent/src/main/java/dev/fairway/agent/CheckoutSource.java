package dev.fairway.agent;

import java.nio.file.Path;

/// Where `actions/checkout` takes the repository from.
public sealed interface CheckoutSource {
  /// A repository over HTTP; `password` is the job's token.
  record Remote(String url, String user, String password) implements CheckoutSource {
    @Override
    public String toString() {
      return url;
    }
  }

  /// A working folder on this machine, with its changes that are not committed.
  record Folder(Path path) implements CheckoutSource {}

  /// A folder that is taken as it is, such as a [WorkingCopy].
  record Prepared(Path path) implements CheckoutSource {}
}
