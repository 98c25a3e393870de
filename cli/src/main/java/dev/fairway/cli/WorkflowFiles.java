package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Finds and reads the workflow files of a folder.
final class WorkflowFiles {
  /// Where a repository keeps its workflows.
  static final List<String> FOLDERS = List.of(".github/workflows", ".fairway/workflows");

  /// Larger files are not read at all; the language's own limit is lower.
  private static final long MAX_BYTES = 4L * 1024 * 1024;

  private WorkflowFiles() {}

  /// The workflows of the repository in this folder, in the order of their names.
  static List<Path> of(Path folder) {
    var files = new ArrayList<Path>();
    for (var name : FOLDERS) {
      var workflows = folder.resolve(name);
      if (Files.isDirectory(workflows)) {
        files.addAll(in(workflows));
      }
    }
    if (files.isEmpty()) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "There is no workflow in " + String.join(" or ", FOLDERS) + ".",
          "Name a file, or change to the root of a repository that has workflows.");
    }
    return files;
  }

  /// The root of the repository that a file in `ROOT/.github/workflows` or
  /// `ROOT/.fairway/workflows` belongs to, as the file is named; for one elsewhere the working
  /// directory.
  static Path root(Path file) {
    var here = Path.of("");
    var workflows = file.getParent();
    for (var name : FOLDERS) {
      if (workflows != null && workflows.endsWith(name)) {
        var depth = workflows.getNameCount() - 2;
        var root = depth == 0 ? here : workflows.subpath(0, depth);
        return workflows.isAbsolute() ? workflows.getRoot().resolve(root) : root;
      }
    }
    return here;
  }

  /// The workflows in this folder itself.
  static List<Path> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".yml") || file.toString().endsWith(".yaml"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  static String read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new FairwayException(
            ErrorCode.TOO_LARGE,
            file + " is larger than " + MAX_BYTES + " bytes.",
            "Is it really a workflow or a JSON file?");
      }
      return text(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static String text(Path file, byte[] bytes) {
    var in = ByteBuffer.wrap(bytes);
    var text = CharBuffer.allocate(bytes.length);
    var result = StandardCharsets.UTF_8.newDecoder().decode(in, text, true);
    if (result.isError()) {
      var lines = text.flip().toString().split("\n", -1);
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "%s is not UTF-8 text from line %d, column %d on."
              .formatted(file, lines.length, lines[lines.length - 1].length() + 1),
          "Save it as UTF-8.");
    }
    return text.flip().toString();
  }

  private static FairwayException unreadable(Path path, IOException cause) {
    var missing = !Files.exists(path);
    return new FairwayException(
        missing ? ErrorCode.NOT_FOUND : ErrorCode.INVALID_INPUT,
        missing ? path + " does not exist." : path + " cannot be read: " + cause.getMessage(),
        missing ? "Check the spelling." : "Check that it is a file and that you may read it.",
        cause);
  }
}
