package dev.fairway.agent;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.io.JsonStringEncoder;

/// Replaces secrets in a line of output by `***`, also where they stand Base64-encoded (at any
/// alignment, and broken into lines), in hexadecimal, URL-encoded, or escaped for JSON, XML or a
/// shell. Matches that overlap become one `***`, so that no rest of the second one remains.
///
/// A bit per pair of bytes says whether any secret begins with that pair; only there are the
/// candidates compared. Almost every byte of a log costs one look into that table.
///
/// Secrets may be added while another thread masks.
final class Masker {
  /// Pieces of a secret (its lines, its encodings) that are shorter would hide half of every log.
  static final int MIN_PIECE_BYTES = 4;

  private static final byte[] STARS = {'*', '*', '*'};
  private static final int PAIRS = 1 << 16;
  private static final int[] BASE64_LINES = {64, 76};

  private final Set<byte[]> known = new TreeSet<>(Arrays::compareUnsigned);
  private volatile Table table = Table.of(Set.of());

  Masker(List<String> secrets) {
    secrets.forEach(this::add);
  }

  /// Hides `secret` from now on; the empty one is not a secret.
  final synchronized void add(String secret) {
    if (secret.isBlank()) {
      return;
    }
    var before = known.size();
    whole(secret);
    var lines = secret.lines().map(String::strip).toList();
    if (lines.size() > 1) {
      lines.forEach(this::piece);
    }
    if (known.size() != before) {
      table = Table.of(known);
    }
  }

  /// How many bytes the longest form of a secret has.
  int longest() {
    return table.longest;
  }

  /// Appends the first `limit` bytes of `text` to `out`, masked. Bytes from `limit` to `length` are
  /// looked at only to recognise a secret that begins before `limit`.
  void mask(byte[] text, int length, int limit, ByteArrayOutputStream out) {
    var secrets = table;
    var copied = 0;
    var at = 0;
    while (at < limit) {
      var found = secrets.longestAt(text, at, length);
      if (found == 0) {
        at++;
        continue;
      }
      out.write(text, copied, at - copied);
      var end = at + found;
      for (var next = at + 1; next < end && next < length; next++) {
        end = Math.max(end, next + secrets.longestAt(text, next, length));
      }
      out.writeBytes(STARS);
      at = end;
      copied = end;
    }
    if (copied < limit) {
      out.write(text, copied, limit - copied);
    }
  }

  String mask(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream(bytes.length);
    mask(bytes, bytes.length, bytes.length, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private void whole(String secret) {
    known.add(secret.getBytes(StandardCharsets.UTF_8));
    var stripped = secret.strip();
    if (!stripped.equals(secret)) {
      piece(stripped);
    }
    encodings(secret);
  }

  private void piece(String piece) {
    if (piece.getBytes(StandardCharsets.UTF_8).length >= MIN_PIECE_BYTES) {
      known.add(piece.getBytes(StandardCharsets.UTF_8));
      encodings(piece);
    }
  }

  private void encodings(String secret) {
    var forms = new ArrayList<>(urlForms(secret));
    forms.addAll(escapedForms(secret));
    var bytes = secret.getBytes(StandardCharsets.UTF_8);
    for (var shift = 0; shift < 3; shift++) {
      var base64 = base64(bytes, shift);
      forms.add(base64);
      forms.add(base64.replace('+', '-').replace('/', '_'));
    }
    forms.addAll(base64Lines(bytes));
    forms.add(HexFormat.of().formatHex(bytes));
    forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    for (var form : forms) {
      if (form.length() >= MIN_PIECE_BYTES) {
        known.add(form.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /// As forms, `encodeURIComponent`, RFC 3986 and those that leave slashes have it.
  private static List<String> urlForms(String secret) {
    var form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    var path = form.replace("+", "%20");
    var component =
        path.replace("%21", "!")
            .replace("%27", "'")
            .replace("%28", "(")
            .replace("%29", ")")
            .replace("%7E", "~");
    var strict = path.replace("*", "%2A").replace("%7E", "~");
    var upper = List.of(form, path, component, strict, strict.replace("%2F", "/"));
    var all = new ArrayList<>(upper);
    upper.forEach(url -> all.add(lowerHexadecimal(url)));
    return all;
  }

  private static List<String> escapedForms(String secret) {
    var json = new String(JsonStringEncoder.getInstance().quoteAsCharArray(secret));
    var xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    var quoted = xml.replace("\"", "&quot;");
    return List.of(
        json,
        json.replace("/", "\\/"),
        ascii(json),
        xml,
        quoted,
        quoted.replace("'", "&#39;"),
        quoted.replace("'", "&apos;"),
        secret.replace("'", "'\\''"));
  }

  /// With every character beyond ASCII as an escape, as encoders write it that keep to ASCII.
  private static String ascii(String json) {
    var text = new StringBuilder();
    for (int i = 0; i < json.length(); i++) {
      var unit = json.charAt(i);
      if (unit < 0x80) {
        text.append(unit);
      } else {
        text.append("\\u").append(HexFormat.of().toHexDigits(unit));
      }
    }
    return text.toString();
  }

  /// The lines into which `base64` (76 characters), PEM (64) and others break what they encode.
  private static List<String> base64Lines(byte[] secret) {
    var encoded = base64(secret, 0);
    var lines = new ArrayList<String>();
    for (var width : BASE64_LINES) {
      for (var at = 0; encoded.length() > width && at < encoded.length(); at += width) {
        lines.add(encoded.substring(at, Math.min(encoded.length(), at + width)));
      }
    }
    return lines;
  }

  private static String lowerHexadecimal(String url) {
    var lower = new StringBuilder(url);
    for (var at = lower.indexOf("%"); at >= 0; at = lower.indexOf("%", at + 3)) {
      lower.replace(at, at + 3, lower.substring(at, at + 3).toLowerCase(Locale.ROOT));
    }
    return lower.toString();
  }

  /// The characters that are the same whatever stands before and behind the secret in the encoded
  /// text, when `shift` bytes of the first group of three belong to what stands before.
  private static String base64(byte[] secret, int shift) {
    var shifted = new byte[shift + secret.length];
    System.arraycopy(secret, 0, shifted, shift, secret.length);
    var encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
    var from = (shift * 8 + 5) / 6;
    var to = shifted.length * 8 / 6;
    return from < to ? encoded.substring(from, to) : "";
  }

  private static final class Table {
    private final long[] pairs;
    private final boolean[] singles;
    private final Map<Integer, byte[][]> byPair;
    private final int longest;

    private Table(long[] pairs, boolean[] singles, Map<Integer, byte[][]> byPair, int longest) {
      this.pairs = pairs;
      this.singles = singles;
      this.byPair = byPair;
      this.longest = longest;
    }

    static Table of(Set<byte[]> secrets) {
      var pairs = new long[PAIRS / Long.SIZE];
      var singles = new boolean[256];
      var lists = new HashMap<Integer, List<byte[]>>();
      var longest = 0;
      for (var secret : secrets) {
        longest = Math.max(longest, secret.length);
        if (secret.length == 1) {
          singles[secret[0] & 0xff] = true;
          for (var second = 0; second < 256; second++) {
            mark(pairs, ((secret[0] & 0xff) << 8) | second);
          }
        } else {
          var pair = ((secret[0] & 0xff) << 8) | (secret[1] & 0xff);
          mark(pairs, pair);
          lists.computeIfAbsent(pair, _ -> new ArrayList<>()).add(secret);
        }
      }
      var byPair = new HashMap<Integer, byte[][]>();
      lists.forEach((pair, list) -> {
        list.sort(Comparator.comparingInt((byte[] secret) -> secret.length).reversed());
        byPair.put(pair, list.toArray(byte[][]::new));
      });
      return new Table(pairs, singles, byPair, longest);
    }

    private static void mark(long[] pairs, int pair) {
      pairs[pair >> 6] |= 1L << pair;
    }

    /// The length of the longest secret that stands at `at`, 0 if none does.
    int longestAt(byte[] text, int at, int length) {
      if (at + 1 >= length) {
        return at < length && singles[text[at] & 0xff] ? 1 : 0;
      }
      var pair = ((text[at] & 0xff) << 8) | (text[at + 1] & 0xff);
      if ((pairs[pair >> 6] & (1L << pair)) == 0) {
        return 0;
      }
      var candidates = byPair.get(pair);
      if (candidates != null) {
        for (var secret : candidates) {
          if (at + secret.length <= length
              && Arrays.equals(text, at, at + secret.length, secret, 0, secret.length)) {
            return secret.length;
          }
        }
      }
      return singles[text[at] & 0xff] ? 1 : 0;
    }
  }
}
