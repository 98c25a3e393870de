package dev.fairway.agent;

import dev.fairway.api.ArtifactName;
import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;

/// `actions/download-artifact`: takes one artifact of the run by name, or those that match a
/// pattern, or all, each in a folder of its name.
///
/// The agent unpacks into a folder that the job can only read; a process of the job copies from
/// there into the workspace, so that links in the workspace lead nobody with more rights astray.
record DownloadArtifact(
    ActionInputs inputs,
    JobHost host,
    JobLog log,
    Processes processes,
    JobFolder folder,
    Path workspace,
    Map<String, String> environment,
    BiConsumer<String, String> outputs)
    implements Action {
  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    inputs.only(BuiltinAction.DOWNLOAD_ARTIFACT);
    var name = inputs.text("name", "");
    var merge = inputs.flag("merge-multiple", false);
    var target = workspace.resolve(inputs.text("path", ".")).normalize();
    var all = host.artifacts(stop.reason());
    var wanted = name.isEmpty() ? matching(all, inputs.text("pattern", "*")) : named(all, name);
    for (var artifact : wanted) {
      var into =
          name.isEmpty() && !merge ? target.resolve(ArtifactName.checked(artifact.name())) : target;
      var copied = fetch(artifact, into, stop);
      if (!copied.equals(Result.SUCCESS)) {
        return copied;
      }
    }
    outputs.accept("download-path", target.toString());
    return Result.SUCCESS;
  }

  private Result fetch(ArtifactReceipt artifact, Path into, Stop stop)
      throws IOException, InterruptedException {
    var zip = folder.spool().resolve("download.zip");
    var unpacked = folder.stage().resolve("artifact-" + UUID.randomUUID());
    Files.deleteIfExists(zip);
    JobFolder.deleteTree(unpacked);
    try {
      host.download(artifact.name(), zip, stop.reason());
      Files.createDirectory(unpacked);
      Unzip.into(zip, unpacked, ZipWriter.MAX_CONTENT_BYTES);
      share(unpacked);
      var launch =
          new LaunchScript(environment, workspace)
              .program(
                  "mkdir -p %1$s && cp -R %2$s/. %1$s/"
                      .formatted(
                          LaunchScript.quote(into.toString()),
                          LaunchScript.quote(unpacked.toString())));
      var result = StepProcess.run(processes, folder, launch, stop);
      if (result.equals(Result.SUCCESS)) {
        log.line(
            "Downloaded artifact " + artifact.name() + ", " + artifact.size() + " bytes as a zip");
      } else {
        log.line("##[error]The artifact " + artifact.name() + " was not copied to " + into);
      }
      return result;
    } finally {
      Files.deleteIfExists(zip);
      JobFolder.deleteTree(unpacked);
    }
  }

  private static List<ArtifactReceipt> named(List<ArtifactReceipt> all, String name) {
    var found = all.stream().filter(artifact -> artifact.name().equals(name)).toList();
    if (found.isEmpty()) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "The run has no artifact `" + name + "`",
          "It has: "
              + (all.isEmpty()
                  ? "none"
                  : String.join(", ", all.stream().map(ArtifactReceipt::name).toList())));
    }
    return found;
  }

  private static List<ArtifactReceipt> matching(List<ArtifactReceipt> all, String pattern) {
    var name = Wildcard.of(pattern, false);
    return all.stream().filter(artifact -> name.matches(artifact.name())).toList();
  }

  /// The job's user may read what lies there.
  private void share(Path unpacked) throws IOException {
    try (var paths = Files.walk(unpacked)) {
      for (var path : (Iterable<Path>) paths::iterator) {
        var permissions = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
        permissions.add(PosixFilePermission.GROUP_READ);
        if (permissions.contains(PosixFilePermission.OWNER_EXECUTE)) {
          permissions.add(PosixFilePermission.GROUP_EXECUTE);
        }
        folder.readable(path, PosixFilePermissions.toString(permissions));
      }
    }
  }
}
