package dev.fairway.agent;

import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.core.io.JsonStringEncoder;

/// The forms that common tools give a secret when they print it.
final class SecretForms {
  /// The widths at which `base64` (76 characters), PEM (64) and others break what they encode.
  static final List<Integer> BASE64_LINES = List.of(64, 76);

  /// What needs no quotes, escapes or URL-encoding anywhere: most tokens.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]*+");

  private static final Pattern SHELL_QUOTED = Pattern.compile("[\\\\\"$`]");
  private static final Pattern SHELL_ESCAPED = Pattern.compile("[ !\"$&'()*,;<>?\\[\\\\\\]^`{|}]");
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private SecretForms() {}

  /// In hexadecimal, URL-encoded, and quoted for JSON, XML, a shell, Python, YAML or CSV.
  static List<String> text(String secret) {
    var bytes = secret.getBytes(StandardCharsets.UTF_8);
    var forms = new ArrayList<String>();
    if (!PLAIN.matcher(secret).matches()) {
      forms.addAll(url(secret));
      forms.addAll(json(secret));
      forms.addAll(xml(secret));
      forms.addAll(quoted(secret));
    }
    forms.add(HexFormat.of().formatHex(bytes));
    forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    return forms;
  }

  /// In Base64 of both alphabets at every alignment, as text and as PowerShell encodes it, and the
  /// lines into which what begins with it is broken.
  static List<String> base64(String secret) {
    var forms = new ArrayList<String>();
    for (var charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
      forms.addAll(base64(secret, charset));
    }
    return forms;
  }

  private static List<String> base64(String secret, Charset charset) {
    var forms = new ArrayList<String>();
    var bytes = secret.getBytes(charset);
    for (var shift = 0; shift < 3; shift++) {
      var base64 = base64(bytes, shift);
      forms.add(base64);
      forms.add(base64.replace('+', '-').replace('/', '_'));
    }
    forms.addAll(base64Lines(base64(bytes, 0)));
    return forms;
  }

  /// As forms, `encodeURIComponent`, RFC 3986 and those that leave slashes have it.
  private static List<String> url(String secret) {
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

  /// As most encoders write it, with escaped slashes, safe inside of HTML (Go, Gson), and each of
  /// them in ASCII alone.
  private static List<String> json(String secret) {
    var plain = new String(JsonStringEncoder.getInstance().quoteAsCharArray(secret));
    var html = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    var forms =
        List.of(
            plain,
            plain.replace("/", "\\/"),
            html,
            html.replace("=", "\\u003d").replace("'", "\\u0027"));
    var all = new ArrayList<>(forms);
    forms.forEach(form -> all.add(ascii(form)));
    return all;
  }

  private static List<String> xml(String secret) {
    var xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    var all = new ArrayList<>(List.of(xml));
    for (var quote : List.of("&quot;", "&#34;")) {
      var quoted = xml.replace("\"", quote);
      all.add(quoted);
      for (var apostrophe : List.of("&#39;", "&apos;", "&#x27;")) {
        all.add(quoted.replace("'", apostrophe));
      }
    }
    return all;
  }

  /// Inside of single and double quotes, with backslashes (`printf %q`, `$'…'`, Python), and as a
  /// shell passes it on that was not told to leave blanks alone.
  private static List<String> quoted(String secret) {
    return List.of(
        secret.replace("'", "'\\''"),
        secret.replace("'", "'\"'\"'"),
        secret.replace("'", "''"),
        secret.replace("\"", "\"\""),
        SHELL_QUOTED.matcher(secret).replaceAll("\\\\$0"),
        SHELL_ESCAPED.matcher(secret).replaceAll("\\\\$0"),
        backslashed(secret),
        backslashed(secret).replace("\\'", "'"),
        BLANKS.matcher(secret).replaceAll(" "));
  }

  private static String backslashed(String secret) {
    return secret
        .replace("\\", "\\\\")
        .replace("'", "\\'")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t");
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

  private static List<String> base64Lines(String encoded) {
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
}
