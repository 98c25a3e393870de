package dev.fairway.agent;

import dev.fairway.api.FairwayException;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// `hashFiles`: the SHA-256 over the SHA-256 digests of the files that match, in order of their
/// names; empty where none matches. Links that leave `root` are refused.
record WorkspaceHasher(Path workspace, Path root) implements Contexts.FileHasher {
  /// A file with a hole is as long as it says and takes no room: without a limit it would keep the
  /// agent busy for ever.
  static final long MAX_BYTES = 8L << 30;

  @Override
  public String hash(List<String> patterns) {
    try {
      var finder = new ArtifactFiles(workspace, List.of(root));
      var files = finder.find(String.join("\n", patterns), true);
      if (files.isEmpty()) {
        return "";
      }
      var all = sha256();
      var left = MAX_BYTES;
      for (var file : files.values()) {
        if (Files.size(file) > left) {
          throw tooMuch();
        }
        try (var in = finder.open(file)) {
          var one = sha256();
          left -= update(one, in, left);
          all.update(one.digest());
        }
      }
      return HexFormat.of().formatHex(all.digest());
    } catch (IOException | UncheckedIOException | FairwayException e) {
      throw new EvaluationException("hashFiles cannot read the workspace: " + e.getMessage());
    }
  }

  static byte[] digest(InputStream in) throws IOException {
    var digest = sha256();
    var _ = update(digest, in, Long.MAX_VALUE);
    return digest.digest();
  }

  /// @param limit a file may grow while it is read
  /// @return how many bytes it had
  private static long update(MessageDigest digest, InputStream in, long limit) throws IOException {
    var buffer = new byte[64 * 1024];
    var bytes = 0L;
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      bytes += count;
      if (bytes > limit) {
        throw tooMuch();
      }
      digest.update(buffer, 0, count);
    }
    return bytes;
  }

  private static EvaluationException tooMuch() {
    return new EvaluationException(
        "hashFiles would read more than " + MAX_BYTES + " bytes. Name fewer files");
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
