package dev.fairway.ledger;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A zip with everything that an auditor needs beside the public keys: bundles, checkpoints, proof
/// of completeness. `docs/evidence-format.md` describes it. The same contents always give the same
/// bytes.
public final class EvidencePack {
  static final String FORMAT = "https://fairway.dev/evidence-pack/v1";
  static final String MANIFEST = "manifest.json";
  static final String README = "README.md";
  static final String CHECKPOINT = "checkpoint";
  static final String BEFORE = "checkpoint.before";
  static final String CONSISTENCY = "consistency.json";
  static final String PUBLIC_KEYS = "keys/ledger-public.pem";
  static final String SIGNING_KEY = "keys/statement-key.pem";
  static final String TRUSTED_ROOT = "keys/trusted_root.json";

  /// Zip keeps local times from 1980 on.
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final String README_TEXT =
      """
      # Evidence pack

      Verify it offline, with the public keys of the ledger that you obtained from a source you trust:

          fairway evidence verify PACK.zip --key ledger-public.pem

      | file | what it is |
      | --- | --- |
      | manifest.json | every file with its SHA-256, every entry with its index |
      | entries/INDEX.json | one signed statement each, with the proof that the log holds it (Sigstore bundle v0.3); of an erased one its leaf, and the signed statement who erased it, when and why |
      | checkpoint | the log's signed size and root at the end of the period |
      | checkpoint.before | the same at its start |
      | consistency.json | proof that nothing in between was rewritten (RFC 9162) |
      | keys/ | the ledger's public keys, for convenience: whoever forges a pack can forge these too |

      The last entry is the ledger's signed claim which entries belong to this pack, so that none can be left out.
      Without Fairway: `@sigstore/verify` accepts each bundle (not the erased entries, which have none) with keys/trusted_root.json and keys/statement-key.pem.
      """;

  private EvidencePack() {}

  static String entryFile(long index) {
    return "entries/%08d.json".formatted(index);
  }

  /// Writes a pack. Does not close `out`.
  public static void write(OutputStream out, PackContents contents) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(README, README_TEXT);
    files.put(CHECKPOINT, contents.checkpoint());
    files.put(BEFORE, contents.before());
    files.put(CONSISTENCY, consistency(contents.consistency()).write());
    for (var entry : contents.entries()) {
      files.put(entryFile(entry.logged().index()), entry.json());
    }
    files.put(PUBLIC_KEYS, contents.keys().pem());
    files.put(SIGNING_KEY, contents.keys().signingPem());
    files.put(TRUSTED_ROOT, contents.keys().trustedRoot());

    var zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
    add(zip, MANIFEST, manifest(contents, files).write());
    for (var file : files.entrySet()) {
      add(zip, file.getKey(), file.getValue());
    }
    zip.finish();
  }

  private static Json consistency(ConsistencyProof proof) {
    return Json.object(
        "oldSize", Json.of(proof.oldSize()),
        "newSize", Json.of(proof.newSize()),
        "hashes", Json.array(proof.path().stream().map(Hash::base64).toList()));
  }

  private static Json manifest(PackContents contents, Map<String, String> files) {
    return Json.object(
        "format", Json.of(FORMAT),
        "origin", Json.of(contents.keys().origin()),
        "population", Json.of(contents.entries().getLast().logged().index()),
        "entries",
            new Json.Arr(
                contents.entries().stream().map(entry -> Json.of(entry.logged().index())).toList()),
        "files",
            new Json.Arr(
                files.entrySet().stream()
                    .map(file -> file(file.getKey(), file.getValue()))
                    .toList()));
  }

  private static Json file(String path, String content) {
    var bytes = content.getBytes(StandardCharsets.UTF_8);
    return Json.object(
        "path", Json.of(path),
        "size", Json.of(bytes.length),
        "sha256", Json.of(Hash.sha256(bytes).hex()));
  }

  private static void add(ZipOutputStream zip, String path, String content) throws IOException {
    var entry = new ZipEntry(path);
    entry.setTimeLocal(NO_TIME);
    zip.putNextEntry(entry);
    zip.write(content.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  /// Verifies a pack offline, against nothing but the trusted keys.
  ///
  /// @return what is proven, or the first thing that is wrong
  /// @throws IOException when the file cannot be read at all
  public static Verdict<ProvenPack> verify(Path zip, TrustedKeys keys) throws IOException {
    return new PackVerifier(keys).verify(zip);
  }

  static List<String> fixedFiles() {
    return List.of(README, CHECKPOINT, BEFORE, CONSISTENCY, PUBLIC_KEYS, SIGNING_KEY, TRUSTED_ROOT);
  }
}
