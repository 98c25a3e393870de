package dev.fairway.cli;

import dev.fairway.agent.ActionSource;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.CalledWorkflows;
import dev.fairway.workflow.WorkflowReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipFile;

/// Finds the workflows that jobs call: in a folder, and those of other repositories where the
/// actions come from.
///
/// @param folder the root of the repository
/// @param others gives other repositories; without it they are not looked up
record LocalCalls(Path folder, Optional<ActionSource> others) implements CalledWorkflows {
  private static final int MAX_BYTES = 1024 * 1024;

  /// Looks at nothing but this folder.
  LocalCalls(Path folder) {
    this(folder, Optional.empty());
  }

  /// For a file of a repository.
  static LocalCalls of(Path file) {
    return new LocalCalls(WorkflowFiles.root(file).toAbsolutePath().normalize());
  }

  @Override
  public Answer find(WorkflowReference uses, String caller) {
    if (!uses.local()) {
      return ofOther(uses);
    }
    var around = new WorkflowReference(caller);
    if (caller.contains("@") && !around.repository().isEmpty()) {
      return ofOther(
          new WorkflowReference(around.repository() + "/" + uses.path() + "@" + around.ref()));
    }
    var file = folder.resolve(uses.path());
    if (!Files.isRegularFile(file)) {
      return new Answer.Missing("there is no file " + uses.path() + " in " + folder);
    }
    return new Answer.Found(uses.path(), WorkflowFiles.read(file));
  }

  private Answer ofOther(WorkflowReference uses) {
    if (others.isEmpty()) {
      return new Answer.Unknown("workflows of other repositories are not looked up offline");
    }
    try {
      return found(uses, others.get());
    } catch (FairwayException e) {
      return new Answer.Missing(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Answer.Missing("it cannot be fetched: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.Unknown("the search was interrupted");
    }
  }

  private static Answer found(WorkflowReference uses, ActionSource source)
      throws IOException, InterruptedException {
    var commit = source.resolve(List.of(uses.repository() + "@" + uses.ref())).getFirst();
    var folder = Files.createTempDirectory("fairway-call-");
    var zip = folder.resolve("repository.zip");
    try {
      source.fetch(commit, zip);
      try (var files = new ZipFile(zip.toFile())) {
        var entry = files.getEntry(uses.path());
        if (entry == null) {
          return new Answer.Missing(
              "there is no file %s in %s at %s"
                  .formatted(uses.path(), uses.repository(), uses.ref()));
        }
        var text = files.getInputStream(entry).readNBytes(MAX_BYTES + 1);
        return text.length > MAX_BYTES
            ? new Answer.Missing("the file is larger than " + MAX_BYTES + " bytes")
            : new Answer.Found(uses.text(), new String(text, StandardCharsets.UTF_8));
      }
    } finally {
      Files.deleteIfExists(zip);
      Files.delete(folder);
    }
  }
}
