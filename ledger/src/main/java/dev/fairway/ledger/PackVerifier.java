package dev.fairway.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Verifies one evidence pack, from the outside in: archive, manifest, files, keys, checkpoints,
/// history, entries, completeness. Stops at the first thing that is wrong.
final class PackVerifier {
  /// Most bytes of all files together, so that a small archive cannot unpack to a large one.
  static final long MAX_TOTAL = 512L << 20;

  private static final int MAX_FILES = Population.MAX_ENTRIES + 100;
  private static final int MAX_NAME = 100;

  private final TrustedKeys keys;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  /// What is being looked at.
  private String where = "archive";

  PackVerifier(TrustedKeys keys) {
    this.keys = keys;
  }

  Verdict<ProvenPack> verify(Path zip) throws IOException {
    if (!Files.isReadable(zip)) {
      throw new IOException("cannot read " + zip);
    }
    try {
      return new Verdict.Verified<>(prove(zip));
    } catch (Refusal refusal) {
      return new Verdict.Refused<>(refusal.flaw(), where, refusal.detail());
    }
  }

  private ProvenPack prove(Path zip) throws Refusal {
    unpack(zip);
    where = EvidencePack.MANIFEST;
    var manifest =
        Fields.of(JsonReader.read(file(where), Flaw.BAD_MANIFEST), "", Flaw.BAD_MANIFEST)
            .only("format", "origin", "population", "entries", "files");
    manifest.exactly("format", EvidencePack.FORMAT, Flaw.UNSUPPORTED);
    manifest.exactly("origin", keys.origin(), Flaw.WRONG_LOG);
    var indices = indices(manifest);
    compareFiles(manifest.list("files", MAX_FILES));
    requireFiles(indices);
    compareKeys();
    var before = checkpoint(EvidencePack.BEFORE);
    var checkpoint = checkpoint(EvidencePack.CHECKPOINT);
    consistency(before, checkpoint);
    var entries = entries(indices);
    var population = completeness(manifest.count("population"), entries, before, checkpoint);
    return new ProvenPack(population, entries, before, checkpoint);
  }

  private void unpack(Path zip) throws Refusal {
    try (var archive = new ZipFile(zip.toFile(), StandardCharsets.UTF_8)) {
      if (archive.size() > MAX_FILES) {
        throw new Refusal(Flaw.BAD_ARCHIVE, "more than " + MAX_FILES + " files");
      }
      long left = MAX_TOTAL;
      for (var entry : Collections.list(archive.entries())) {
        var name = entry.getName();
        if (name.length() > MAX_NAME || !name.matches("[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)*")) {
          throw new Refusal(Flaw.BAD_ARCHIVE, "a file with an unexpected name");
        }
        var content = read(archive.getInputStream(entry), left, name);
        left -= content.length;
        if (files.put(name, content) != null) {
          throw new Refusal(Flaw.BAD_ARCHIVE, name + " is in it twice");
        }
      }
    } catch (ZipException damaged) {
      throw new Refusal(Flaw.BAD_ARCHIVE, String.valueOf(damaged.getMessage()));
    } catch (IOException | IllegalArgumentException damaged) {
      throw new Refusal(Flaw.BAD_ARCHIVE, "it cannot be unpacked: " + damaged.getMessage());
    }
  }

  private static byte[] read(InputStream stream, long left, String name)
      throws IOException, Refusal {
    try (stream) {
      int limit = (int) Math.min(left, JsonReader.MAX_SIZE);
      var content = stream.readNBytes(limit + 1);
      if (content.length > limit) {
        throw new Refusal(Flaw.BAD_ARCHIVE, name + " is too large");
      }
      return content;
    }
  }

  private byte[] file(String name) throws Refusal {
    var content = files.get(name);
    if (content == null) {
      throw new Refusal(
          name.equals(EvidencePack.MANIFEST) ? Flaw.BAD_MANIFEST : Flaw.FILE_MISSING,
          name + " is not in the pack");
    }
    return content;
  }

  private String text(String name) throws Refusal {
    return new String(file(name), StandardCharsets.UTF_8);
  }

  private static List<Long> indices(Fields manifest) throws Refusal {
    var indices = new ArrayList<Long>();
    for (var item : manifest.list("entries", MAX_FILES)) {
      if (!(item instanceof Json.Num number)
          || !number.text().matches("0|[1-9][0-9]{0,17}")
          || (!indices.isEmpty() && Long.parseLong(number.text()) <= indices.getLast())) {
        throw new Refusal(Flaw.BAD_MANIFEST, "entries are not ascending indices");
      }
      indices.add(Long.parseLong(number.text()));
    }
    return indices;
  }

  private void compareFiles(List<Json> listed) throws Refusal {
    var names = new HashSet<String>();
    for (var item : listed) {
      where = EvidencePack.MANIFEST;
      var fields = Fields.of(item, "files", Flaw.BAD_MANIFEST).only("path", "size", "sha256");
      var path = fields.text("path");
      long size = fields.count("size");
      var digest =
          Hash.hex(fields.text("sha256"))
              .orElseThrow(() -> new Refusal(Flaw.BAD_MANIFEST, "a digest is malformed"));
      if (!names.add(path)) {
        throw new Refusal(Flaw.BAD_MANIFEST, path + " is named twice");
      }
      where = path;
      var content = file(path);
      if (content.length != size || !Hash.sha256(content).equals(digest)) {
        throw new Refusal(Flaw.FILE_CHANGED, "its digest is not the one in the manifest");
      }
    }
    for (var name : files.keySet()) {
      if (!name.equals(EvidencePack.MANIFEST) && !names.contains(name)) {
        where = name;
        throw new Refusal(Flaw.FILE_UNEXPECTED, "the manifest does not name it");
      }
    }
  }

  private void requireFiles(List<Long> indices) throws Refusal {
    var expected = new HashSet<>(EvidencePack.fixedFiles());
    indices.forEach(index -> expected.add(EvidencePack.entryFile(index)));
    expected.add(EvidencePack.MANIFEST);
    for (var name : expected) {
      where = name;
      file(name);
    }
    for (var name : files.keySet()) {
      if (!expected.contains(name)) {
        where = name;
        throw new Refusal(Flaw.FILE_UNEXPECTED, "no file of this name belongs into a pack");
      }
    }
  }

  /// Keys in the pack prove nothing; they must only not mislead somebody who uses them.
  private void compareKeys() throws Refusal {
    var expected =
        Map.of(
            EvidencePack.PUBLIC_KEYS, keys.pem(),
            EvidencePack.SIGNING_KEY, keys.signingPem(),
            EvidencePack.TRUSTED_ROOT, keys.trustedRoot());
    for (var name :
        List.of(EvidencePack.PUBLIC_KEYS, EvidencePack.SIGNING_KEY, EvidencePack.TRUSTED_ROOT)) {
      where = name;
      if (!text(name).equals(expected.get(name))) {
        throw new Refusal(Flaw.WRONG_KEY, "it is not the trusted key");
      }
    }
  }

  private Checkpoint checkpoint(String name) throws Refusal {
    where = name;
    return keys.checkpoint(SignedNote.parse(text(name)));
  }

  private void consistency(Checkpoint before, Checkpoint after) throws Refusal {
    where = EvidencePack.CONSISTENCY;
    var fields =
        Fields.of(JsonReader.read(file(where)), "", Flaw.MALFORMED)
            .only("oldSize", "newSize", "hashes");
    long oldSize = fields.count("oldSize");
    long newSize = fields.count("newSize");
    var hashes = fields.hashes("hashes", ConsistencyProof.MAX_PATH);
    if (oldSize != before.size() || newSize != after.size() || oldSize > newSize) {
      throw new Refusal(Flaw.BAD_CONSISTENCY, "the proof is between other checkpoints");
    }
    if (!new ConsistencyProof(oldSize, newSize, hashes).proves(before.root(), after.root())) {
      throw new Refusal(Flaw.BAD_CONSISTENCY, "the later tree does not begin with the earlier one");
    }
  }

  private List<Proven> entries(List<Long> indices) throws Refusal {
    var note = text(EvidencePack.CHECKPOINT);
    var proven = new ArrayList<Proven>();
    for (long index : indices) {
      where = EvidencePack.entryFile(index);
      var proof = EntryFile.parse(file(where));
      var entry = EntryFile.prove(proof, keys);
      if (entry.index() != index) {
        throw new Refusal(Flaw.WRONG_STATEMENT, "it is entry " + entry.index());
      }
      if (!proof.logged().checkpoint().equals(note)) {
        throw new Refusal(
            Flaw.BAD_INCLUSION, "it is proven under another checkpoint than the pack's");
      }
      proven.add(entry);
    }
    return proven;
  }

  private Population completeness(
      long index, List<Proven> entries, Checkpoint before, Checkpoint after) throws Refusal {
    where = EvidencePack.MANIFEST;
    if (entries.isEmpty()
        || entries.getLast().index() != index
        || !(entries.getLast() instanceof ProvenEntry claim)) {
      throw new Refusal(Flaw.INCOMPLETE, "the last entry is not the claim of completeness");
    }
    where = EvidencePack.entryFile(index);
    var population = Population.of(claim.statement());
    if (population.from() != before.size()
        || population.to() > index
        || population.from() > population.to()
        || after.size() <= index) {
      throw new Refusal(Flaw.INCOMPLETE, "the checkpoints do not bound the claimed period");
    }
    var present = new HashSet<Long>();
    entries.subList(0, entries.size() - 1).forEach(entry -> present.add(entry.index()));
    for (long claimed : population.indices()) {
      if (claimed < population.from() || claimed >= population.to()) {
        throw new Refusal(Flaw.INCOMPLETE, "entry " + claimed + " is outside of the period");
      }
      if (!present.remove(claimed)) {
        throw new Refusal(
            Flaw.INCOMPLETE, "entry " + claimed + " belongs to the pack and is not in it");
      }
    }
    if (!present.isEmpty()) {
      throw new Refusal(
          Flaw.WRONG_STATEMENT, "entry " + present.iterator().next() + " does not belong to it");
    }
    return population;
  }
}
