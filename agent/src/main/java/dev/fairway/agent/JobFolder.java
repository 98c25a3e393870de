package dev.fairway.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The folders of one job, and who may write there.
///
/// | folder | the job may | holds |
/// | --- | --- | --- |
/// | `control` | read | the scripts that start its steps |
/// | `control/stage` | read | artifacts on their way into the workspace |
/// | `control/actions` | read | the code of actions from other repositories |
/// | `commands` | write the files, not the folder | `GITHUB_ENV` and its like |
/// | `work`, `temp`, `tmp`, `home` | write | workspace, `RUNNER_TEMP`, `/tmp`, `HOME` |
/// | `spool` | see nothing | the masked log and the events that the host has not taken yet |
///
/// What the agent writes for a job lies where the job cannot put a link in its place. What few jobs
/// need is made when it is asked for: to make a folder is a good part of what a job costs.
final class JobFolder {
  private static final LinkOption[] AS_IS = {LinkOption.NOFOLLOW_LINKS};
  private static final FileAttribute<Set<PosixFilePermission>> COMMAND_FILE = made("rw-------");

  /// A folder for its owner alone.
  private static final FileAttribute<Set<PosixFilePermission>> OWNERS = made("rwx------");

  private final Path root;
  private final UserIds.Lease user;

  /// How often each folder has been taken back.
  private final Map<Path, Integer> taken = new HashMap<>();

  private JobFolder(Path root, UserIds.Lease user) {
    this.root = root;
    this.user = user;
  }

  static JobFolder create(Path root, UserIds.Lease user) throws IOException {
    Files.createDirectories(root);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    var folder = new JobFolder(root.toRealPath(), user);
    for (var path : List.of(folder.control(), folder.commands())) {
      Files.createDirectory(path);
      folder.readable(path, "rwxr-x---");
    }
    for (var path : List.of(folder.work(), folder.temp(), folder.tmp(), folder.home())) {
      Files.createDirectory(path, OWNERS);
      folder.own(path);
    }
    return folder;
  }

  Path root() {
    return root;
  }

  Path control() {
    return root.resolve("control");
  }

  Path commands() {
    return root.resolve("commands");
  }

  Path stage() throws IOException {
    return given("stage");
  }

  Path actions() throws IOException {
    return given("actions");
  }

  Path work() {
    return root.resolve("work");
  }

  /// Where the repository of that project is checked out.
  Path workspace(String project) {
    return work().resolve(project).resolve(project);
  }

  Path temp() {
    return root.resolve("temp");
  }

  Path tmp() {
    return root.resolve("tmp");
  }

  Path home() {
    return root.resolve("home");
  }

  Path spool() throws IOException {
    var spool = root.resolve("spool");
    if (!Files.isDirectory(spool, AS_IS)) {
      Files.createDirectory(spool, OWNERS);
    }
    return spool;
  }

  UserIds.Lease user() {
    return user;
  }

  /// Writes a file that the job may read and not change.
  void writeControl(String name, String text) throws IOException {
    var file = control().resolve(name);
    Files.writeString(file, text);
    readable(file, "rw-r-----");
  }

  /// Makes a pipe into which the job may write, and in whose place it can put nothing.
  Path createPipe(String name) throws IOException {
    var pipe = control().resolve(name);
    var process =
        new ProcessBuilder("mkfifo", "-m", "600", pipe.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException("No pipe can be made: " + said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while a pipe was made", e);
    }
    readable(pipe, "rw--w----");
    return pipe;
  }

  /// A folder for what the job may use and not change.
  synchronized Path given(String name) throws IOException {
    var folder = control().resolve(name);
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(folder);
      readable(folder, "rwxr-x---");
    }
    return folder;
  }

  /// Makes an empty file that the job may write.
  Path createCommandFile(String name) throws IOException {
    // Where a container of the job can write here it can put a link in the file's place at once, so
    // it gets its permissions when it is made and not by its name.
    var file = Files.createFile(commands().resolve(name), COMMAND_FILE);
    own(file);
    return file;
  }

  /// Lets the job read what the agent has made.
  void readable(Path path, String permissions) throws IOException {
    if (user.own()) {
      Files.setAttribute(path, "unix:gid", user.id(), AS_IS);
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  /// Makes what the agent has written the job's own. Only where no process of the job can put
  /// something else in its place.
  void handOver(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    own(path);
  }

  /// Lets the job change nothing right in this folder of its own, until [#giveBack] has been called
  /// as often.
  synchronized void takeBack(Path path) throws IOException {
    if (taken.merge(path, 1, Integer::sum) == 1 && user.own()) {
      Files.setAttribute(path, "unix:uid", UserIds.current(), AS_IS);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));
    }
  }

  synchronized void giveBack(Path path) throws IOException {
    if (taken.merge(path, -1, Integer::sum) == 0 && user.own()) {
      handOver(path, "rwx------");
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> made(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  private void own(Path path) throws IOException {
    if (user.own()) {
      Files.setAttribute(path, "unix:gid", user.id(), AS_IS);
      Files.setAttribute(path, "unix:uid", user.id(), AS_IS);
    }
  }

  /// Deletes `root` with everything in it; follows no link, and opens folders that a job has
  /// locked.
  static void deleteTree(Path root) throws IOException {
    TreeRemoval.of(root);
  }
}
