package dev.fairway.server.source;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Repositories that are not ours: looked at and fetched from, at addresses that an administrator
/// has configured.
///
/// Git runs without hooks, credentials, redirects and questions, speaks only the protocol of the
/// address, and checks every object that it is sent.
public final class RemoteGit {
  /// The schemes of addresses that may be fetched from.
  public static final Set<String> PROTOCOLS = Set.of("https", "http");

  private static final Pattern LINE = Pattern.compile("([0-9a-f]{40})\t(\\S+)");

  private final Git git;

  RemoteGit(Git git) {
    this.git = git;
  }

  /// The repository in a folder of this machine; empty where there is none.
  public Optional<Repository> local(Path folder) {
    var there = Files.isDirectory(folder);
    return there ? Optional.of(new Repository(git, folder)) : Optional.empty();
  }

  /// What those refs lead to, in full; a tag's own object stands beside it as `refs/tags/v1^{}`.
  /// Empty where there is no such repository.
  ///
  /// @param refs in full, without anything that git takes for a pattern
  public Optional<Map<String, String>> refs(URI url, List<String> refs) {
    var arguments = new ArrayList<>(List.of("ls-remote", "--", url.toString()));
    arguments.addAll(refs);
    var output = git.remote(git.home(), protocol(url), arguments);
    if (output.exit() != 0) {
      if (missing(output.error())) {
        return Optional.empty();
      }
      throw unreachable(url, output);
    }
    var found = new HashMap<String, String>();
    output
        .text()
        .lines()
        .map(LINE::matcher)
        .forEach(line -> {
          if (line.matches() && refs.contains(line.group(2))) {
            found.put(line.group(2), line.group(1));
          }
        });
    return Optional.of(found);
  }

  /// Whether a branch or tag there leads to the commit, or to one that comes from it. Asks for the
  /// history without files, where the server can give that.
  ///
  /// @param folder where it may work; it leaves nothing there
  /// @return false where there is no such repository too
  public boolean onBranchOrTag(URI url, String commit, Path folder) {
    return in(
        folder,
        building -> {
          var tips =
              git.remote(
                  git.home(),
                  protocol(url),
                  List.of("ls-remote", "--heads", "--tags", "--", url.toString()));
          if (tips.exit() != 0) {
            if (missing(tips.error())) {
              return false;
            }
            throw unreachable(url, tips);
          }
          if (tips.text().lines().anyMatch(line -> line.startsWith(commit + "\t"))) {
            return true;
          }
          empty(building);
          var history = fetch(building, url, all(url, List.of("--filter=tree:0")));
          if (history.exit() != 0) {
            throw unreachable(url, history);
          }
          return new Repository(git, building).onBranchOrTag(commit);
        });
  }

  /// Fetches one commit and writes its files into a zip.
  ///
  /// @param folder where it may work; it leaves nothing there
  /// @return false where there is no such repository or commit
  public boolean archive(URI url, String commit, Path folder, Path zip) {
    return in(folder, building -> fetch(building, url, commit, zip));
  }

  private static boolean in(Path folder, Predicate<Path> work) {
    try {
      var building = Files.createTempDirectory(folder, ".fetch-");
      try {
        return work.test(building);
      } finally {
        DurableFiles.delete(building);
      }
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The folder for actions cannot be used: " + e.getMessage(),
          "Free some space on the server's disk.",
          e);
    }
  }

  private boolean fetch(Path building, URI url, String commit, Path zip) {
    empty(building);
    // A server that gives out single commits spares us the history.
    var fetched = fetch(building, url, List.of("--depth=1", "--", url.toString(), commit));
    if (fetched.exit() != 0) {
      if (missing(fetched.error())) {
        return false;
      }
      var whole = fetch(building, url, all(url, List.of()));
      if (whole.exit() != 0) {
        throw unreachable(url, whole);
      }
    }
    var repository = new Repository(git, building);
    if (repository.commitOf(commit).isEmpty()) {
      return false;
    }
    repository.archive(commit, zip);
    return true;
  }

  private void empty(Path building) {
    git.demand(
        building, List.of("init", "--bare", "--quiet", "--template=", "."), new byte[0], 200);
  }

  private static List<String> all(URI url, List<String> options) {
    var arguments = new ArrayList<>(options);
    arguments.addAll(
        List.of("--", url.toString(), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"));
    return arguments;
  }

  private Git.Output fetch(Path building, URI url, List<String> what) {
    var arguments = new ArrayList<>(List.of("fetch", "--quiet", "--no-tags"));
    arguments.addAll(what);
    return git.remote(building, protocol(url), arguments);
  }

  private static String protocol(URI url) {
    var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    if (!PROTOCOLS.contains(scheme)) {
      throw new IllegalArgumentException("not an address for git: " + url);
    }
    return scheme;
  }

  private static boolean missing(String error) {
    return error.contains("not found");
  }

  private static FairwayException unreachable(URI url, Git.Output output) {
    var why = output.error().isEmpty() ? "git ended with " + output.exit() : output.error();
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        url + " could not be read: " + why.replaceAll("\\s*\\R\\s*", "; "),
        "Check that the server reaches it, or configure a mirror under Administration, Actions.");
  }
}
