package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidencePackTest {
  private static final TrustedKeys KEYS = Samples.KEYS.trusted();
  private static final List<Long> INDICES = List.of(6L, 8L, 11L);
  private static final Map<String, byte[]> FILES = files(pack());

  @TempDir private Path folder;

  /// A log of 12 statements and the claim that three of the last eight belong together.
  private static byte[] pack() {
    var log = Log.open(new MemoryTileStore(), Samples.KEYS);
    List<Envelope> envelopes = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      envelopes.add(Samples.KEYS.sign(Samples.statement(i)));
    }
    log.append(envelopes.subList(0, 4).stream().map(Samples.KEYS::leaf).toList());
    var before = log.checkpoint();
    log.append(envelopes.subList(4, 12).stream().map(Samples.KEYS::leaf).toList());
    var claim =
        new InTotoStatement(
            List.of(new Subject("log", Map.of("sha256", log.root().hex()))),
            Population.PREDICATE,
            "{\"title\":\"Release"
                + " 1.5.0\",\"about\":[\"release:r1\"],\"from\":4,\"to\":12,\"indices\":[6,8,11]}",
            new InTotoStatement.Context(
                List.of("release:r1"), "user:ada", Instant.parse("2026-11-22T15:00:00Z")));
    envelopes.add(Samples.KEYS.sign(claim));
    log.append(List.of(Samples.KEYS.leaf(envelopes.getLast())));
    var bundles = new ArrayList<EntryProof>();
    for (long index : new long[] {6, 8, 11, 12}) {
      bundles.add(new Bundle(envelopes.get((int) index), log.logged(index, log.entry(index))));
    }
    var out = new ByteArrayOutputStream();
    try {
      EvidencePack.write(
          out,
          new PackContents(
              KEYS, bundles, log.checkpoint(), before, log.consistency(4, log.size())));
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return out.toByteArray();
  }

  private static Map<String, byte[]> files(byte[] zip) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), in.readAllBytes());
      }
      return files;
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private Verdict<ProvenPack> verify(Map<String, byte[]> files) throws IOException {
    var file = folder.resolve("pack.zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var entry : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return EvidencePack.verify(file, KEYS);
  }

  private Verdict.Refused<ProvenPack> refused(Map<String, byte[]> files) throws IOException {
    return switch (verify(files)) {
      case Verdict.Refused<ProvenPack> refused -> refused;
      case Verdict.Verified<ProvenPack> verified -> throw new AssertionError(verified.toString());
    };
  }

  /// The pack with a change, and its manifest made to agree: what a forger would do.
  private static Map<String, byte[]> forged(Map<String, String> changes, String... without) {
    Map<String, byte[]> files = new LinkedHashMap<>(FILES);
    changes.forEach((name, content) -> files.put(name, content.getBytes(StandardCharsets.UTF_8)));
    for (var name : without) {
      files.remove(name);
    }
    var manifest = new StringBuilder("{\"format\":\"" + EvidencePack.FORMAT + "\",\"origin\":\"");
    var entries =
        files.keySet().stream()
            .filter(name -> name.startsWith("entries/"))
            .map(name -> Long.toString(Long.parseLong(name.substring(8, 16))))
            .toList();
    manifest.append(Samples.ORIGIN).append("\",\"population\":").append(entries.getLast());
    manifest.append(",\"entries\":[").append(String.join(",", entries)).append("],\"files\":[");
    files.remove(EvidencePack.MANIFEST);
    var rows = new ArrayList<String>();
    files.forEach((name, content) ->
        rows.add(
            "{\"path\":\"%s\",\"size\":%d,\"sha256\":\"%s\"}"
                .formatted(name, content.length, Hash.sha256(content).hex())));
    files.put(
        EvidencePack.MANIFEST,
        manifest
            .append(String.join(",", rows))
            .append("]}")
            .toString()
            .getBytes(StandardCharsets.UTF_8));
    return files;
  }

  private static String text(String name) {
    return new String(FILES.getOrDefault(name, new byte[0]), StandardCharsets.UTF_8);
  }

  @Test
  void provesAGenuinePackAndWritesTheSameBytesAgain() throws Exception {
    assertThat(verify(FILES))
        .isInstanceOfSatisfying(
            Verdict.Verified.class,
            verified -> {
              var pack = (ProvenPack) verified.value();
              assertThat(pack.population().indices()).isEqualTo(INDICES);
              assertThat(pack.population().title()).isEqualTo("Release 1.5.0");
              assertThat(pack.entries()).hasSize(4);
              assertThat(pack.before().size()).isEqualTo(4);
              assertThat(pack.checkpoint().size()).isEqualTo(13);
            });
    assertThat(verify(forged(Map.of()))).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void refusesTheChangeOfAnyByteOfAnyFile() throws Exception {
    for (var file : FILES.entrySet()) {
      var content = file.getValue();
      // Every byte of what is checked by hand, a sample of what a digest covers.
      int stride = file.getKey().equals(EvidencePack.MANIFEST) ? 1 : 97;
      for (int at = 0; at < content.length; at += stride) {
        content[at] ^= 1;
        var refused = refused(FILES);
        content[at] ^= 1;
        if (!file.getKey().equals(EvidencePack.MANIFEST)) {
          assertThat(refused.where()).isEqualTo(file.getKey());
          assertThat(refused.flaw()).isEqualTo(Flaw.FILE_CHANGED);
        }
      }
    }
  }

  @Test
  void refusesADamagedArchive() throws Exception {
    var zip = pack();
    var file = folder.resolve("damaged.zip");
    for (int length : new int[] {0, 1, 100, zip.length / 2, zip.length - 1}) {
      Files.write(file, Arrays.copyOf(zip, length));
      assertThat(EvidencePack.verify(file, KEYS))
          .isInstanceOfSatisfying(
              Verdict.Refused.class, r -> assertThat(r.flaw()).isEqualTo(Flaw.BAD_ARCHIVE));
    }
    Files.write(file, zip);
    assertThat(EvidencePack.verify(file, KEYS)).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void namesWhatAForgerChangedWhoAlsoFixedTheManifest() throws Exception {
    var entry = "entries/00000008.json";
    var payload = Bytes.of(Samples.statement(8).payload()).base64();
    var changed =
        Bytes.of(
                new String(Samples.statement(8).payload(), StandardCharsets.UTF_8)
                    .replace("PASSED", "FAILED")
                    .getBytes(StandardCharsets.UTF_8))
            .base64();
    assertFlaw(Map.of(entry, text(entry).replace(payload, changed)), Flaw.BAD_SIGNATURE, entry);
    assertFlaw(Map.of(entry, text("entries/00000006.json")), Flaw.WRONG_STATEMENT, entry);
    assertFlaw(
        Map.of(EvidencePack.CHECKPOINT, text(EvidencePack.CHECKPOINT).replace("\n13\n", "\n14\n")),
        Flaw.BAD_CHECKPOINT_SIGNATURE,
        EvidencePack.CHECKPOINT);
    assertFlaw(
        Map.of(EvidencePack.BEFORE, text(EvidencePack.CHECKPOINT)),
        Flaw.BAD_CONSISTENCY,
        EvidencePack.CONSISTENCY);
    assertFlaw(
        Map.of(
            EvidencePack.CONSISTENCY,
            text(EvidencePack.CONSISTENCY).replaceFirst("\\[\"[^\"]+\",", "[")),
        Flaw.BAD_CONSISTENCY,
        EvidencePack.CONSISTENCY);
    var others = LedgerKeys.generate(Samples.ORIGIN, new SecureRandom()).trusted();
    assertFlaw(
        Map.of(EvidencePack.PUBLIC_KEYS, others.pem()), Flaw.WRONG_KEY, EvidencePack.PUBLIC_KEYS);
    assertFlaw(Map.of("extra.txt", "hello"), Flaw.FILE_UNEXPECTED, "extra.txt");
  }

  @Test
  void namesAMissingPayloadWhereAForgerClaimsAnErasureThatWasNeverRecorded() throws Exception {
    var entry = "entries/00000008.json";
    var logged = EntryFile.parse(bytes(entry)).logged();
    var another = (Bundle) EntryFile.parse(bytes("entries/00000006.json"));
    assertFlaw(Map.of(entry, new ErasedEntry(logged, another).json()), Flaw.PAYLOAD_MISSING, entry);
    var payload = Bytes.of(Samples.statement(8).payload()).base64();
    assertFlaw(Map.of(entry, text(entry).replace(payload, "")), Flaw.PAYLOAD_MISSING, entry);
  }

  private static byte[] bytes(String name) {
    return text(name).getBytes(StandardCharsets.UTF_8);
  }

  private void assertFlaw(Map<String, String> changes, Flaw flaw, String where) throws IOException {
    var refused = refused(forged(changes));
    assertThat(refused.flaw()).as(refused.message()).isEqualTo(flaw);
    assertThat(refused.where()).isEqualTo(where);
  }

  @Test
  void refusesAPackThatLeavesSomethingOut() throws Exception {
    assertThat(refused(forged(Map.of(), "entries/00000008.json")).message())
        .contains("not complete", "entry 8");
    assertThat(refused(forged(Map.of(), "entries/00000012.json")).flaw())
        .isEqualTo(Flaw.INCOMPLETE);
    assertThat(refused(forged(Map.of(), EvidencePack.BEFORE)).flaw()).isEqualTo(Flaw.FILE_MISSING);
    var files = new LinkedHashMap<>(FILES);
    files.remove("entries/00000008.json");
    assertThat(refused(files).flaw()).isEqualTo(Flaw.FILE_MISSING);
  }

  @Test
  void refusesNamesThatClimbOutOfAFolder() throws Exception {
    for (var name : List.of("../escape", "/etc/passwd", "a/../b", "a//b", "a\\b")) {
      var files = new LinkedHashMap<>(FILES);
      files.put(name, new byte[] {1});
      assertThat(refused(files).flaw()).isEqualTo(Flaw.BAD_ARCHIVE);
    }
  }
}
