package dev.fairway.ledger;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// The textual encoding of RFC 7468: labelled Base64 blocks, with free text around them.
record Pem(String label, Bytes content) {
  private static final int MAX_LENGTH = 64 << 10;
  private static final int LINE = 64;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  static List<Pem> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new LedgerException(
          LedgerException.Problem.KEY_UNUSABLE,
          "a PEM file of more than " + MAX_LENGTH + " characters");
    }
    var blocks = new ArrayList<Pem>();
    for (var matcher = BLOCK.matcher(text); matcher.find(); ) {
      try {
        var content = Base64.getDecoder().decode(matcher.group(2).replaceAll("\\s", ""));
        blocks.add(new Pem(matcher.group(1), Bytes.adopt(content)));
      } catch (IllegalArgumentException malformed) {
        throw new LedgerException(
            LedgerException.Problem.KEY_UNUSABLE,
            "malformed PEM block " + matcher.group(1),
            malformed);
      }
    }
    return blocks;
  }

  String write() {
    var lines = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(content.peek());
    return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
  }
}
