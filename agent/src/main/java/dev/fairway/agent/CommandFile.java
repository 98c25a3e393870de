package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the files through which a step talks back: `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_STATE`
/// (`NAME=VALUE`, or `NAME<<DELIMITER`, lines, `DELIMITER`), `GITHUB_PATH` (a folder per line) and
/// `GITHUB_STEP_SUMMARY` (Markdown).
///
/// A step owns its files and could put a link in their place, so links are not followed.
final class CommandFile {
  static final int MAX_BYTES = 1024 * 1024;

  private CommandFile() {}

  /// @param variable the name of the file's variable, for messages
  static Map<String, String> pairs(Path file, String variable) throws IOException {
    var pairs = new LinkedHashMap<String, String>();
    var lines = text(file, variable).split("\r?\n", -1);
    for (var at = 0; at < lines.length; at++) {
      var line = lines[at];
      if (line.isEmpty()) {
        continue;
      }
      var equals = line.indexOf('=');
      var heredoc = line.indexOf("<<");
      if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
        pairs.put(name(line.substring(0, equals), variable, at), line.substring(equals + 1));
      } else if (heredoc >= 0) {
        var delimiter = line.substring(heredoc + 2);
        var name = name(line.substring(0, heredoc), variable, at);
        if (delimiter.isEmpty()) {
          throw refused(variable, at, "the delimiter after `" + name + "<<` is empty");
        }
        var begin = at;
        var value = new ArrayList<String>();
        for (at++; at < lines.length && !lines[at].equals(delimiter); at++) {
          value.add(lines[at]);
        }
        if (at == lines.length) {
          throw refused(
              variable,
              begin,
              "the value of `" + name + "` is not ended by a line `" + delimiter + "`");
        }
        pairs.put(name, String.join("\n", value));
      } else {
        throw refused(variable, at, "`" + line + "` is neither NAME=VALUE nor NAME<<DELIMITER");
      }
    }
    return pairs;
  }

  static List<String> lines(Path file, String variable) throws IOException {
    return text(file, variable).lines().filter(line -> !line.isBlank()).toList();
  }

  /// Whether it is as it was made.
  static boolean isEmpty(Path file) throws IOException {
    try {
      var attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() && attributes.size() == 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  static String text(Path file, String variable) throws IOException {
    byte[] bytes;
    try {
      var attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        throw refused(variable, 0, "it is not a regular file any more");
      }
      if (attributes.size() == 0) {
        return "";
      }
      try (var in = new JobFile(folder(file), file.getFileName()).open()) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
    } catch (NoSuchFileException e) {
      return "";
    }
    if (bytes.length > MAX_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The file " + variable + " is larger than its limit of " + MAX_BYTES + " bytes",
          "Write less to $" + variable + ", or upload an artifact.");
    }
    for (var b : bytes) {
      if (b == 0) {
        throw refused(variable, 0, "it contains a NUL byte");
      }
    }
    try {
      var text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw refused(variable, 0, "it is not UTF-8");
    }
  }

  private static Path folder(Path file) {
    var folder = file.getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " lies in no folder");
    }
    return folder;
  }

  private static String name(String name, String variable, int line) {
    if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
      throw refused(variable, line, "the name `" + name + "` is not a name");
    }
    return name;
  }

  private static FairwayException refused(String variable, int line, String what) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        "Cannot read the file %s, line %d: %s".formatted(variable, line + 1, what),
        "");
  }
}
