package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The problem matchers that a job's steps have registered.
final class ProblemMatchers {
  static final int MAX_MATCHERS = 50;

  /// Only so much of a line is looked at.
  static final int MAX_LINE_CHARS = 4_096;

  private static final int MAX_FILE_BYTES = 256 << 10;
  private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

  private final Path workspace;
  private final ArtifactFiles files;
  private final Map<String, ProblemMatcher> byOwner = new LinkedHashMap<>();

  ProblemMatchers(JobFolder folder, Path workspace) {
    this(
        workspace,
        new ArtifactFiles(
            workspace, List.of(folder.work(), folder.temp(), folder.home(), folder.control())));
  }

  private ProblemMatchers(Path workspace, ArtifactFiles files) {
    this.workspace = workspace;
    this.files = files;
  }

  /// The same for output of its own; what is added to one of them is not known to the other.
  ProblemMatchers copy() {
    var copy = new ProblemMatchers(workspace, files);
    byOwner.forEach((owner, matcher) -> copy.byOwner.put(owner, matcher.anew()));
    return copy;
  }

  boolean none() {
    return byOwner.isEmpty();
  }

  /// Adds those of a file, which the job names and may have made.
  void add(String name) throws IOException {
    var file = workspace.resolve(name).normalize();
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw refused("there is no file `" + name + "`");
    }
    byte[] bytes;
    try (var in = files.open(file)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw refused("`" + name + "` is larger than " + MAX_FILE_BYTES + " bytes");
    }
    for (var matcher : ProblemMatcher.parse(new String(bytes, StandardCharsets.UTF_8))) {
      byOwner.remove(matcher.owner());
      if (byOwner.size() >= MAX_MATCHERS) {
        throw refused("a job has at most " + MAX_MATCHERS);
      }
      byOwner.put(matcher.owner(), matcher);
    }
  }

  void remove(String owner) {
    byOwner.remove(owner);
  }

  /// What a line of output tells; the matcher that came last is asked first.
  ///
  /// @param dropped takes the owners of matchers that take too long
  Optional<ProblemMatcher.Problem> next(String line, List<String> dropped) {
    var text =
        COLOURS
            .matcher(line.length() > MAX_LINE_CHARS ? line.substring(0, MAX_LINE_CHARS) : line)
            .replaceAll("");
    var matchers = new ArrayList<>(byOwner.values());
    for (var matcher : matchers.reversed()) {
      try {
        var problem = matcher.next(text);
        if (problem.isPresent()) {
          return problem.map(this::inWorkspace);
        }
      } catch (ProblemMatcher.TooSlow e) {
        byOwner.remove(matcher.owner());
        dropped.add(matcher.owner());
      }
    }
    return Optional.empty();
  }

  /// Annotations name files relative to the repository.
  private ProblemMatcher.Problem inWorkspace(ProblemMatcher.Problem problem) {
    return new ProblemMatcher.Problem(
        problem.severity(),
        problem.message(),
        problem
            .file()
            .map(file -> {
              var prefix = workspace + "/";
              return file.startsWith(prefix)
                  ? file.substring(prefix.length())
                  : file.startsWith("./") ? file.substring(2) : file;
            }),
        problem.line(),
        problem.column());
  }

  private static FairwayException refused(String why) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "The problem matchers cannot be used: " + why, "");
  }
}
