package dev.fairway.ledger;

/// Ends a verification at the first thing that is wrong. Does not leave the package: callers see a
/// [Verdict].
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final Flaw flaw;

  Refusal(Flaw flaw, String detail) {
    super(detail);
    this.flaw = flaw;
  }

  Flaw flaw() {
    return flaw;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
