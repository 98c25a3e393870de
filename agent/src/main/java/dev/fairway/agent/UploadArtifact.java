package dev.fairway.agent;

import dev.fairway.api.ArtifactName;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// `actions/upload-artifact`: packs files of the job and hands them to the host.
///
/// @param outputs takes the step's outputs
record UploadArtifact(
    ActionInputs inputs,
    JobHost host,
    JobLog log,
    Masker masker,
    JobFolder folder,
    Path workspace,
    long limit,
    BiConsumer<String, String> outputs)
    implements Action {
  private static final int DEFAULT_LEVEL = 6;

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
    var finder = new ArtifactFiles(workspace, List.of(folder.work(), folder.temp(), folder.home()));
    var files = finder.find(lines, inputs.flag("include-hidden-files", false));
    if (files.isEmpty()) {
      return nothing(missing, lines);
    }
    var zip = Files.createTempFile(folder.spool(), "upload", ".zip");
    Files.delete(zip);
    try {
      var bytes = finder.pack(files, zip, level, limit);
      var receipt = host.upload(name, zip, stop.reason());
      log.line(
          "Uploaded artifact %s: %d files, %d bytes, %d as a zip, sha256:%s"
              .formatted(name, files.size(), bytes, receipt.size(), receipt.digest()));
      outputs.accept("artifact-id", name);
      outputs.accept("artifact-digest", receipt.digest());
      return Result.SUCCESS;
    } finally {
      Files.deleteIfExists(zip);
    }
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
