package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.source.Repository;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A file as it was at the run's commit, with what the run found in it.
///
/// @param whole what was found and names no line
/// @param cut whether the file goes on
public record RunSource(
    Run run, String file, List<Annotation> whole, List<Line> lines, boolean cut) {
  private static final int MAX_LINES = 20_000;
  private static final int MAX_PATH_CHARS = 1_000;

  /// @param number from 1
  public record Line(int number, String text, List<Annotation> found) {
    public Line {
      found = List.copyOf(found);
    }
  }

  public RunSource {
    whole = List.copyOf(whole);
    lines = List.copyOf(lines);
  }

  static RunSource of(Run run, Repository repository, String file, List<Annotation> annotations) {
    var text =
        file.length() > MAX_PATH_CHARS
            ? Optional.<String>empty()
            : repository.text(run.commit(), file);
    var all =
        text.orElseThrow(() ->
                new FairwayException(
                    ErrorCode.NOT_FOUND,
                    run.shortCommit() + " has no file " + file,
                    "The job may have made it, or have named it from another folder."))
            .lines()
            .limit(MAX_LINES + 1L)
            .toList();
    var found =
        annotations.stream()
            .filter(one -> inRepository(one).filter(file::equals).isPresent())
            .toList();
    var lines = new ArrayList<Line>();
    for (var line : all.subList(0, Math.min(all.size(), MAX_LINES))) {
      var number = lines.size() + 1;
      lines.add(
          new Line(number, line, found.stream().filter(one -> one.line() == number).toList()));
    }
    return new RunSource(
        run,
        file,
        found.stream().filter(one -> one.line() < 1 || one.line() > lines.size()).toList(),
        lines,
        all.size() > MAX_LINES);
  }

  /// Where the annotation's file stands in the repository; empty where it does not.
  static Optional<String> inRepository(Annotation found) {
    var file = found.file();
    if (file == null) {
      return Optional.empty();
    }
    var path = file.replace('\\', '/');
    while (path.startsWith("./")) {
      path = path.substring(2);
    }
    return path.isEmpty()
            || path.startsWith("/")
            || path.startsWith("-")
            || path.contains(":")
            || ("/" + path + "/").contains("/../")
        ? Optional.empty()
        : Optional.of(path);
  }

  /// The address of the annotation's line; empty where its file is not in the repository.
  static String address(Run run, Annotation found) {
    return inRepository(found)
        .map(path ->
            run.path()
                + "/source?path="
                + URLEncoder.encode(path, StandardCharsets.UTF_8)
                + (found.line() > 0 ? "#F" + found.line() : ""))
        .orElse("");
  }
}
