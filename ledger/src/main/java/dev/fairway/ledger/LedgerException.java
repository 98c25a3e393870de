package dev.fairway.ledger;

import org.jspecify.annotations.Nullable;

/// The log's own store is not what the log wrote, or a key file cannot be used. Never about hostile
/// input: that is a [Verdict].
public final class LedgerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// The ways to fail.
  public enum Problem {
    /// A file of the log that its checkpoint covers is missing or holds other bytes.
    STORE_DAMAGED,
    /// A key file is missing, malformed, of the wrong kind, or readable by others.
    KEY_UNUSABLE
  }

  private final Problem problem;

  LedgerException(Problem problem, String message) {
    super(message);
    this.problem = problem;
  }

  LedgerException(Problem problem, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
