package dev.fairway.ledger;

import java.util.Locale;

/// What can be wrong with evidence, in the order in which it is looked for.
public enum Flaw {
  /// The file is not the zip that it should be, or breaks one of its limits.
  BAD_ARCHIVE("the archive is damaged or not an evidence pack"),
  /// The pack's table of contents is missing, malformed or of an unknown version.
  BAD_MANIFEST("the manifest is damaged"),
  /// The manifest names a file that is not in the pack.
  FILE_MISSING("a file is missing"),
  /// The pack holds a file that the manifest does not name.
  FILE_UNEXPECTED("there is a file that the manifest does not name"),
  /// A file's bytes are not those of its digest in the manifest.
  FILE_CHANGED("a file was changed"),
  /// Not JSON, or not the structure of the format.
  MALFORMED("the structure is not that of the format"),
  /// A format or version that this verifier does not know.
  UNSUPPORTED("the format or version is not supported"),
  /// The checkpoint note cannot be read.
  BAD_CHECKPOINT("the checkpoint is malformed"),
  /// The checkpoint belongs to another log.
  WRONG_LOG("it belongs to another log"),
  /// No valid signature of the log's key is on the checkpoint.
  BAD_CHECKPOINT_SIGNATURE("the checkpoint's signature is not the log's"),
  /// The statement names another signing key than the trusted one.
  WRONG_KEY("it was signed with another key"),
  /// The statement itself is not there, and nothing proves that it was erased.
  PAYLOAD_MISSING("the payload is missing, and no erasure of it is proven"),
  /// The statement's signature does not match its bytes.
  BAD_SIGNATURE("the statement's signature does not match"),
  /// The entry in the log is about another statement.
  WRONG_ENTRY("the log entry is not that of this statement"),
  /// The entry is not in the tree at the place that is claimed.
  BAD_INCLUSION("the log does not contain the entry at this place"),
  /// The later tree does not begin with the earlier one.
  BAD_CONSISTENCY("the log's history was rewritten"),
  /// A tile's hashes do not lead to the checkpoint's root.
  BAD_TILE("a tile does not belong to the tree"),
  /// The signed payload is not an in-toto statement.
  BAD_STATEMENT("the signed payload is not a statement"),
  /// The statement is genuine, but not the one that the manifest announces.
  WRONG_STATEMENT("the statement is not the one that the manifest announces"),
  /// Statements that belong to the pack are not in it.
  INCOMPLETE("the pack is not complete");

  private final String meaning;

  Flaw(String meaning) {
    this.meaning = meaning;
  }

  /// The word for programs, such as `bad-signature`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// One clause for people.
  public String meaning() {
    return meaning;
  }
}
