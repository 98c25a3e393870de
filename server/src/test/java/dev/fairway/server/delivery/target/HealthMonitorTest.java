package dev.fairway.server.delivery.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.delivery.target.HealthMonitor.Health;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HealthMonitorTest {
  private static final HealthCheck CHECK =
      new HealthCheck(
          "/health", Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 3, Duration.ofSeconds(10));

  private Instant now = Instant.EPOCH;
  private final HealthMonitor monitor = new HealthMonitor(CHECK, now);

  private Health after(boolean... answers) {
    var health = Health.STARTING;
    for (var answer : answers) {
      now = now.plusSeconds(1);
      health = monitor.observe(now, answer);
    }
    return health;
  }

  @Test
  void isHealthyAfterSoManyGoodAnswersInARow() {
    assertThat(after(true, false, true)).isEqualTo(Health.STARTING);
    assertThat(after(true)).isEqualTo(Health.HEALTHY);
  }

  @Test
  void isUnhealthyAfterSoManyBadAnswersInARowAndRecovers() {
    assertThat(after(true, true, false, false, true, false, false)).isEqualTo(Health.HEALTHY);
    assertThat(after(false)).isEqualTo(Health.UNHEALTHY);
    assertThat(after(true)).isEqualTo(Health.UNHEALTHY);
    assertThat(after(true)).isEqualTo(Health.HEALTHY);
  }

  @Test
  void isLateIfItWasNotHealthyWithinItsStartTime() {
    now = now.plusSeconds(8);
    assertThat(after(false)).isEqualTo(Health.STARTING);
    assertThat(after(false)).isEqualTo(Health.LATE);
    assertThat(after(true, true)).isEqualTo(Health.LATE);
  }

  @Test
  void waitsLongerBeforeEveryRestart() {
    assertThat(Supervisor.backOff(1)).isEqualTo(Duration.ofMillis(250));
    assertThat(Supervisor.backOff(3)).isEqualTo(Duration.ofSeconds(1));
    assertThat(Supervisor.backOff(50)).isEqualTo(TargetLimits.MAX_BACK_OFF);
  }
}
