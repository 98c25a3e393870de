package dev.fairway.server.delivery.target;

import java.io.IOException;
import java.io.InputStream;

/// One artifact of a release: a zip in the blob store.
///
/// @param name of the artifact
/// @param sha256 its digest in lower-case hex
/// @param content opens it anew each time
public record ArtifactZip(String name, String sha256, Content content) {
  /// Opens the bytes of an artifact.
  @FunctionalInterface
  public interface Content {
    InputStream open() throws IOException;
  }
}
