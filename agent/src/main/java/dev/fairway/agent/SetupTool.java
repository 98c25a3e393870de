package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `actions/setup-java`, `-node` and `-python` have in common: the version that is asked for,
/// and the newest of those on this machine that fits. Nothing is downloaded.
///
/// @param tool for people, such as `Java`
/// @param input its input for the version; the same with `-file` names a file that has it
record SetupTool(String tool, String input, ActionInputs inputs, Turn.Scene scene) {
  private static final int MAX_FILE_BYTES = 64 << 10;

  /// A version of the tool on this machine.
  ///
  /// @param home the folder to begin from
  record Installed(String version, Path home, Path program) {
    /// Its first number.
    String major() {
      return version.replaceFirst("^v", "").split("[.+_-]", 2)[0];
    }
  }

  /// The versions that are asked for, in order; at least one.
  List<String> wanted() throws IOException {
    var given = inputs.text(input, "");
    if (!given.isEmpty()) {
      return given.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
    var file = inputs.text(input + "-file", "");
    if (file.isEmpty()) {
      throw inputs.refused(input, "is required");
    }
    return List.of(fromFile(file));
  }

  private String fromFile(String name) throws IOException {
    var workspace = scene.scope().job().workspace();
    var file = workspace.resolve(name).normalize();
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw inputs.refused(input + "-file", "names `" + name + "`, which is not there");
    }
    try (var in = new ArtifactFiles(workspace, List.of(workspace)).open(file)) {
      var text = new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8);
      return version(text)
          .orElseThrow(() ->
              inputs.refused(
                  input + "-file",
                  "names `" + name + "`, which has no version that is understood"));
    }
  }

  /// From a file that holds the version alone, or from `.tool-versions` and its like: a line with
  /// the tool's name.
  private Optional<String> version(String text) {
    var word = tool.equals("Node.js") ? "node" : tool.toLowerCase(Locale.ROOT);
    var lines =
        text.lines()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .toList();
    return lines.stream()
        .filter(line -> line.startsWith(word))
        .map(line -> line.replaceFirst("^\\S*?(?:\\s+|=)", "").replaceFirst("^[a-z]+-", "").strip())
        .findFirst()
        .or(() -> lines.stream().findFirst())
        .map(line -> line.replaceFirst("^([a-z]+-)?", ""));
  }

  /// The newest that fits.
  Installed choose(String wanted, List<Installed> here) {
    var range =
        VersionRange.parse(wanted)
            .orElseThrow(() ->
                inputs.refused(
                    input, "is `" + wanted + "`; write a version such as 21, 3.12, 20.x or >=20"));
    var hidden = scene.scope().job().settings().isolation().hidden();
    return here.stream()
        .filter(one -> range.contains(one.version()))
        .filter(one -> hidden.stream().noneMatch(one.program()::startsWith) || isOwnJava(one))
        .max(Comparator.comparing(Installed::version, VersionRange::compare))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.UNSUPPORTED,
                "%s %s is not on this machine, which has %s"
                    .formatted(
                        tool,
                        wanted,
                        here.isEmpty()
                            ? "none"
                            : here.stream()
                                .map(one -> one.version() + " at " + one.home())
                                .distinct()
                                .collect(Collectors.joining(", "))),
                "Install it there, or ask for one that is there; nothing is downloaded."));
  }

  /// The agent's own Java is shown to jobs wherever it lies.
  private static boolean isOwnJava(Installed one) {
    return one.program().startsWith(Path.of(System.getProperty("java.home")));
  }
}
