package dev.fairway.ledger;

/// What a verification found.
///
/// @param <T> what was verified
public sealed interface Verdict<T> {
  /// Everything holds.
  ///
  /// @param value what is proven, parsed from the verified bytes
  record Verified<T>(T value) implements Verdict<T> {}

  /// The first thing that is wrong; nothing in the evidence may be relied on.
  ///
  /// @param flaw the way in which it fails
  /// @param where the file and the part of it
  /// @param detail what was expected and what was found
  record Refused<T>(Flaw flaw, String where, String detail) implements Verdict<T> {
    /// `where: meaning: detail`, for people.
    public String message() {
      return where + ": " + flaw.meaning() + ": " + detail;
    }
  }
}
