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
import java.util.stream.Collectors;

/// The version of a tool that a setup action is asked for, and the newest of those on this machine
/// that fits. Nothing is downloaded.
record SetupTool(Kind kind, Setup setup) {
  private static final int MAX_FILE_BYTES = 256 << 10;
  private static final int MAX_SHOWN = 100;
  private static final String ANY = "*";

  /// What there is an action for.
  enum Kind {
    JAVA("Java", "java-version"),
    NODE("Node.js", "node-version"),
    PYTHON("Python", "python-version");

    private final String tool;
    private final String input;

    /// @param tool for people
    /// @param input for the version; the same with `-file` names a file that has it
    Kind(String tool, String input) {
      this.tool = tool;
      this.input = input;
    }
  }

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
    requireMachine();
    var inputs = setup.inputs();
    var given = inputs.text(kind.input, "");
    if (!given.isEmpty()) {
      return given.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
    var file = inputs.text(kind.input + "-file", "");
    if (!file.isEmpty()) {
      return List.of(fromFile(file));
    }
    return switch (kind) {
      case JAVA -> throw inputs.refused(kind.input, "is required");
      case NODE -> List.of(ANY);
      case PYTHON -> List.of(is(".python-version") ? fromFile(".python-version") : ANY);
    };
  }

  private void requireMachine() {
    if (setup.job().inContainer()) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "The job runs in a container, where nothing of the machine's %s is".formatted(kind.tool),
          "Name an image under `container` that has it, and leave this step out.");
    }
    var asked = setup.inputs().text("architecture", setup.arch());
    var known =
        switch (asked.toLowerCase(Locale.ROOT)) {
          case "x64", "amd64", "x86_64" -> "X64";
          case "arm64", "aarch64" -> "ARM64";
          case String other -> other.toUpperCase(Locale.ROOT);
        };
    if (!known.equals(setup.arch())) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "%s for %s is not on this machine, which is %s"
              .formatted(kind.tool, asked, setup.arch().toLowerCase(Locale.ROOT)),
          "Ask for another agent by the labels in `runs-on`.");
    }
  }

  /// What lies outside of the workspace is not there, whatever it is.
  private boolean is(String name) {
    var workspace = setup.job().workspace();
    var file = workspace.resolve(name).normalize();
    return file.startsWith(workspace) && Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private String fromFile(String name) throws IOException {
    var workspace = setup.job().workspace();
    if (!is(name)) {
      throw setup
          .inputs()
          .refused(kind.input + "-file", "names `" + name + "`, which is not there");
    }
    var file = workspace.resolve(name).normalize();
    try (var in = new ArtifactFiles(workspace, List.of(workspace)).open(file)) {
      var text = new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8);
      return VersionFile.of(kind, String.valueOf(file.getFileName()), text)
          .orElseThrow(() ->
              setup
                  .inputs()
                  .refused(
                      kind.input + "-file",
                      "names `" + name + "`, which has no version that is understood"));
    }
  }

  /// The newest that fits.
  Installed choose(String wanted, List<Installed> here) {
    var range =
        VersionRange.parse(kind == Kind.NODE ? VersionFile.withoutAlias(wanted) : wanted)
            .orElseThrow(() ->
                setup
                    .inputs()
                    .refused(
                        kind.input,
                        "is `"
                            + shown(wanted)
                            + "`; write a version such as 21, 3.12, 20.x or >=20"));
    var isolation = setup.job().settings().isolation();
    return here.stream()
        .filter(one -> range.contains(one.version()))
        .filter(one -> isolation.shows(one.program()) || isOwnJava(one))
        .max(Comparator.comparing(Installed::version, VersionRange::compare))
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.UNSUPPORTED,
                "%s %s is not on this machine, which has %s"
                    .formatted(
                        kind.tool,
                        wanted,
                        here.isEmpty()
                            ? "none"
                            : here.stream()
                                .map(one -> one.version() + " at " + one.home())
                                .distinct()
                                .collect(Collectors.joining(", "))),
                "Install it there, or ask for one that is there; nothing is downloaded."));
  }

  private static String shown(String version) {
    return version.length() > MAX_SHOWN ? version.substring(0, MAX_SHOWN) + "…" : version;
  }

  /// The agent's own Java is shown to jobs wherever it lies.
  private static boolean isOwnJava(Installed one) {
    return one.program().startsWith(Path.of(System.getProperty("java.home")));
  }
}
