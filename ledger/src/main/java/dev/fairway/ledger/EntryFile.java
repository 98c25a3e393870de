package dev.fairway.ledger;

/// Reads and proves the file form of either kind of [EntryProof].
final class EntryFile {
  static final String WHERE = "bundle";

  private EntryFile() {}

  static EntryProof parse(byte[] json) throws Refusal {
    var fields = Fields.of(JsonReader.read(json), "", Flaw.MALFORMED);
    return fields.text("mediaType").equals(ErasedEntry.MEDIA_TYPE)
        ? ErasedEntry.parse(fields)
        : Bundle.parse(fields);
  }

  static Proven prove(EntryProof proof, TrustedKeys keys) throws Refusal {
    return switch (proof) {
      case Bundle bundle -> bundle.prove(keys);
      case ErasedEntry erased -> erased.prove(keys);
    };
  }
}
