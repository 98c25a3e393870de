package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FisherExactTestTest {
  @Test
  void agreesWithFishersLadyTastingTea() {
    // Three of four cups right on each side: (C(4,3)·C(4,1) + 1) / C(8,4) = 17/70.
    assertThat(FisherExactTest.worse(3, 4, 1, 4)).isCloseTo(17.0 / 70, within(1e-12));
    assertThat(FisherExactTest.worse(4, 4, 0, 4)).isCloseTo(1.0 / 70, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({
    "0,10,0,10",
    "0,10,5,10",
    "1,10,0,10",
    "5,10,5,10",
    "9,12,2,15",
    "30,100,3,120",
    "3,120,30,100",
    "250,400,90,300",
    "7,7,0,1",
    "1,1,0,400",
    "60,1000,55,1000"
  })
  void agreesWithExactArithmetic(long newFailures, long newRequests, long oldFailures, long old) {
    var exact = exact(newFailures, newRequests, oldFailures, old);

    assertThat(FisherExactTest.worse(newFailures, newRequests, oldFailures, old))
        .isCloseTo(exact, within(exact * 1e-9 + 1e-15));
  }

  @Test
  void isCertainOnlyWhereNothingElseWasPossible() {
    assertThat(FisherExactTest.worse(0, 50, 3, 50)).isEqualTo(1);
    assertThat(FisherExactTest.worse(0, 0, 0, 0)).isEqualTo(1);
    assertThat(FisherExactTest.worse(5, 5, 7, 7)).isEqualTo(1);
  }

  @Test
  void handlesMillionsOfRequestsInNoTime() {
    assertThat(FisherExactTest.worse(2_000, 1_000_000, 20_000_000, 1_000_000_000)).isEqualTo(1);
    assertThat(FisherExactTest.worse(30_000, 1_000_000, 20_000_000, 1_000_000_000))
        .isLessThan(1e-100);
    assertThat(FisherExactTest.worse(20_000, 1_000_000, 20_000_000, 1_000_000_000))
        .isCloseTo(0.5, within(0.01));
  }

  @Test
  void refusesMoreFailuresThanRequests() {
    assertThatThrownBy(() -> FisherExactTest.worse(2, 1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 of 1");
  }

  private static double exact(long newFailures, long newRequests, long oldFailures, long old) {
    var failed = newFailures + oldFailures;
    var total = newRequests + old;
    var sum = BigInteger.ZERO;
    for (var count = newFailures; count <= Math.min(newRequests, failed); count++) {
      sum = sum.add(choose(failed, count).multiply(choose(total - failed, newRequests - count)));
    }
    return new BigDecimal(sum)
        .divide(new BigDecimal(choose(total, newRequests)), MathContext.DECIMAL128)
        .doubleValue();
  }

  private static BigInteger choose(long n, long k) {
    if (k < 0 || k > n) {
      return BigInteger.ZERO;
    }
    var result = BigInteger.ONE;
    for (var i = 1L; i <= k; i++) {
      result = result.multiply(BigInteger.valueOf(n - k + i)).divide(BigInteger.valueOf(i));
    }
    return result;
  }
}
