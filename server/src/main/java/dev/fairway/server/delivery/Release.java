package dev.fairway.server.delivery;

import dev.fairway.api.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/// An immutable set of artifacts from one successful run of one commit, with a version.
///
/// @param digest SHA-256 of the [Manifest], in lower-case hexadecimal: the identity of all that the
///   release consists of
/// @param definition the commit's `service.yml`
public record Release(
    UUID id,
    UUID projectId,
    String project,
    String version,
    UUID runId,
    long runNumber,
    String commit,
    String digest,
    List<Artifact> artifacts,
    ServiceDefinition definition,
    Instant createdAt)
    implements ReleaseRecord {

  /// @param digest SHA-256 in lower-case hexadecimal
  /// @param size in bytes
  public record Artifact(String name, String digest, long size) {}

  /// What the digest of a release is taken over, as JSON with its keys in this order.
  public record Manifest(
      UUID project,
      String version,
      UUID run,
      String commit,
      List<Artifact> artifacts,
      ServiceDefinition definition) {
    public Manifest {
      artifacts = List.copyOf(artifacts);
    }

    String digest() {
      return sha256(Json.MAPPER.writeValueAsString(this));
    }
  }

  public Release {
    artifacts = List.copyOf(artifacts);
  }

  public String service() {
    return definition.service();
  }

  public Manifest manifest() {
    return new Manifest(projectId, version, runId, commit, artifacts, definition);
  }

  /// As people call it, such as `payments 1.42.0`.
  public String title() {
    return service() + " " + version;
  }

  static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
