package dev.fairway.ledger;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A text with signatures below it (C2SP signed-note). A checkpoint carries the log's signature
/// and, after it, the cosignatures of witnesses.
///
/// @param text what is signed, ending with a newline
/// @param signatures in the order of the note
public record SignedNote(String text, List<Signature> signatures) {
  /// Longest note, in characters.
  static final int MAX_LENGTH = 64 << 10;

  /// Most signatures in a note.
  static final int MAX_SIGNATURES = 32;

  private static final String MARK = "\u2014 ";

  /// One line of a note.
  ///
  /// @param name who signs
  /// @param keyId the first four bytes of the hash of name and key, which tell keys of one name
  ///   apart
  /// @param value the signature's bytes
  public record Signature(String name, int keyId, Bytes value) {
    String line() {
      var bytes = ByteBuffer.allocate(4 + value.length()).putInt(keyId).put(value.peek()).array();
      return MARK + name + " " + Bytes.adopt(bytes).base64() + "\n";
    }
  }

  public SignedNote {
    if (!text.endsWith("\n") || signatures.isEmpty()) {
      throw new IllegalArgumentException("a note ends with a newline and has a signature");
    }
    signatures = List.copyOf(signatures);
  }

  /// The note in its file form.
  public String write() {
    var out = new StringBuilder(text).append('\n');
    signatures.forEach(signature -> out.append(signature.line()));
    return out.toString();
  }

  static SignedNote parse(String note) throws Refusal {
    int split = note.lastIndexOf("\n\n");
    if (note.length() > MAX_LENGTH
        || split < 1
        || split + 2 >= note.length()
        || !note.endsWith("\n")) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "not a signed note");
    }
    if (note.chars().anyMatch(c -> (c < ' ' && c != '\n') || c == 127)) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "control characters in the note");
    }
    var signatures = new ArrayList<Signature>();
    for (var line : note.substring(split + 2, note.length() - 1).split("\n", -1)) {
      signatures.add(signature(line));
    }
    if (signatures.size() > MAX_SIGNATURES) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "more than " + MAX_SIGNATURES + " signatures");
    }
    return new SignedNote(note.substring(0, split + 1), signatures);
  }

  private static Signature signature(String line) throws Refusal {
    int space = line.indexOf(' ', MARK.length());
    if (!line.startsWith(MARK) || space < 0) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "malformed signature line");
    }
    var name = line.substring(MARK.length(), space);
    var bytes =
        Bytes.base64(line.substring(space + 1))
            .filter(b -> b.length() > 4)
            .orElseThrow(() -> new Refusal(Flaw.BAD_CHECKPOINT, "malformed signature line"));
    var raw = bytes.peek();
    int keyId = ByteBuffer.wrap(raw).getInt();
    if (!Checkpoint.validOrigin(name)) {
      throw new Refusal(Flaw.BAD_CHECKPOINT, "malformed name of a signer");
    }
    return new Signature(name, keyId, Bytes.adopt(Arrays.copyOfRange(raw, 4, raw.length)));
  }
}
