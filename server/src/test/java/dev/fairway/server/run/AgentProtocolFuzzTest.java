package dev.fairway.server.run;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairway.api.ClaimRequest;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import java.util.List;
import tools.jackson.core.JacksonException;

/// Whatever an agent sends, it is a message or it is refused as none.
final class AgentProtocolFuzzTest {
  private static final List<Class<? extends Record>> MESSAGES =
      List.of(ClaimRequest.class, Heartbeat.class, JobEvents.class, JobCompletion.class);

  @FuzzTest
  void aBodyIsAMessageOrNone(byte[] body) {
    for (var type : MESSAGES) {
      try {
        var message = Json.MAPPER.readValue(body, type);
        if (message != null) {
          var again = Json.MAPPER.readValue(Json.MAPPER.writeValueAsBytes(message), type);
          if (!again.equals(message)) {
            throw new AssertionError(message + " became " + again);
          }
        }
      } catch (JacksonException e) {
        // The edge answers that with what is wrong.
        if (e.getMessage() == null) {
          throw new AssertionError("a refusal without a word", e);
        }
      }
    }
  }
}
