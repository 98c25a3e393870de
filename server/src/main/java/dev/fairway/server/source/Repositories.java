package dev.fairway.server.source;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder that holds every project's bare repository, named by the project's id so that no name
/// ever becomes part of a path.
final class Repositories {
  private static final Logger LOG = LoggerFactory.getLogger(Repositories.class);
  private static final List<String> HOOKS =
      List.of("pre-receive", "reference-transaction", "post-receive");

  private final Git git;
  private final Path folder;
  private final Path hooks;
  private final Path journals;

  /// @param data the server's data folder
  Repositories(Git git, Path data) {
    this.git = git;
    this.folder = data.resolve("repositories");
    this.hooks = data.resolve("git-hooks");
    this.journals = data.resolve("git-journals");
    try {
      Files.createDirectories(folder);
      Files.createDirectories(journals);
      Files.createDirectories(hooks);
      for (var hook : HOOKS) {
        install(hook);
      }
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// The hooks that protect and report every push.
  Path hooks() {
    return hooks;
  }

  /// Where the hooks write down which refs a push moves.
  Path journalFile(UUID push) {
    return journals.resolve(push.toString());
  }

  /// What git says of the push; empty where it has not come to a ref.
  Optional<PushJournal> journal(UUID push) {
    try {
      return Optional.of(PushJournal.parse(Files.readString(journalFile(push))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// Deletes what [#journal] reads, when it is recorded.
  void forgetJournal(UUID push) {
    try {
      Files.deleteIfExists(journalFile(push));
    } catch (IOException e) {
      LOG.warn("{} stays behind: {}", journalFile(push), e.getMessage());
    }
  }

  Repository open(Project project) {
    return new Repository(git, path(project.id()));
  }

  /// Makes an empty repository. It appears under its name only when it is complete.
  void create(UUID project, String defaultBranch) {
    var building = folder.resolve("." + project + ".new");
    git.demand(
        folder,
        List.of(
            "init",
            "--bare",
            "--quiet",
            "--template=",
            "--initial-branch=" + defaultBranch,
            building.toString()),
        new byte[0],
        1_000);
    try {
      Files.move(building, path(project), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// Takes back what [#create] made, for a project that did not come to be.
  void discard(UUID project) {
    try (var files = Files.walk(path(project))) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  private Path path(UUID project) {
    return folder.resolve(project + ".git");
  }

  private void install(String hook) throws IOException {
    var target = hooks.resolve(hook);
    var fresh = Files.createTempFile(hooks, hook, ".new");
    try (InputStream text = Repositories.class.getResourceAsStream("hooks/" + hook)) {
      if (text == null) {
        throw new IOException("the hook " + hook + " is missing in this installation");
      }
      Files.copy(text, fresh, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    // Git passes over a hook that it cannot execute, and with it over the protection of branches.
    if (!Files.isExecutable(target)) {
      throw new IOException(target + " cannot be executed; is the file system mounted noexec?");
    }
  }

  private static FairwayException unavailable(IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "The repositories' folder cannot be written: " + e.getMessage(),
        "Free some space, or give the server a folder that it may write and execute in.",
        e);
  }
}
