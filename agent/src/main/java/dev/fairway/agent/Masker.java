package dev.fairway.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Replaces secrets in a line of output by `***`, also in the forms that common tools give them,
/// see [SecretForms]. Matches that overlap become one `***`, so that no rest of the second one
/// remains.
///
/// A bit per pair of bytes says whether any secret begins with that pair; only there are the
/// candidates compared. Almost every byte of a log costs one look into that table.
///
/// Secrets may be added while another thread masks.
final class Masker {
  /// Pieces of a secret (its lines, its encodings) that are shorter would hide half of every log.
  static final int MIN_PIECE_BYTES = 4;

  /// So many secrets a job may add: each makes every line of the log a little slower.
  static final int MAX_LEARNED = 1_000;

  /// All of them together: each is kept in many forms.
  static final int MAX_LEARNED_CHARS = 1 << 20;

  private static final byte[] STARS = {'*', '*', '*'};
  private static final int PAIRS = 1 << 16;

  private final Set<byte[]> known = new TreeSet<>(Arrays::compareUnsigned);

  /// Those of them that an encoder may break into lines.
  private final Set<byte[]> broken = new TreeSet<>(Arrays::compareUnsigned);

  private int learned;
  private int learnedChars;
  private volatile Table table = Table.of(Set.of(), Set.of());

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
      table = Table.of(known, broken);
    }
  }

  /// Hides what the job itself calls a secret, unless it has called too much that.
  ///
  /// @return whether it is hidden
  final synchronized boolean learn(String secret) {
    if (learned >= MAX_LEARNED || secret.length() > MAX_LEARNED_CHARS - learnedChars) {
      return false;
    }
    learned++;
    learnedChars += secret.length();
    add(secret);
    return true;
  }

  /// How many bytes the longest form of a secret has.
  int longest() {
    return table.longest;
  }

  /// Appends the first `limit` bytes of `text` to `out`, masked. Bytes from `limit` to `length` are
  /// looked at only to recognise a secret that begins before `limit`.
  void mask(byte[] text, int length, int limit, ByteArrayOutputStream out) {
    var secrets = table;
    var ends = secrets.broken.ends(text, length);
    var copied = 0;
    var at = 0;
    while (true) {
      at = ends.none() ? secrets.next(text, at, Math.min(limit, length)) : at;
      if (at >= limit) {
        break;
      }
      var found = Math.max(secrets.longestAt(text, at, length), ends.at(at, length));
      if (found == 0) {
        at++;
        continue;
      }
      out.write(text, copied, at - copied);
      var end = at + found;
      for (var next = at + 1; next < end && next < length; next++) {
        end =
            Math.max(
                end, next + Math.max(secrets.longestAt(text, next, length), ends.at(next, length)));
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
    for (var form : SecretForms.text(secret)) {
      keep(form, known);
    }
    for (var form : SecretForms.base64(secret)) {
      keep(form, known);
      keep(form, broken);
    }
  }

  private static void keep(String form, Set<byte[]> forms) {
    if (form.length() >= MIN_PIECE_BYTES) {
      forms.add(form.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final class Table {
    private final long[] pairs;
    private final boolean[] singles;
    private final Map<Integer, byte[][]> byPair;
    private final int longest;
    private final BrokenBase64 broken;

    private Table(
        long[] pairs,
        boolean[] singles,
        Map<Integer, byte[][]> byPair,
        int longest,
        BrokenBase64 broken) {
      this.pairs = pairs;
      this.singles = singles;
      this.byPair = byPair;
      this.longest = longest;
      this.broken = broken;
    }

    static Table of(Set<byte[]> secrets, Set<byte[]> broken) {
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
      return new Table(pairs, singles, byPair, longest, new BrokenBase64(List.copyOf(broken)));
    }

    private static void mark(long[] pairs, int pair) {
      pairs[pair >> 6] |= 1L << pair;
    }

    /// The first place from `at` on where a secret may begin; `end` if there is none. Most of the
    /// time that a log takes is spent here.
    int next(byte[] text, int at, int end) {
      if (at >= end) {
        return end;
      }
      var marks = pairs;
      var first = text[at] & 0xff;
      for (var next = at + 1; next < end; next++) {
        var second = text[next] & 0xff;
        var pair = (first << 8) | second;
        if ((marks[pair >> 6] & (1L << pair)) != 0) {
          return next - 1;
        }
        first = second;
      }
      return end - 1;
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
