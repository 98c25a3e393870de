package dev.fairway.server.source;

import static dev.fairway.server.source.PushCommands.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.source.PushCommands.Command;
import dev.fairway.server.source.RefMoves.Move;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class RefMovesTest {
  private static final String MAIN = "refs/heads/main";
  private static final UUID FIRST = new UUID(0, 1);
  private static final UUID SECOND = new UUID(0, 2);

  @Test
  void nothingMovedWhereRecordAndRepositoryAgree() {
    assertThat(RefMoves.between(Map.of(MAIN, "a"), Map.of(MAIN, "a"), Map.of(), Map.of()))
        .isEmpty();
  }

  @Test
  void followsOnePushAfterAnother() {
    var asked = new LinkedHashMap<UUID, List<Command>>();
    asked.put(SECOND, List.of(new Command("b", "c", MAIN)));
    asked.put(FIRST, List.of(new Command("a", "b", MAIN)));

    assertThat(RefMoves.between(Map.of(MAIN, "a"), Map.of(MAIN, "c"), Map.of(), asked))
        .containsExactly(new Move(FIRST, MAIN, "a", "b"), new Move(SECOND, MAIN, "b", "c"));
  }

  @Test
  void aRefThatNoPushAskedToMoveWasMovedByNone() {
    var asked = Map.of(FIRST, List.of(new Command("a", "x", MAIN)));

    assertThat(RefMoves.between(Map.of(MAIN, "a"), Map.of(MAIN, "b"), Map.of(), asked))
        .containsExactly(new Move(null, MAIN, "a", "b"));
  }

  @Test
  void believesWhatGitWroteDownBeforeWhatWasOnlyAskedFor() {
    var asked = Map.of(FIRST, List.of(new Command("a", "c", MAIN)));
    var written = new LinkedHashMap<UUID, List<Command>>();
    written.put(SECOND, List.of(new Command("a", "b", MAIN), new Command("b", "c", MAIN)));

    assertThat(RefMoves.between(Map.of(MAIN, "a"), Map.of(MAIN, "c"), written, asked))
        .containsExactly(new Move(SECOND, MAIN, "a", "b"), new Move(SECOND, MAIN, "b", "c"));
  }

  @Test
  void seesRefsThatCameAndWent() {
    var asked =
        Map.of(
            FIRST, List.of(new Command(ZERO, "a", "refs/heads/new"), new Command("b", ZERO, MAIN)));

    assertThat(RefMoves.between(Map.of(MAIN, "b"), Map.of("refs/heads/new", "a"), Map.of(), asked))
        .containsExactlyInAnyOrder(
            new Move(FIRST, "refs/heads/new", ZERO, "a"), new Move(FIRST, MAIN, "b", ZERO));
  }
}
