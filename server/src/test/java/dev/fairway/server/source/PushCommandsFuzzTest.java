package dev.fairway.server.source;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/// Whatever a client of git sends, it is the head of a push or it is refused as none.
final class PushCommandsFuzzTest {
  @FuzzTest
  void aPushIsReadOrRefused(byte[] input) throws IOException {
    var in = new ByteArrayInputStream(input);
    try {
      var push = PushCommands.read(in);
      // Git reads the same bytes again: none may be lost, and none of the pack taken.
      var read = input.length - in.available();
      if (!Arrays.equals(push.raw(), Arrays.copyOf(input, read))) {
        throw new AssertionError("other bytes are passed on than were read");
      }
      if (push.commands().stream().map(PushCommands.Command::ref).distinct().count()
          != push.commands().size()) {
        throw new AssertionError("a ref is named twice");
      }
    } catch (FairwayException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("a refusal without a word", e);
      }
    }
  }
}
