package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DeploymentStateTest {
  @ParameterizedTest
  @EnumSource
  void onlyTerminalStatesAreEnds(DeploymentState state) {
    var goesOn = Stream.of(DeploymentState.values()).anyMatch(state::mayBecome);

    assertThat(goesOn).isEqualTo(!state.terminal());
  }

  @ParameterizedTest
  @EnumSource
  void everyStateIsExactlyOneOfWaitingActiveAndTerminal(DeploymentState state) {
    assertThat(Stream.of(state.waiting(), state.active(), state.terminal()).filter(is -> is))
        .hasSize(1);
  }

  @Test
  void everyStateIsReachableFromTheFirst() {
    var seen = EnumSet.of(DeploymentState.REQUESTED);
    var queue = new ArrayDeque<>(seen);
    while (!queue.isEmpty()) {
      var state = queue.remove();
      Stream.of(DeploymentState.values())
          .filter(next -> state.mayBecome(next) && seen.add(next))
          .forEach(queue::add);
    }

    assertThat(seen).containsExactlyInAnyOrder(DeploymentState.values());
  }

  @ParameterizedTest
  @EnumSource
  void onceItHasTheTrafficADeploymentCannotSimplyBeCancelled(DeploymentState state) {
    if (state == DeploymentState.SWITCHED || state == DeploymentState.VERIFYING) {
      assertThat(state.mayBecome(DeploymentState.CANCELLED)).isFalse();
      assertThat(state.mayBecome(DeploymentState.ROLLING_BACK)).isTrue();
    }
  }
}
