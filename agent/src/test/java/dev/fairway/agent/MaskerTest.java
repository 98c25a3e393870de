package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MaskerTest {
  @Test
  void hidesASecretWhereverItStands() {
    var masker = new Masker(List.of("hunter2", ""));

    assertThat(masker.mask("hunter2")).isEqualTo("***");
    assertThat(masker.mask("a hunter2, hunter2hunter2 hunter")).isEqualTo("a ***, ****** hunter");
  }

  @Test
  void overlappingSecretsLeaveNoRest() {
    var masker = new Masker(List.of("abcd", "cdef"));

    assertThat(masker.mask("xabcdefx")).isEqualTo("x***x");
  }

  @Test
  void hidesTheLongerOfTwoSecretsThatBeginAlike() {
    var masker = new Masker(List.of("pass", "password"));

    assertThat(masker.mask("password passport")).isEqualTo("*** ***port");
  }

  @Test
  void hidesEncodedForms() {
    var secret = "p@ss/w?rd é\"";
    var masker = new Masker(List.of(secret));

    for (var before : List.of("", "a", "ab", "user:")) {
      var encoded =
          Base64.getEncoder()
              .encodeToString((before + secret + "!").getBytes(StandardCharsets.UTF_8));
      var masked = masker.mask(encoded);
      assertThat(masked).contains("***");
      assertThat(masked.length()).isLessThan(before.length() + 12);
    }
    assertThat(masker.mask("q=p%40ss%2Fw%3Frd+%C3%A9%22&")).isEqualTo("q=***&");
    assertThat(masker.mask("q=p%40ss%2fw%3frd%20%c3%a9%22&"))
        .startsWith("q=")
        .doesNotContain("ss%2f");
    assertThat(masker.mask("{\"p@ss/w?rd é\\\"\"}")).isEqualTo("{\"***\"}");
  }

  @Test
  void hidesWhatCommonToolsMakeOfIt() {
    var secret = "p@ss/(w'rd~!é\"<&>*";
    var masker = new Masker(List.of(secret));

    for (var form :
        List.of(
            "p%40ss%2F(w'rd~!%C3%A9%22%3C%26%3E*", // encodeURIComponent
            "p%40ss/%28w%27rd~%21%C3%A9%22%3C%26%3E%2A", // Python's quote
            "p%40ss%2F%28w%27rd~%21%C3%A9%22%3C%26%3E%2A", // RFC 3986
            "p@ss/(w'rd~!\\u00e9\\\"<&>*", // Python's json
            "p@ss\\/(w'rd~!é\\\"<&>*", // PHP's json
            "p@ss/(w&#39;rd~!é&quot;&lt;&amp;&gt;*",
            "p@ss/(w&apos;rd~!é&quot;&lt;&amp;&gt;*",
            "p@ss/(w'rd~!é\"&lt;&amp;&gt;*",
            "p@ss/(w'\\''rd~!é\"<&>*", // set -x
            "704073732f28772772647e21c3a9223c263e2a")) {
      assertThat(masker.mask("<" + form + ">")).isEqualTo("<***>");
    }
  }

  @Test
  void hidesTheLinesIntoWhichBase64IsBroken() {
    var secret = "-----BEGIN KEY-----\n" + "abcdefghijklmnopqrstuvwxyz0123456789/".repeat(5);
    var masker = new Masker(List.of(secret));
    var bytes = secret.getBytes(StandardCharsets.UTF_8);

    for (var width : List.of(64, 76)) {
      var lines =
          Base64.getMimeEncoder(width, new byte[] {'\n'})
              .encodeToString(bytes)
              .lines()
              .map(masker::mask)
              .toList();

      assertThat(lines).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("***"));
      assertThat(lines).allMatch(line -> line.length() < 7);
    }
  }

  @Test
  void hidesASecretWithoutTheBlanksAroundIt() {
    var masker = new Masker(List.of("  hunter22\n"));

    assertThat(masker.mask("[hunter22]")).isEqualTo("[***]");
    assertThat(
            masker.mask(
                Base64.getEncoder().encodeToString("hunter22".getBytes(StandardCharsets.UTF_8))))
        .startsWith("***");
  }

  @Test
  void hidesEachLineOfAKeyButNotItsBraces() {
    var masker = new Masker(List.of("{\n  \"key\": \"abcdef\"\n}\n"));

    assertThat(masker.mask("  \"key\": \"abcdef\"")).isEqualTo("  ***");
    assertThat(masker.mask("}")).isEqualTo("}");
  }

  @Test
  void hidesASecretThatTwoReadsDivide() {
    var masker = new Masker(List.of("s3cr3t"));
    var lines = new ArrayList<String>();
    var output =
        new OutputLines(
            "nonce",
            new OutputLines.Receiver() {
              @Override
              public void line(byte[] line, int length, long total) {
                var out = new ByteArrayOutputStream();
                masker.mask(line, length, length, out);
                lines.add(out.toString(StandardCharsets.UTF_8));
              }

              @Override
              public void ended(long id, int code) {
                lines.add("ended " + id + " " + code);
              }
            });
    var bytes = "one s3cr3t\r\n\ntwo s3cr3t\n\n\nnonce 4 17\nlast".getBytes(StandardCharsets.UTF_8);
    for (var b : bytes) {
      output.accept(new byte[] {b}, 1, masker.longest());
    }
    output.close();

    assertThat(lines).containsExactly("one ***", "", "two ***", "", "ended 4 17", "last");
  }

  @Test
  void aSecretAcrossTheEndOfAnOverlongLineIsHidden() {
    var secret = "x".repeat(10) + "-secret";
    var masker = new Masker(List.of(secret));
    var line = ".".repeat(OutputLines.MAX_LINE_BYTES - 5) + secret + "rest";
    var bytes = line.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();

    masker.mask(bytes, bytes.length, OutputLines.MAX_LINE_BYTES, out);

    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("...***");
  }

  @Test
  void agreesWithPlainReplacementOnRandomText() {
    var random = new Random(42);
    for (var round = 0; round < 2_000; round++) {
      var secret = word(random, 4 + random.nextInt(4));
      var text = word(random, random.nextInt(60));
      assertThat(new Masker(List.of(secret)).mask(text)).doesNotContain(secret);
      if (!text.contains(secret)) {
        assertThat(new Masker(List.of(secret)).mask(text)).isEqualTo(text);
      }
    }
  }

  private static String word(Random random, int length) {
    var word = new StringBuilder();
    for (var at = 0; at < length; at++) {
      word.append((char) ('a' + random.nextInt(2)));
    }
    return word.toString();
  }

  /// Each line is what the named program prints for that secret.
  @Test
  void hidesASecretHoweverAProgramQuotesIt() {
    var secret = "it's <a&b>=\"c\"  $d\\e,f{g}";
    var masker = new Masker(List.of(secret));

    for (var printed :
        List.of(
            // bash: printf %q
            "it\\'s\\ \\<a\\&b\\>=\\\"c\\\"\\ \\ \\$d\\\\e\\,f\\{g\\}",
            // bash: set -x
            "'it'\\''s <a&b>=\"c\"  $d\\e,f{g}'",
            // bash: declare -p
            "\"it's <a&b>=\\\"c\\\"  \\$d\\\\e,f{g}\"",
            // sh: echo $SECRET
            "it's <a&b>=\"c\" $d\\e,f{g}",
            // Python: shlex.quote, repr
            "'it'\"'\"'s <a&b>=\"c\"  $d\\e,f{g}'",
            "'it\\'s <a&b>=\"c\"  $d\\\\e,f{g}'",
            // Go: json.Marshal, html.EscapeString
            "\"it's \\u003ca\\u0026b\\u003e=\\\"c\\\"  $d\\\\e,f{g}\"",
            "it&#39;s &lt;a&amp;b&gt;=&#34;c&#34;  $d\\e,f{g}",
            // Gson
            "\"it\\u0027s \\u003ca\\u0026b\\u003e\\u003d\\\"c\\\"  $d\\\\e,f{g}\"",
            // Python: html.escape
            "it&#x27;s &lt;a&amp;b&gt;=&quot;c&quot;  $d\\e,f{g}",
            // YAML, SQL; CSV
            "'it''s <a&b>=\"c\"  $d\\e,f{g}'",
            "\"it's <a&b>=\"\"c\"\"  $d\\e,f{g}\"",
            // PowerShell: -EncodedCommand
            Base64.getEncoder()
                .encodeToString(("x" + secret).getBytes(StandardCharsets.UTF_16LE)))) {
      assertThat(masker.mask(printed)).as(printed).contains("***").hasSizeLessThanOrEqualTo(9);
    }
  }

  @Test
  void hidesASecretThatBase64BreaksAnywhereInAFile() {
    var secret = "xq7-Secret-Of-The-Registry-9!";
    var masker = new Masker(List.of(secret));
    for (var before = 0; before < 120; before++) {
      var file = "{\"auth\": \"" + "a".repeat(before) + secret + "\", \"more\": true}";
      for (var width : List.of(64, 76)) {
        var encoded =
            Base64.getMimeEncoder(width, new byte[] {'\n'})
                .encodeToString(file.getBytes(StandardCharsets.UTF_8));
        var masked = encoded.lines().map(masker::mask).toList();
        var left = String.join("", masked).replace("***", "");
        // Of each half what is too short to be recognised may stay, and the bits of its neighbours.
        var leaked = encoded.replace("\n", "").length() - left.length() - secret.length() * 4 / 3;
        assertThat(leaked)
            .as("%d before, lines of %d: %s", before, width, masked)
            .isGreaterThanOrEqualTo(-BrokenBase64.MIN_BYTES - 3);
      }
    }
    assertThat(masker.mask("ZG93bmxvYWRpbmc")).isEqualTo("ZG93bmxvYWRpbmc");
  }
}
