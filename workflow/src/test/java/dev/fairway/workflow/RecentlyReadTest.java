package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RecentlyReadTest {
  private final RecentlyRead<String, Integer> recent = new RecentlyRead<>(100);

  @Test
  void whatWasNotAskedForTheLongestGoesFirst() {
    recent.put("one", 40, 1);
    recent.put("two", 40, 2);
    assertThat(recent.get("one")).contains(1);

    recent.put("three", 40, 3);

    assertThat(recent.get("one")).contains(1);
    assertThat(recent.get("two")).isEmpty();
    assertThat(recent.get("three")).contains(3);
  }

  @Test
  void oneLargeTextTakesThePlaceOfManySmallOnes() {
    for (var number = 0; number < 10; number++) {
      recent.put("small " + number, 10, number);
    }

    recent.put("large", 95, 100);

    assertThat(recent.get("large")).contains(100);
    for (var number = 0; number < 10; number++) {
      assertThat(recent.get("small " + number)).isEmpty();
    }
  }

  @Test
  void aTextThatIsTooLargeIsNotRememberedAndPushesNothingOut() {
    recent.put("small", 10, 1);

    recent.put("too large", 101, 2);

    assertThat(recent.get("too large")).isEmpty();
    assertThat(recent.get("small")).contains(1);
  }

  @Test
  void whatIsReadAgainCountsOnce() {
    for (var time = 0; time < 5; time++) {
      recent.put("same", 60, time);
    }
    recent.put("other", 40, 7);

    assertThat(recent.get("same")).contains(4);
    assertThat(recent.get("other")).contains(7);
  }
}
