package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.delivery.Verification.Condition;
import dev.fairway.server.delivery.Verification.Observation;
import dev.fairway.server.delivery.Verification.Result;
import dev.fairway.server.delivery.Verification.Traffic;
import dev.fairway.server.delivery.Verification.Verdict;
import dev.fairway.server.delivery.VerificationRules.LittleTraffic;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class VerificationTest {
  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final Duration EARLY = Duration.ofSeconds(3);
  private static final Traffic FINE_BEFORE = new Traffic(5_000, 5);

  private static Optional<Verdict> judge(
      LittleTraffic little, Duration elapsed, Condition condition, Traffic now, Traffic before) {
    return new Verification(new VerificationRules(WINDOW, 0.05, 50, little))
        .judge(new Observation(elapsed, condition, now, before));
  }

  private static Optional<Verdict> judge(Duration elapsed, Traffic now, Traffic before) {
    return judge(LittleTraffic.PASS, elapsed, Condition.HEALTHY, now, before);
  }

  @Test
  void aProcessThatEndedFailsAtOnceWhateverTheTraffic() {
    var verdict =
        judge(LittleTraffic.PASS, EARLY, Condition.GONE, new Traffic(1_000, 0), FINE_BEFORE);

    assertThat(verdict).get().extracting(Verdict::result).isEqualTo(Result.FAILED);
    assertThat(verdict)
        .get()
        .extracting(Verdict::words)
        .isEqualTo("The process ended 3s after the switch");
  }

  @Test
  void lostHealthFailsAtOnce() {
    assertThat(judge(LittleTraffic.PASS, EARLY, Condition.UNHEALTHY, Traffic.NONE, FINE_BEFORE))
        .get()
        .extracting(Verdict::result)
        .isEqualTo(Result.FAILED);
  }

  @Test
  void manyMoreErrorsThanBeforeFailBeforeTheWindowEnds() {
    assertThat(judge(EARLY, new Traffic(100, 30), FINE_BEFORE))
        .get()
        .satisfies(verdict -> {
          assertThat(verdict.result()).isEqualTo(Result.FAILED);
          assertThat(verdict.words())
              .startsWith("Errors: 30 % of 100 requests; at most 5 % are allowed")
              .contains("0.1 % of 5,000 requests");
          assertThat(verdict.pValue()).isLessThan(1e-9);
        });
  }

  @Test
  void aFewFailuresOfFewRequestsSayNothingYet() {
    assertThat(judge(EARLY, new Traffic(10, 5), FINE_BEFORE)).isEmpty();
  }

  @Test
  void errorsUnderTheAllowedRateSayNothingYet() {
    assertThat(judge(EARLY, new Traffic(1_000, 40), FINE_BEFORE)).isEmpty();
  }

  @Test
  void aServiceThatHasAlwaysFailedALittlePasses() {
    assertThat(judge(WINDOW, new Traffic(500, 35), new Traffic(5_000, 340)))
        .get()
        .satisfies(verdict -> {
          assertThat(verdict.result()).isEqualTo(Result.PASSED);
          assertThat(verdict.words()).contains("yet no worse than the version before");
        });
  }

  @Test
  void withoutAVersionToCompareWithTheAllowedRateDecides() {
    assertThat(judge(EARLY, new Traffic(60, 4), Traffic.NONE))
        .get()
        .satisfies(verdict -> {
          assertThat(verdict.result()).isEqualTo(Result.FAILED);
          assertThat(verdict.words()).contains("too little traffic to compare with");
        });
  }

  @Test
  void goodTrafficPassesWhenTheWindowEndsAndNotBefore() {
    assertThat(judge(EARLY, new Traffic(500, 1), FINE_BEFORE)).isEmpty();
    assertThat(judge(WINDOW, new Traffic(500, 1), FINE_BEFORE))
        .get()
        .satisfies(verdict -> {
          assertThat(verdict.result()).isEqualTo(Result.PASSED);
          assertThat(verdict.words())
              .isEqualTo("Healthy for 30s; errors: 0.2 % of 500 requests, 5 % allowed");
        });
  }

  @Test
  void littleTrafficPassesByHealthAloneAndSaysSo() {
    assertThat(judge(WINDOW, new Traffic(12, 3), FINE_BEFORE))
        .get()
        .satisfies(verdict -> {
          assertThat(verdict.result()).isEqualTo(Result.INCONCLUSIVE);
          assertThat(verdict.words()).contains("12 of the 50 requests");
        });
  }

  @Test
  void littleTrafficFailsWhereTheRulesAskForMore() {
    assertThat(judge(LittleTraffic.FAIL, WINDOW, Condition.HEALTHY, Traffic.NONE, FINE_BEFORE))
        .get()
        .extracting(Verdict::result)
        .isEqualTo(Result.FAILED);
  }
}
