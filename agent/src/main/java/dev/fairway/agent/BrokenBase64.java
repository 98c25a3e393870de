package dev.fairway.agent;

import java.util.Arrays;
import java.util.List;

/// Finds the two halves of a secret that stand at the end of one line of Base64 and at the begin of
/// the next: an encoder breaks its lines wherever they are full.
///
/// @param forms of the secrets in Base64
record BrokenBase64(List<byte[]> forms) {
  /// A shorter half would be found in text that has nothing to do with the secret.
  static final int MIN_BYTES = 8;

  private static final Ends NONE = new Ends(0, 0);
  private static final int LONGEST_LINE = SecretForms.BASE64_LINES.getLast();

  BrokenBase64 {
    forms = List.copyOf(forms);
  }

  /// What to hide of a line.
  ///
  /// @param head how many of its first bytes are the second half of a secret
  /// @param tail how many of its last bytes are the first half of one
  record Ends(int head, int tail) {
    boolean none() {
      return head == 0 && tail == 0;
    }

    /// How many bytes from `at` are such a half.
    int at(int at, int length) {
      return at == 0 && head > 0 ? head : at == length - tail ? tail : 0;
    }
  }

  Ends ends(byte[] line, int length) {
    if (length < MIN_BYTES || length > LONGEST_LINE || forms.isEmpty() || !isBase64(line, length)) {
      return NONE;
    }
    var full = SecretForms.BASE64_LINES.contains(length);
    var head = 0;
    var tail = 0;
    for (var form : forms) {
      for (var half = Math.min(form.length - 1, length); half >= MIN_BYTES; half--) {
        if (half > head && Arrays.equals(line, 0, half, form, form.length - half, form.length)) {
          head = half;
        }
        if (full && half > tail && Arrays.equals(line, length - half, length, form, 0, half)) {
          tail = half;
        }
      }
    }
    return new Ends(head, tail);
  }

  private static boolean isBase64(byte[] line, int length) {
    for (var at = 0; at < length; at++) {
      var c = line[at];
      if (!(c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || c == '+'
          || c == '/'
          || c == '-'
          || c == '_'
          || c == '=')) {
        return false;
      }
    }
    return true;
  }
}
