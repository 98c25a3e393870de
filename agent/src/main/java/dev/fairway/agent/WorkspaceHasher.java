package dev.fairway.agent;

import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// `hashFiles`: the SHA-256 over the SHA-256 digests of the files that match, in order of their
/// names; empty where none matches. Links that leave `root` are refused.
record WorkspaceHasher(Path workspace, Path root) implements Contexts.FileHasher {
  @Override
  public String hash(List<String> patterns) {
    try {
      var finder = new ArtifactFiles(workspace, List.of(root));
      var files = finder.find(String.join("\n", patterns), true);
      if (files.isEmpty()) {
        return "";
      }
      var all = sha256();
      for (var file : files.values()) {
        try (var in = finder.open(file)) {
          all.update(digest(in));
        }
      }
      return HexFormat.of().formatHex(all.digest());
    } catch (IOException | UncheckedIOException e) {
      throw new EvaluationException("hashFiles cannot read the workspace: " + e.getMessage());
    }
  }

  static byte[] digest(InputStream in) throws IOException {
    var digest = sha256();
    var buffer = new byte[64 * 1024];
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      digest.update(buffer, 0, count);
    }
    return digest.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
