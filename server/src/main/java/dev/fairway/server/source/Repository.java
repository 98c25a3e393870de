package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads one project's repository, each answer from a `git` of its own.
///
/// A commit that does not exist is [ErrorCode#NOT_FOUND]. Every answer has a named limit in
/// [SourceLimits].
public final class Repository {
  private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");
  private static final String EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
  private static final byte[] NO_INPUT = {};

  /// Bytes that an answer with a list may have before it counts as cut off.
  private static final int MAX_LIST_BYTES = 16 << 20;

  /// What files that are read together may have together.
  private static final int MAX_TEXTS_BYTES = 64 << 20;

  /// Of what git writes before a file: its id, its kind, its size.
  private static final int MAX_HEADER_BYTES = 80;

  private final Git git;
  private final Path folder;

  Repository(Git git, Path folder) {
    this.git = git;
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /// The commit that a branch, tag or sha leads to; empty where there is none.
  public Optional<String> commitOf(String revision) {
    if (revision.isBlank() || revision.startsWith("-") || revision.startsWith("^")) {
      return Optional.empty();
    }
    var output =
        git.read(
            folder,
            List.of("rev-parse", "--quiet", "--verify", "--end-of-options", revision + "^{commit}"),
            NO_INPUT,
            200);
    var text = output.text().strip();
    return output.exit() == 0 && SHA.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }

  /// Whether a branch or tag leads to the commit, or to one that comes from it.
  public boolean onBranchOrTag(String commit) {
    if (commitOf(commit).filter(commit::equals).isEmpty()) {
      return false;
    }
    var arguments =
        List.of("for-each-ref", "--count=1", "--contains", commit, "refs/heads/", "refs/tags/");
    var output = git.demand(folder, arguments, NO_INPUT, MAX_LIST_BYTES);
    return !output.text().isBlank();
  }

  /// The text of a file at a commit, as UTF-8; empty where there is no such file.
  public Optional<String> text(String commit, String path) {
    checkSha(commit);
    checkPath(path);
    var output =
        git.read(
            folder,
            List.of("cat-file", "blob", commit + ":" + path),
            NO_INPUT,
            SourceLimits.MAX_FILE_BYTES);
    if (output.truncated()) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          path + " at " + commit + " is longer than " + SourceLimits.MAX_FILE_BYTES + " bytes",
          "Make the file smaller.");
    }
    return output.exit() == 0 ? Optional.of(output.text()) : Optional.empty();
  }

  /// The files below a folder at a commit, as full paths; an empty folder name means all. Empty
  /// where the folder does not exist.
  public List<String> files(String commit, String under) {
    checkSha(commit);
    var arguments = new ArrayList<>(List.of("ls-tree", "-r", "-z", "--name-only", commit));
    if (!under.isEmpty()) {
      checkPath(under);
      arguments.add("--");
      arguments.add(under.endsWith("/") ? under : under + "/");
    }
    var output = git.demand(folder, arguments, NO_INPUT, MAX_LIST_BYTES);
    var files = fields(output.text());
    if (output.truncated() || files.size() > SourceLimits.MAX_FILES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "More than " + SourceLimits.MAX_FILES + " files are below '" + under + "' at " + commit,
          "");
    }
    return files;
  }

  /// The files that differ between two commits, with counts of lines; from nothing where `before`
  /// is null. A moved file counts as one that went and one that came.
  public FileChanges changes(@Nullable String before, String after) {
    checkSha(after);
    if (before != null) {
      checkSha(before);
    }
    var from = before == null ? EMPTY_TREE : before;
    var output =
        git.demand(
            folder,
            List.of("diff-tree", "-r", "-z", "--numstat", "--no-renames", from, after),
            NO_INPUT,
            MAX_LIST_BYTES);
    var lines = fields(output.text());
    var changes = new ArrayList<FileChange>();
    for (var line : lines.subList(0, Math.min(lines.size(), SourceLimits.MAX_FILES))) {
      var parts = line.split("\t", 3);
      if (parts.length == 3) {
        changes.add(new FileChange(parts[2], count(parts[0]), count(parts[1])));
      }
    }
    return new FileChanges(changes, output.truncated() || lines.size() > SourceLimits.MAX_FILES);
  }

  /// The text of every file directly in one of the folders at a commit, as UTF-8, by path, in the
  /// order of the folders; those whose name is wanted.
  public SequencedMap<String, String> texts(
      String commit, List<String> folders, Predicate<String> wanted) {
    checkSha(commit);
    var arguments = new ArrayList<>(List.of("ls-tree", "-z", "-l", commit, "--"));
    folders.forEach(folder -> {
      checkPath(folder);
      arguments.add(folder + "/");
    });
    var listed = git.demand(folder, arguments, NO_INPUT, MAX_LIST_BYTES);
    var entries = fields(listed.text());
    if (listed.truncated() || entries.size() > SourceLimits.MAX_FILES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "More than " + SourceLimits.MAX_FILES + " files are in " + folders + " at " + commit,
          "");
    }
    var blobs = new LinkedHashMap<String, Blob>();
    entries.stream()
        .map(Blob::parse)
        .flatMap(Optional::stream)
        .filter(blob -> wanted.test(blob.name()))
        .sorted(Comparator.comparingInt(blob -> folders.indexOf(blob.folder())))
        .forEach(blob -> blobs.put(blob.path(), blob));
    return blobs.isEmpty() ? new LinkedHashMap<>() : texts(commit, blobs.values());
  }

  /// All from one git.
  private SequencedMap<String, String> texts(String commit, Collection<Blob> blobs) {
    var size = 0L;
    for (var blob : blobs) {
      if (blob.size() >= SourceLimits.MAX_FILE_BYTES) {
        throw new FairwayException(
            ErrorCode.TOO_LARGE,
            blob.path()
                + " at "
                + commit
                + " is longer than its limit of "
                + SourceLimits.MAX_FILE_BYTES
                + " bytes",
            "Make the file smaller.");
      }
      size += blob.size() + MAX_HEADER_BYTES;
    }
    if (size > MAX_TEXTS_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The files together have more than " + MAX_TEXTS_BYTES + " bytes at " + commit,
          "Make them smaller.");
    }
    var ids = blobs.stream().map(Blob::sha).collect(Collectors.joining("\n", "", "\n"));
    var bytes =
        git.demand(folder, List.of("cat-file", "--batch"), ids.getBytes(UTF_8), (int) size).bytes();
    var texts = new LinkedHashMap<String, String>();
    var at = 0;
    for (var blob : blobs) {
      while (bytes[at] != '\n') {
        at++;
      }
      texts.put(blob.path(), new String(bytes, at + 1, (int) blob.size(), UTF_8));
      at += 1 + (int) blob.size() + 1;
    }
    return texts;
  }

  /// A file as `git ls-tree -l` has it.
  private record Blob(String sha, long size, String path) {
    private static final Pattern LINE =
        Pattern.compile("\\d+ blob ([0-9a-f]{40}) +(\\d+)\t(.+)", Pattern.DOTALL);

    static Optional<Blob> parse(String line) {
      var parts = LINE.matcher(line);
      return parts.matches()
          ? Optional.of(new Blob(parts.group(1), Long.parseLong(parts.group(2)), parts.group(3)))
          : Optional.empty();
    }

    String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    String folder() {
      return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
  }

  /// What a commit itself changed, against its first parent.
  public FileChanges changes(CommitRecord commit) {
    return changes(commit.parents().isEmpty() ? null : commit.parents().getFirst(), commit.sha());
  }

  /// One commit; empty where there is none.
  public Optional<CommitRecord> commit(String sha) {
    checkSha(sha);
    var output =
        git.read(
            folder,
            List.of("log", "-z", "-n", "1", CommitLog.FORMAT, sha, "--"),
            NO_INPUT,
            MAX_LIST_BYTES);
    return output.exit() == 0
        ? CommitLog.parse(output.text()).stream().findFirst()
        : Optional.empty();
  }

  /// The commit that a ref leads to; empty where there is none.
  ///
  /// @param ref a full name, such as `refs/heads/main`
  public Optional<CommitRecord> head(String ref) {
    if (!ref.startsWith("refs/")) {
      throw new IllegalArgumentException("not a full name of a ref: " + ref);
    }
    var output =
        git.read(
            folder,
            List.of("log", "-z", "-n", "1", CommitLog.FORMAT, ref, "--"),
            NO_INPUT,
            MAX_LIST_BYTES);
    return output.exit() == 0
        ? CommitLog.parse(output.text()).stream().findFirst()
        : Optional.empty();
  }

  /// The commits that `after` has and `before` has not, newest first, at most
  /// [SourceLimits#MAX_COMMITS]; all of its history where `before` is null.
  public List<CommitRecord> commits(@Nullable String before, String after) {
    checkSha(after);
    return log(after, before == null ? List.of() : List.of(before), SourceLimits.MAX_COMMITS);
  }

  /// The commits that `after` has and none of `known` has, newest first, at most
  /// [SourceLimits#MAX_COMMITS].
  public List<CommitRecord> commitsBeyond(Collection<String> known, String after) {
    checkSha(after);
    return log(after, known, SourceLimits.MAX_COMMITS);
  }

  /// Whether the history of `descendant` contains `ancestor`.
  public boolean isAncestor(String ancestor, String descendant) {
    checkSha(ancestor);
    checkSha(descendant);
    var arguments = List.of("merge-base", "--is-ancestor", ancestor, descendant);
    return git.read(folder, arguments, NO_INPUT, 200).exit() == 0;
  }

  /// Every branch and tag with what it points at.
  public Map<String, String> refs() {
    var output =
        git.demand(
            folder,
            List.of("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags"),
            NO_INPUT,
            MAX_LIST_BYTES);
    var refs = new HashMap<String, String>();
    output.text().lines().forEach(line -> refs.put(line.substring(41), line.substring(0, 40)));
    if (output.truncated() || refs.size() > SourceLimits.MAX_REFS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The repository has more than " + SourceLimits.MAX_REFS + " branches and tags",
          "Delete those that nobody needs.");
    }
    return refs;
  }

  /// Writes the files of a commit into a zip, with their modes, and links as links.
  public void archive(String commit, Path zip) {
    checkSha(commit);
    git.demand(
        folder,
        List.of("archive", "--format=zip", "--output=" + zip.toAbsolutePath(), commit),
        NO_INPUT,
        200);
  }

  /// How many commits `after` has beyond what `known` leads to.
  int count(String after, Collection<String> known) {
    var output =
        git.demand(folder, List.of("rev-list", "--count", "--stdin"), revisions(after, known), 100);
    return Integer.parseInt(output.text().strip());
  }

  /// Those commits, newest first.
  List<CommitRecord> log(String after, Collection<String> known, int limit) {
    known.forEach(Repository::checkSha);
    var output =
        git.demand(
            folder,
            List.of("log", "-z", "--max-count=" + limit, CommitLog.FORMAT, "--stdin"),
            revisions(after, known),
            Integer.MAX_VALUE - 8);
    return CommitLog.parse(output.text());
  }

  private static byte[] revisions(String after, Collection<String> known) {
    return known.stream()
        .map(sha -> "^" + sha)
        .collect(Collectors.joining("\n", after + "\n", "\n"))
        .getBytes(UTF_8);
  }

  private static List<String> fields(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split("\0"));
  }

  private static @Nullable Integer count(String text) {
    return text.equals("-") ? null : Integer.valueOf(text);
  }

  private static void checkSha(String sha) {
    if (!SHA.matcher(sha).matches()) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "'" + sha + "' is not the id of a commit", "Give all 40 digits.");
    }
  }

  private static void checkPath(String path) {
    if (path.isEmpty() || path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "'" + path + "' is not a path inside a repository", "");
    }
  }
}
