package dev.fairway.server.actions;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.source.RemoteGit;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Whose actions and workflows jobs may use, and where they come from.
///
/// @param sources asked in this order, each for the repositories that its pattern fits
/// @param allowed patterns such as `actions/*`, `acme/deploy` or `acme/*@v1`; `*` stands for any
///   characters
record ActionSettings(List<Source> sources, List<String> allowed) {
  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._*/@+-]+");

  /// Projects of this installation are trusted as far as pushes to them are; of the others, those
  /// whose code GitHub itself answers for.
  static final ActionSettings DEFAULT =
      new ActionSettings(
          List.of(
              new Source("projects/*", "project:{name}"),
              new Source("*", "https://github.com/{repository}.git")),
          List.of("projects/*", "actions/*", "github/*"));

  /// Where some repositories come from.
  ///
  /// @param repositories a pattern
  /// @param from an address with `{repository}`, or `{owner}` and `{name}`: `https://…`,
  ///   `file:///…` or a folder of the server's machine; or `project:…`, a project of this
  ///   installation
  record Source(String repositories, String from) {
    private static final String PROJECT = "project:";

    Source {
      checkPattern(repositories);
      check(
          from.length() <= ActionLimits.MAX_PATTERN_CHARS && from.contains("{"),
          "'" + from + "' has neither {repository} nor {name}");
      if (!from.startsWith(PROJECT) && !from.startsWith("/")) {
        checkAddress(from);
      }
    }

    boolean fits(ActionReference reference) {
      return matches(repositories, reference.repository());
    }

    /// Where it has that repository.
    Place place(ActionReference reference) {
      var to =
          from.replace("{repository}", reference.repository())
              .replace("{owner}", reference.owner())
              .replace("{name}", reference.name());
      if (to.startsWith(PROJECT)) {
        return new Place.Project(to.substring(PROJECT.length()));
      }
      if (to.startsWith("/")) {
        return new Place.Folder(Path.of(to));
      }
      var url = URI.create(to);
      return "file".equalsIgnoreCase(url.getScheme())
          ? new Place.Folder(Path.of(url.getPath()))
          : new Place.Remote(url);
    }

    /// An address is stored and shown, so it must hold no password.
    private static void checkAddress(String from) {
      try {
        var url =
            new URI(
                from.replace("{repository}", "a/b").replace("{owner}", "a").replace("{name}", "b"));
        var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        check(
            RemoteGit.PROTOCOLS.contains(scheme) || scheme.equals("file"),
            "'" + from + "' is neither https://, http://, file:/// nor a folder");
        check(url.getRawUserInfo() == null, "An address of a source holds no user and password");
        check(
            scheme.equals("file") == (url.getHost() == null) && url.getPath() != null,
            "'" + from + "' is not an address");
      } catch (URISyntaxException e) {
        check(false, "'" + from + "' is not an address: " + e.getReason());
      }
    }
  }

  /// Where a repository is.
  sealed interface Place {
    /// A project of this installation; what is not there is looked for nowhere else.
    record Project(String name) implements Place {
      @Override
      public String toString() {
        return "project:" + name;
      }
    }

    record Folder(Path path) implements Place {
      @Override
      public String toString() {
        return path.toString();
      }
    }

    record Remote(URI url) implements Place {
      @Override
      public String toString() {
        return url.toString();
      }
    }
  }

  ActionSettings {
    sources = List.copyOf(sources);
    allowed = List.copyOf(allowed);
    check(sources.size() <= ActionLimits.MAX_SOURCES, "There are too many sources");
    check(allowed.size() <= ActionLimits.MAX_PATTERNS, "There are too many patterns");
    allowed.forEach(ActionSettings::checkPattern);
  }

  boolean allows(ActionReference reference) {
    return allowed.stream()
        .anyMatch(pattern -> {
          var at = pattern.indexOf('@');
          return at < 0
              ? matches(pattern, reference.repository())
              : matches(pattern.substring(0, at), reference.repository())
                  && matchesRef(pattern.substring(at + 1), reference.ref());
        });
  }

  private static boolean matches(String pattern, String text) {
    return matchesRef(pattern.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT));
  }

  /// Each part between two stars is taken where it comes first: that leaves the most for the
  /// others, so nothing is ever tried twice.
  private static boolean matchesRef(String pattern, String text) {
    var parts = pattern.split("\\*", -1);
    if (parts.length == 1) {
      return pattern.equals(text);
    }
    var last = parts[parts.length - 1];
    if (!text.startsWith(parts[0])
        || !text.endsWith(last)
        || text.length() < parts[0].length() + last.length()) {
      return false;
    }
    var at = parts[0].length();
    for (var part : List.of(parts).subList(1, parts.length - 1)) {
      at = text.indexOf(part, at);
      if (at < 0) {
        return false;
      }
      at += part.length();
    }
    return at <= text.length() - last.length();
  }

  private static void checkPattern(String pattern) {
    check(
        PATTERN.matcher(pattern).matches() && pattern.length() <= ActionLimits.MAX_PATTERN_CHARS,
        "'" + pattern + "' is not a pattern for actions");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          otherwise,
          "Write patterns such as actions/* and addresses such as"
              + " https://git.example.org/{repository}.git.");
    }
  }
}
