package dev.example.payments;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The balances of all accounts, in cents. No account may go below zero. */
final class Ledger {
  /** What a new account starts with, so that the example has something to move. */
  private static final long OPENING_BALANCE = 1_000_000;

  private final Map<String, Long> balances = new ConcurrentHashMap<>();

  long balance(String account) {
    return balances.getOrDefault(account, OPENING_BALANCE);
  }

  /** Moves the amount; the sum of all balances stays as it was. */
  synchronized void transfer(String from, String to, long cents) {
    if (cents <= 0) {
      throw new Refused("an amount must be positive");
    }
    if (from.equals(to)) {
      throw new Refused("an account cannot pay itself");
    }
    if (balance(from) < cents) {
      throw new Refused("the balance does not cover the amount");
    }
    balances.put(from, balance(from) - cents);
    balances.put(to, balance(to) + cents);
  }

  /** A transfer that breaks a rule. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String rule) {
      super(rule);
    }
  }
}
