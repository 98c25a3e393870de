package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The head of a push: which refs it wants to move, before the pack follows.
///
/// The format is git's pkt-line: four hexadecimal digits of length, themselves counted, then a
/// command `OLD NEW REF`; the first one carries the client's capabilities after a NUL; `0000` ends
/// the list.
///
/// @param raw the bytes that were read, for git to read again
/// @param sideband whether the client shows messages beside the report
/// @param overflow whether there were more commands than a push may have; the first ones are kept
// Nobody compares them: the bytes are passed on.
@SuppressWarnings("ArrayRecordComponent")
record PushCommands(List<Command> commands, byte[] raw, boolean sideband, boolean overflow) {
  static final String ZERO = "0".repeat(40);

  private static final int MAX_LINE_BYTES = 65_520;
  private static final int LENGTH_DIGITS = 4;
  private static final Pattern COMMAND = Pattern.compile("([0-9a-f]{40}) ([0-9a-f]{40}) (.+)");

  /// One ref that the push wants to move; [#ZERO] stands for a ref that does not exist.
  record Command(String before, String after, String ref) {}

  PushCommands {
    commands = List.copyOf(commands);
  }

  static PushCommands read(InputStream in) throws IOException {
    var raw = new ByteArrayOutputStream();
    var commands = new ArrayList<Command>();
    var refs = new HashSet<String>();
    var sideband = false;
    for (var line = line(in, raw); line != null; line = line(in, raw)) {
      var end = line.indexOf('\0');
      if (end >= 0) {
        sideband |= line.substring(end).contains("side-band-64k");
        line = line.substring(0, end);
      }
      line = utf8(line.strip());
      if (line.startsWith("shallow ")) {
        continue;
      }
      var command = COMMAND.matcher(line);
      if (!command.matches() || !refs.add(command.group(3))) {
        throw invalid("'" + line + "' is not a command, or names a ref for a second time");
      }
      if (commands.size() == SourceLimits.MAX_REF_UPDATES_PER_PUSH) {
        return new PushCommands(commands, raw.toByteArray(), sideband, true);
      }
      commands.add(new Command(command.group(1), command.group(2), command.group(3)));
    }
    return new PushCommands(commands, raw.toByteArray(), sideband, false);
  }

  private static String utf8(String bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1))).toString();
    } catch (CharacterCodingException e) {
      // Two of them could not be told apart in the record.
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The name of a branch or tag is not UTF-8", "Rename it.", e);
    }
  }

  private static @Nullable String line(InputStream in, ByteArrayOutputStream raw)
      throws IOException {
    var digits = in.readNBytes(LENGTH_DIGITS);
    raw.write(digits);
    var length = length(digits);
    if (length == 0) {
      return null;
    }
    var payload = in.readNBytes(length - LENGTH_DIGITS);
    if (payload.length != length - LENGTH_DIGITS) {
      throw invalid("it ends in the middle of a line");
    }
    raw.write(payload);
    if (raw.size() > SourceLimits.MAX_PUSH_HEAD_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The push says what it wants in more than " + SourceLimits.MAX_PUSH_HEAD_BYTES + " bytes",
          "Push fewer branches and tags at a time.");
    }
    return new String(payload, ISO_8859_1);
  }

  private static int length(byte[] digits) {
    try {
      var length = Integer.parseInt(new String(digits, ISO_8859_1), 16);
      if (digits.length == LENGTH_DIGITS
          && (length == 0 || (length > LENGTH_DIGITS && length <= MAX_LINE_BYTES))) {
        return length;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a length out of bounds.
    }
    throw invalid("a line has no length");
  }

  private static FairwayException invalid(String what) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "This is not a push as git sends it: " + what, "Use git.");
  }
}
