package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/// The answer to a push that we refuse before git sees it, in git's own words, so that the client
/// shows the reason beside each ref instead of a bare HTTP status.
final class PushReport {
  private static final int SIDEBAND_REPORT = 1;
  private static final String FLUSH = "0000";

  private PushReport() {}

  static byte[] refused(PushCommands push, String reason) {
    var report = new StringBuilder(packet("unpack ok\n"));
    for (var command : push.commands()) {
      report.append(packet("ng " + command.ref() + " " + reason + "\n"));
    }
    report.append(FLUSH);
    if (!push.sideband()) {
      return report.toString().getBytes(UTF_8);
    }
    var inside = report.toString().getBytes(UTF_8);
    var out = new ByteArrayOutputStream();
    // A packet of side-band-64k holds at most 65,515 bytes of the report.
    for (int from = 0; from < inside.length; from += 65_515) {
      var length = Math.min(65_515, inside.length - from);
      out.writeBytes("%04x".formatted(length + 5).getBytes(UTF_8));
      out.write(SIDEBAND_REPORT);
      out.write(inside, from, length);
    }
    out.writeBytes(FLUSH.getBytes(UTF_8));
    return out.toByteArray();
  }

  /// A pkt-line of text.
  static String packet(String text) {
    return "%04x".formatted(text.getBytes(UTF_8).length + 4) + text;
  }
}
