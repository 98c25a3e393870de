package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// A value that must not stand in a command: arguments are seen by everybody on the machine, and
/// kept in the shell's history.
final class HiddenValue {
  private static final int MAX_BYTES = 1 << 20;

  private HiddenValue() {}

  /// Asks for it where a person sits there, and reads standard input to its end otherwise; a line's
  /// end behind it is not part of it.
  @SuppressWarnings("SystemConsoleNull") // it is null again where the JDK's own console is used
  static String read(String what) {
    var console = System.console();
    if (console != null && console.isTerminal()) {
      var typed = console.readPassword("%s: ", what);
      if (typed == null) {
        throw new FairwayException(ErrorCode.INVALID_INPUT, "No value was given", "Type it.");
      }
      return new String(typed);
    }
    return read(System.in);
  }

  static String read(InputStream in) {
    try {
      var bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new FairwayException(
            ErrorCode.TOO_LARGE, "The value on standard input is too long", "48 KiB are allowed.");
      }
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.replaceFirst("\r?\n\\z", "");
    } catch (CharacterCodingException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The value on standard input is not UTF-8 text",
          "Encode it, as with base64.",
          e);
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "Standard input cannot be read: " + e.getMessage(), "", e);
    }
  }
}
