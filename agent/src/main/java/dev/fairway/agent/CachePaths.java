package dev.fairway.agent;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The `path` of a cache: a line for each path or pattern, as `@actions/glob` reads them. `*`, `?`
/// and `[…]` are within a name, `**` is any number of folders, `~` is the job's home, a line with
/// `!` takes away, one with `#` says nothing; the last line that fits decides.
///
/// Processes of the job look for the files, in its sandbox or container, and this says for which.
///
/// @param lines as written
/// @param home of the job
/// @param root in which all folders lie that are the job's own
record CachePaths(List<String> lines, Path workspace, String home, Path root) {
  private static final String SALT = "1.0";

  CachePaths {
    lines = List.copyOf(lines);
  }

  /// @param text the input
  static CachePaths of(String text, Path workspace, String home, Path root) {
    var lines =
        text.lines()
            .map(line -> line.strip().replaceFirst("^!\\s+", "!"))
            .filter(line -> !line.isEmpty())
            .toList();
    return new CachePaths(lines, workspace, home, root);
  }

  /// What a cache has to agree in beside its key, as the official client computes it: a cache that
  /// one of the two has saved is found by the other.
  ///
  /// @param compression in the official client's words
  String version(String compression) {
    var all = new ArrayList<>(lines);
    all.add(compression);
    all.add(SALT);
    var digest = WorkspaceHasher.sha256();
    digest.update(String.join("|", all).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest());
  }

  private List<Glob> globs() {
    return lines.stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> {
          var bare = line;
          var exclude = false;
          while (bare.startsWith("!")) {
            exclude = !exclude;
            bare = bare.substring(1).strip();
          }
          var whole = bare.equals("~") || bare.startsWith("~/") ? home + bare.substring(1) : bare;
          return Glob.parse((exclude ? "!" : "") + whole, workspace);
        })
        .toList();
  }

  /// Whether something is taken away: then every single file is named.
  boolean excludes() {
    return globs().stream().anyMatch(Glob::exclude);
  }

  /// A shell script that prints what may be meant, a path in a line.
  String search() {
    var whole = excludes();
    var script = new StringBuilder();
    for (var glob : globs()) {
      if (!glob.exclude()) {
        var depth = whole ? Integer.MAX_VALUE : glob.depth();
        script
            .append("if [ -e ")
            .append(LaunchScript.quote(glob.base().toString()))
            .append(" ]; then find ")
            .append(LaunchScript.quote(glob.base().toString()))
            .append(depth == Integer.MAX_VALUE ? "" : " -maxdepth " + depth)
            .append("; fi\n");
      }
    }
    return script.toString();
  }

  /// Which of them are meant, by the names under which they are packed.
  ///
  /// @param found absolute paths
  Set<String> chosen(List<String> found) {
    var globs = globs();
    var whole = excludes();
    var chosen = new LinkedHashSet<String>();
    var folders = new HashSet<Path>();
    for (var text : found) {
      var path = Path.of(text);
      var meant = false;
      for (var glob : globs) {
        if (whole ? glob.matches(path) : glob.matchesItself(path)) {
          meant = !glob.exclude();
        }
      }
      // Without exclusions a folder is packed with all that is in it.
      if (meant && (whole || !within(folders, path))) {
        chosen.add(name(path));
        if (!whole) {
          folders.add(path);
        }
      }
    }
    return chosen;
  }

  private static boolean within(Set<Path> folders, Path path) {
    for (var above = path.getParent(); above != null; above = above.getParent()) {
      if (folders.contains(above)) {
        return true;
      }
    }
    return false;
  }

  /// The path as the next job finds it too: each job has folders of its own, so what lies in them
  /// is named relative to the workspace.
  private String name(Path path) {
    if (!path.startsWith(root)) {
      return path.toString();
    }
    var relative = workspace.relativize(path).toString();
    return relative.isEmpty() ? "." : relative.startsWith("-") ? "./" + relative : relative;
  }
}
