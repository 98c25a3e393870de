package dev.fairway.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PushJournalTest {
  private static final String A = "a".repeat(40);
  private static final String B = "b".repeat(40);

  @Test
  void knowsWhatMovedAndWhatMayHave() {
    var journal =
        PushJournal.parse(
            """
            prepared %1$s %2$s refs/heads/x
            committed %1$s %2$s refs/heads/x
            prepared %1$s %2$s refs/heads/y
            aborted %1$s %2$s refs/heads/y
            prepared %1$s %2$s refs/heads/z
            """
                .formatted(A, B));

    assertThat(journal.certain())
        .extracting(PushCommands.Command::ref)
        .containsExactly("refs/heads/x");
    assertThat(journal.possible())
        .extracting(PushCommands.Command::ref)
        .containsExactly("refs/heads/x", "refs/heads/z");
    assertThat(journal.complete()).isFalse();
  }

  @Test
  void doesNotReadALineThatWasCutOff() {
    var line = "committed " + A + " " + B + " refs/heads/feature";

    assertThat(PushJournal.parse(line.substring(0, line.length() - 3)).moves()).isEmpty();
    assertThat(PushJournal.parse(line + "\ncomple").complete()).isFalse();
    assertThat(PushJournal.parse(line + "\ncomplete\n").complete()).isTrue();
    assertThat(PushJournal.parse("").moves()).isEmpty();
  }
}
