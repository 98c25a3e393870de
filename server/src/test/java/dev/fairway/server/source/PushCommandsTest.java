package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class PushCommandsTest {
  private static final String SHA = "a".repeat(40);

  @Test
  void readsWhatAPushWantsAndKeepsItsBytesForGit() throws IOException {
    var head =
        packet(PushCommands.ZERO + " " + SHA + " refs/heads/main\0 report-status side-band-64k")
            + packet("shallow " + SHA)
            + "0000";

    var push = read(head + "PACK");

    assertThat(push.commands())
        .containsExactly(new PushCommands.Command(PushCommands.ZERO, SHA, "refs/heads/main"));
    assertThat(push.sideband()).isTrue();
    assertThat(new String(push.raw(), ISO_8859_1)).isEqualTo(head);
  }

  @Test
  void takesNoHeadThatFillsTheMemory() {
    var line = packet("shallow " + SHA);
    var head = line.repeat(SourceLimits.MAX_PUSH_HEAD_BYTES / line.length() + 1);

    assertThatThrownBy(() -> read(head + "0000"))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  @Test
  void refusesANameThatTheRecordCouldNotTellFromAnother() {
    var head = packet(PushCommands.ZERO + " " + SHA + " refs/heads/caf\u00e9") + "0000";

    assertThatThrownBy(() -> read(head))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
  }

  @Test
  void refusesTheSameRefTwice() {
    var command = packet(PushCommands.ZERO + " " + SHA + " refs/heads/main");

    assertThatThrownBy(() -> read(command + command + "0000"))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("for a second time");
  }

  private static PushCommands read(String bytes) throws IOException {
    return PushCommands.read(new ByteArrayInputStream(bytes.getBytes(ISO_8859_1)));
  }

  private static String packet(String text) {
    return "%04x".formatted(text.length() + 4) + text;
  }
}
