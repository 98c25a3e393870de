package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Finds the files of an upload in a job's folders and packs them.
///
/// The job's processes may still run and change those folders while the agent reads them, with more
/// rights than they have. So a link is resolved once, its target must lie in the job's folders, and
/// the file is then opened folder by folder from there, following no link.
final class ArtifactFiles {
  private static final int MAX_DEPTH = 64;

  private final Path workspace;
  private final List<Path> roots;

  /// @param roots the folders that files may come from; real paths
  ArtifactFiles(Path workspace, List<Path> roots) {
    this.workspace = workspace;
    this.roots = List.copyOf(roots);
  }

  /// The files that the lines name, by their names in the archive, sorted.
  ///
  /// As GitHub does it, names are relative to the deepest folder that all lines have in common.
  SortedMap<String, Path> find(String lines, boolean hidden) throws IOException {
    var globs =
        lines
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .map(line -> Glob.parse(line, workspace))
            .toList();
    var included = globs.stream().filter(glob -> !glob.exclude()).toList();
    if (included.isEmpty()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The `path` of the upload names nothing", "Name a file.");
    }
    var found = new LinkedHashSet<Path>();
    for (var glob : included) {
      inside(glob.base());
      collect(glob, globs, hidden, found);
    }
    var root = commonFolder(included.stream().map(Glob::base).toList());
    if (found.size() == 1 && found.contains(root)) {
      root = root.getParent();
    }
    var files = new TreeMap<String, Path>();
    for (var file : found) {
      files.put(root == null ? file.toString() : root.relativize(file).toString(), file);
    }
    return files;
  }

  /// @return how many bytes the files have, unpacked
  long pack(SortedMap<String, Path> files, Path zip, int level, long limit) throws IOException {
    var bytes = 0L;
    try (var writer = new ZipWriter(zip, level, limit)) {
      for (var file : files.entrySet()) {
        var real = real(file.getValue());
        bytes += Files.size(real);
        try (var in = openReal(real)) {
          writer.add(file.getKey(), mode(real), in);
        }
      }
    }
    return bytes;
  }

  private void collect(Glob glob, List<Glob> globs, boolean hidden, Set<Path> found)
      throws IOException {
    if (Files.notExists(glob.base(), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    real(glob.base());
    try {
      walk(glob, globs, hidden, found);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof FileSystemLoopException loop) {
        throw refused(Path.of(loop.getFile()), "is a link into a folder that it lies in");
      }
      throw e;
    }
  }

  private void walk(Glob glob, List<Glob> globs, boolean hidden, Set<Path> found)
      throws IOException {
    try (var paths = Files.walk(glob.base(), MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (var path : (Iterable<Path>) paths::iterator) {
        if (Files.isSymbolicLink(path) && Files.isDirectory(path)) {
          real(path);
        }
        if (!glob.matches(path)
            || globs.stream().anyMatch(other -> other.exclude() && other.matches(path))
            || (!hidden && isHidden(glob.base(), path))) {
          continue;
        }
        if (Files.isDirectory(path)) {
          if (path.getNameCount() - glob.base().getNameCount() == MAX_DEPTH) {
            throw refused(path, "lies in more than " + MAX_DEPTH + " folders");
          }
        } else {
          // Reading a pipe would wait for somebody to write to it, for ever.
          if (!Files.isRegularFile(real(path), LinkOption.NOFOLLOW_LINKS)) {
            throw refused(path, "is neither a file nor a folder");
          }
          found.add(path);
          if (found.size() > ZipWriter.MAX_ENTRIES) {
            throw new FairwayException(
                ErrorCode.TOO_LARGE,
                "The upload would have more than " + ZipWriter.MAX_ENTRIES + " files",
                "Pack them into one file first.");
          }
        }
      }
    }
  }

  private static boolean isHidden(Path base, Path path) {
    for (var part : base.relativize(path)) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private void inside(Path path) {
    if (roots.stream().noneMatch(path::startsWith)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "`" + path + "` lies outside of the workspace and the temporary folder",
          "Copy it into the workspace first.");
    }
  }

  private static FairwayException refused(Path path, String why) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        "`" + path + "` " + why,
        "Leave it out with a line that begins with `!`.");
  }

  private Path real(Path path) throws IOException {
    Path real;
    try {
      real = path.toRealPath();
    } catch (NoSuchFileException e) {
      throw refused(path, "is a link to nothing");
    }
    if (roots.stream().noneMatch(real::startsWith)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "`" + path + "` is a link that leaves the workspace",
          "Copy what it points to into the workspace first.");
    }
    return real;
  }

  /// Opens a file that was found.
  InputStream open(Path file) throws IOException {
    return openReal(real(file));
  }

  private InputStream openReal(Path real) throws IOException {
    var root = roots.stream().filter(real::startsWith).findFirst().orElseThrow();
    return new JobFile(root, root.relativize(real)).open();
  }

  private static int mode(Path file) throws IOException {
    var permissions = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
    var mode = 0;
    for (var permission : PosixFilePermission.values()) {
      mode = mode << 1 | (permissions.contains(permission) ? 1 : 0);
    }
    return mode;
  }

  private static Path commonFolder(List<Path> bases) {
    var common = bases.getFirst();
    for (var base : bases) {
      var shared = 0;
      while (shared < Math.min(common.getNameCount(), base.getNameCount())
          && common.getName(shared).equals(base.getName(shared))) {
        shared++;
      }
      common = shared == 0 ? Path.of("/") : Path.of("/").resolve(common.subpath(0, shared));
    }
    return common;
  }
}
