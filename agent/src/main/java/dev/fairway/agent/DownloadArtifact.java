package dev.fairway.agent;

import dev.fairway.api.ArtifactName;
import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `actions/download-artifact`: takes one artifact of the run by name, or some by their numbers, or
/// those that match a pattern, or all, each in a folder of its name.
///
/// The agent unpacks into a folder that the job can only read; a process of the job copies from
/// there into the workspace, so that links in the workspace lead nobody with more rights astray.
record DownloadArtifact(
    ActionInputs inputs,
    JobHost host,
    JobLog log,
    JobAssignment job,
    Processes processes,
    JobFolder folder,
    Path workspace,
    Map<String, String> environment,
    BiConsumer<String, String> outputs)
    implements Action {
  private static final Pattern ID = Pattern.compile("\\d{1,18}");

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    inputs.only(BuiltinAction.DOWNLOAD_ARTIFACT);
    var merge = inputs.flag("merge-multiple", false);
    var target = workspace.resolve(inputs.text("path", ".")).normalize();
    var name = inputs.text("name", "");
    var ids = ids();
    if (!name.isEmpty() && !ids.isEmpty()) {
      throw inputs.refused("artifact-ids", "cannot be set beside `name`; set one of the two");
    }
    var run = otherRun();
    var all = host.artifacts(run, stop.reason());
    var wanted =
        !ids.isEmpty()
            ? numbered(all, ids)
            : name.isEmpty() ? matching(all, inputs.text("pattern", "*")) : named(all, name);
    var single = !name.isEmpty() || !ids.isEmpty() && wanted.size() == 1;
    for (var artifact : wanted) {
      var into = single || merge ? target : target.resolve(ArtifactName.checked(artifact.name()));
      var copied = fetch(run, artifact, into, stop);
      if (!copied.equals(Result.SUCCESS)) {
        return copied;
      }
    }
    outputs.accept("download-path", target.toString());
    return Result.SUCCESS;
  }

  /// The `artifact-id` outputs of uploads.
  private Set<Long> ids() {
    var ids = new TreeSet<Long>();
    var text = inputs.text("artifact-ids", "");
    for (var id : text.split(",", -1)) {
      if (!id.isBlank()) {
        if (!ID.matcher(id.strip()).matches()) {
          throw inputs.refused(
              "artifact-ids",
              "has `" + id.strip() + "`, which is no `artifact-id` that an upload has set");
        }
        ids.add(Long.valueOf(id.strip()));
      }
    }
    if (ids.isEmpty() && !text.isEmpty()) {
      throw inputs.refused("artifact-ids", "has no id; name some, with commas between them");
    }
    return ids;
  }

  /// The run that is meant, unless it is the job's own. The server decides by the job's own
  /// permissions whether it may be read, so the value of `github-token` goes nowhere.
  private Optional<String> otherRun() {
    var github = job.contexts().path("github");
    var own = github.path("repository").asString("");
    var repository = inputs.text("repository", own);
    if (!repository.equalsIgnoreCase(own)) {
      throw inputs.refused(
          "repository", "can only be `" + own + "`: a job reaches no other project");
    }
    return Optional.of(inputs.text("run-id", ""))
        .filter(run -> !run.isEmpty() && !run.equals(github.path("run_id").asString("")));
  }

  private Result fetch(Optional<String> run, ArtifactReceipt artifact, Path into, Stop stop)
      throws IOException, InterruptedException {
    var unique = UUID.randomUUID();
    var zip = folder.spool().resolve("download-" + unique + ".zip");
    var unpacked = folder.stage().resolve("artifact-" + unique);
    try {
      host.download(run, artifact.name(), zip, stop.reason());
      requireWhole(artifact, zip);
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

  /// What is unpacked are the bytes that were listed, whatever happened to them on the way or to
  /// their name meanwhile.
  private static void requireWhole(ArtifactReceipt artifact, Path zip) throws IOException {
    try (var in = Files.newInputStream(zip)) {
      var digest = HexFormat.of().formatHex(WorkspaceHasher.digest(in));
      if (!digest.equals(artifact.digest())) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "The artifact `%s` arrived as sha256:%s and was listed as sha256:%s"
                .formatted(artifact.name(), digest, artifact.digest()),
            "It was overwritten meanwhile, or damaged. Run the job again; let it need the jobs"
                + " that upload.");
      }
    }
  }

  private List<ArtifactReceipt> numbered(List<ArtifactReceipt> all, Set<Long> ids) {
    var found = all.stream().filter(artifact -> ids.contains(artifact.id())).toList();
    var missing = new TreeSet<>(ids);
    found.forEach(artifact -> missing.remove(artifact.id()));
    var which = missing.stream().map(String::valueOf).collect(Collectors.joining(", "));
    if (found.isEmpty()) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "The run has no artifact with the id " + which,
          "Give what the output `artifact-id` of an upload says; " + has(all));
    }
    if (!missing.isEmpty()) {
      log.line("##[warning]The run has no artifact with the id " + which);
    }
    return found;
  }

  private static String has(List<ArtifactReceipt> all) {
    return all.isEmpty()
        ? "it has none"
        : all.stream()
            .map(artifact -> artifact.id() + " (" + artifact.name() + ")")
            .collect(Collectors.joining(", ", "it has ", ""));
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
