package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Gives our bundles, genuine and tampered with, to a verifier that others wrote.
class IndependentVerifierTest {
  private static final List<String> PACKAGES =
      List.of("@sigstore/verify@4.1.3", "@sigstore/bundle@5.0.1", "@sigstore/protobuf-specs@0.5.2");
  private static final Path HOME = Path.of("target", "sigstore-js").toAbsolutePath();
  private static final int INSTALL_SECONDS = 120;

  @TempDir private Path folder;

  @BeforeAll
  static void installsTheVerifierOnce() throws Exception {
    assumeThat(starts("node", "--version")).as("node is not installed").isTrue();
    assumeThat(starts("npm", "--version")).as("npm is not installed").isTrue();
    Files.createDirectories(HOME);
    if (!Files.exists(HOME.resolve("installed"))) {
      Files.writeString(HOME.resolve("package.json"), "{\"private\":true}");
      var command = new ArrayList<>(List.of("npm", "install", "--no-audit", "--no-fund"));
      command.addAll(PACKAGES);
      var npm = new ProcessBuilder(command).directory(HOME.toFile());
      npm.redirectErrorStream(true).redirectOutput(HOME.resolve("npm.log").toFile());
      assumeThat(exit(npm)).as("npm cannot install the verifier (no registry?)").isZero();
      Files.createFile(HOME.resolve("installed"));
    }
    try (var script = IndependentVerifierTest.class.getResourceAsStream("verify.js")) {
      assertThat(script).isNotNull();
      Files.write(HOME.resolve("verify.js"), script.readAllBytes());
    }
  }

  private static boolean starts(String... command) throws InterruptedException {
    try {
      return exit(new ProcessBuilder(command).redirectErrorStream(true)) == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  private static int exit(ProcessBuilder builder) throws IOException, InterruptedException {
    var process = builder.start();
    try {
      return process.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void isAcceptedByAnIndependentVerifierUnlessTamperedWith() throws Exception {
    var bundle = Samples.bundles(new MemoryTileStore(), 300).get(257);
    var json = bundle.json();
    var first = bundle.logged().proof().path().getFirst().base64();
    var other = bundle.logged().proof().path().getLast().base64();
    var payload = bundle.envelope().payload();
    var changed = payload.toArray();
    changed[payload.length() / 2] ^= 1;
    var sig = Samples.KEYS.sign(Samples.statement(257)).signature().base64();
    var verdicts =
        verify(
            json,
            json.replace(payload.base64(), Bytes.of(changed).base64()),
            json.replace(first, other),
            json.replace("\\n300\\n", "\\n301\\n"),
            json.replaceAll("\"tlogEntries\":\\[.*?\\}\\]\\}", "\"tlogEntries\":[]}"),
            json.replace(bundle.envelope().signature().base64(), sig),
            Samples.bundles(new MemoryTileStore(), 1).getFirst().json());
    assertThat(verdicts)
        .containsExactly(
            "VERIFIED",
            "REJECTED TLOG_BODY_ERROR",
            "REJECTED TLOG_INCLUSION_PROOF_ERROR",
            "REJECTED TLOG_INCLUSION_PROOF_ERROR",
            "REJECTED TLOG_ERROR",
            "REJECTED TLOG_BODY_ERROR",
            "VERIFIED");
  }

  private List<String> verify(String... bundles) throws Exception {
    var root = Files.writeString(folder.resolve("root.json"), Samples.KEYS.trusted().trustedRoot());
    var key = Files.writeString(folder.resolve("key.pem"), Samples.KEYS.trusted().signingPem());
    var command = new ArrayList<>(List.of("node", "verify.js", root.toString(), key.toString()));
    for (int i = 0; i < bundles.length; i++) {
      command.add(Files.writeString(folder.resolve(i + ".json"), bundles[i]).toString());
    }
    var out = folder.resolve("out").toFile();
    var node =
        new ProcessBuilder(command)
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out);
    assertThat(exit(node)).as(Files.readString(out.toPath())).isZero();
    return Files.readAllLines(out.toPath());
  }
}
