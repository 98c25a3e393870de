package dev.fairway.agent;

import dev.fairway.api.ArtifactName;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;

/// `actions/upload-artifact`: packs files of the job and hands them to the host.
///
/// @param job whose limits hold
/// @param outputs takes the step's outputs
record UploadArtifact(
    ActionInputs inputs,
    JobHost host,
    JobLog log,
    Masker masker,
    JobFolder folder,
    Path workspace,
    JobAssignment job,
    BiConsumer<String, String> outputs)
    implements Action {
  private static final int DEFAULT_LEVEL = 6;
  private static final int MAX_NUMBER = 999_999_999;

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    inputs.only(BuiltinAction.UPLOAD_ARTIFACT);
    var name = ArtifactName.checked(inputs.publicText("name", "artifact", masker));
    var level = inputs.number("compression-level", DEFAULT_LEVEL, 9);
    var lines = inputs.text("path", "");
    if (lines.isEmpty()) {
      throw inputs.refused("path", "is required");
    }
    var missing = inputs.text("if-no-files-found", "warn");
    if (!Set.of("warn", "error", "ignore").contains(missing)) {
      throw inputs.refused("if-no-files-found", "must be warn, error or ignore");
    }
    var keeping = new JobHost.Keeping(retentionDays(), inputs.flag("overwrite", false));
    var finder = new ArtifactFiles(workspace, List.of(folder.work(), folder.temp(), folder.home()));
    var files = finder.find(lines, inputs.flag("include-hidden-files", false));
    if (files.isEmpty()) {
      return nothing(missing, lines);
    }
    var zip = Files.createTempFile(folder.spool(), "upload", ".zip");
    Files.delete(zip);
    try {
      var bytes = finder.pack(files, zip, level, job.limits().artifactBytes());
      var receipt = host.upload(name, keeping, zip, stop.reason());
      log.line(
          "Uploaded artifact %s: %d files, %d bytes, %d as a zip, sha256:%s"
              .formatted(name, files.size(), bytes, receipt.size(), receipt.digest()));
      outputs.accept("artifact-id", Long.toString(receipt.id()));
      outputs.accept("artifact-url", Objects.requireNonNullElse(receipt.url(), ""));
      outputs.accept("artifact-digest", receipt.digest());
      return Result.SUCCESS;
    } finally {
      Files.deleteIfExists(zip);
    }
  }

  /// At most as many as the server keeps anything; more are cut with a warning, as by the original.
  private OptionalInt retentionDays() {
    var asked = inputs.number("retention-days", 0, MAX_NUMBER);
    var most = job.contexts().at("/github/retention_days").asInt(MAX_NUMBER);
    if (asked > most) {
      log.line(
          "##[warning]retention-days is %d, and artifacts are kept for %d days at most"
              .formatted(asked, most));
    }
    return asked == 0 ? OptionalInt.empty() : OptionalInt.of(Math.min(asked, most));
  }

  private Result nothing(String missing, String lines) {
    var what = "No files were found with the path: " + String.join(", ", lines.lines().toList());
    return switch (missing) {
      case "error" -> {
        log.line("##[error]" + what);
        yield new Result.Exited(1);
      }
      case "warn" -> {
        log.line("##[warning]" + what + ". No artifact is uploaded.");
        yield Result.SUCCESS;
      }
      default -> {
        log.line(what + ". No artifact is uploaded.");
        yield Result.SUCCESS;
      }
    };
  }
}
