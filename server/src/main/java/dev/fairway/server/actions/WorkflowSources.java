package dev.fairway.server.actions;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipFile;

/// Reads workflows that stand in other repositories, for jobs that call them.
public final class WorkflowSources {
  private static final int OWNER_AND_NAME = 2;

  private final Actions actions;

  WorkflowSources(Actions actions) {
    this.actions = actions;
  }

  /// A workflow of another repository at a commit.
  ///
  /// @param repository such as `acme/shared`
  /// @param path such as `.github/workflows/build.yml`
  public record Found(String repository, String path, String sha, String text) {}

  /// The workflow that `owner/name/path@ref` names, by the same rules as an action. Call it outside
  /// of a transaction: it may have to ask another server.
  ///
  /// @param by which run asks
  public Found reusable(String uses, String by) {
    var at = uses.lastIndexOf('@');
    var parts = uses.substring(0, Math.max(at, 0)).split("/", OWNER_AND_NAME + 1);
    if (parts.length != OWNER_AND_NAME + 1 || parts[OWNER_AND_NAME].isEmpty()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "'" + uses + "' does not name a workflow of another repository",
          "Write owner/name/.github/workflows/FILE@ref.");
    }
    var repository = parts[0] + "/" + parts[1];
    var resolved = actions.resolve(repository + uses.substring(at), by);
    return file(repository, parts[OWNER_AND_NAME], resolved.sha());
  }

  /// A file at a commit that was resolved before, such as one that a called workflow calls by `./`.
  public Found file(String repository, String path, String sha) {
    try (var zip = new ZipFile(actions.archive(repository, sha).toFile())) {
      var entry = zip.getEntry(path);
      if (entry == null || entry.isDirectory()) {
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE,
            repository + " has no file " + path + " at " + sha,
            "Check the path.");
      }
      try (var in = zip.getInputStream(entry)) {
        var bytes = in.readNBytes(ActionLimits.MAX_FILE_BYTES + 1);
        if (bytes.length > ActionLimits.MAX_FILE_BYTES) {
          throw new FairwayException(
              ErrorCode.TOO_LARGE,
              path + " of " + repository + " is longer than " + ActionLimits.MAX_FILE_BYTES,
              "Make the file smaller.");
        }
        return new Found(repository, path, sha, new String(bytes, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The files of " + repository + " cannot be read: " + e.getMessage(),
          "Look at the server's disk.",
          e);
    }
  }
}
