package dev.example.payments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LedgerTest {
  private final Ledger ledger = new Ledger();

  @Test
  void aTransferMovesMoneyAndMakesNone() {
    var before = ledger.balance("ada") + ledger.balance("ben");

    ledger.transfer("ada", "ben", 250);

    assertEquals(before, ledger.balance("ada") + ledger.balance("ben"));
    assertEquals(500, ledger.balance("ben") - ledger.balance("ada"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void refusesAmountsThatAreNotPositive(long cents) {
    assertThrows(Ledger.Refused.class, () -> ledger.transfer("ada", "ben", cents));
  }

  @Test
  void refusesToOverdrawAnAccount() {
    var all = ledger.balance("ada");

    assertThrows(Ledger.Refused.class, () -> ledger.transfer("ada", "ben", all + 1));
    assertEquals(all, ledger.balance("ada"));
  }

  @Test
  void refusesAPaymentToOneself() {
    assertThrows(Ledger.Refused.class, () -> ledger.transfer("ada", "ada", 1));
  }
}
