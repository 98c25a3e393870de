package dev.fairway.bench.server;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/// One slot of an agent that starts no process: it claims a job, confirms it, and says what an
/// agent says of a job with one step that does nothing, by the calls in which an agent says it.
final class SimulatedAgent implements AutoCloseable {
  private static final String AT = "2026-11-22T14:02:11.123Z";

  private static final byte[] LOG =
      ((AT + " Job simulated, attempt 1\n")
              + (AT + " Agent simulated\n")
              + (AT + " Isolation: none, it is simulated\n")
              + (AT + " ##[group]Run true\n")
              + (AT + " true\n")
              + (AT + " shell: bash -e {0}\n")
              + (AT + " ##[endgroup]\n"))
          .getBytes(StandardCharsets.UTF_8);

  private static final String LOG_TEXT = Base64.getEncoder().encodeToString(LOG);

  private static final String EVENTS =
      """
      [{"type": "step_started", "at": "AT", "index": 0, "name": "Set up job", "logOffset": 0,
        "logLine": 1},
       {"type": "sandbox_note", "at": "AT", "text": "none, it is simulated"},
       {"type": "step_finished", "at": "AT", "index": 0, "outcome": "success",
        "conclusion": "success"},
       {"type": "step_started", "at": "AT", "index": 1, "name": "Run true", "logOffset": 100,
        "logLine": 4},
       {"type": "step_finished", "at": "AT", "index": 1, "outcome": "success",
        "conclusion": "success"}]
      """
          .replace("AT", AT);

  private static final int EVENT_COUNT = 5;

  private final Wire wire;
  private final String claim;

  SimulatedAgent(URI server, String token, String name, String label) throws IOException {
    this.wire = new Wire(server, token);
    this.claim =
        "{\"agent\": \"%s\", \"labels\": [\"%s\"], \"sandbox\": \"none, it is simulated\"}"
            .formatted(name, label);
  }

  /// @param fence of its lease
  record Job(UUID id, long fence) {}

  /// The next job; empty where the server had none for a while.
  Optional<Job> claim() throws IOException {
    var answer = wire.post("/agent/v1/claim", claim).require("claim");
    return answer.status() == 204
        ? Optional.empty()
        : Optional.of(
            new Job(
                UUID.fromString(after(answer.body(), "\"job\":\"", 36)),
                Long.parseLong(number(answer.body(), "\"fence\":"))));
  }

  private static String after(String json, String mark, int length) {
    var at = json.indexOf(mark) + mark.length();
    return json.substring(at, at + length);
  }

  private static String number(String json, String mark) {
    var from = json.indexOf(mark) + mark.length();
    var to = from;
    while (Character.isDigit(json.charAt(to))) {
      to++;
    }
    return json.substring(from, to);
  }

  void run(Job job) throws IOException {
    var path = "/agent/v1/jobs/" + job.id();
    wire.post(path + "/heartbeat", "{\"fence\": %d}".formatted(job.fence())).require("heartbeat");
    wire.post(
            path + "/complete",
            """
            {"fence": %d, "outcome": "success", "reason": "", "outputs": {}, "events": %d,
             "logSize": %d, "actions": [],
             "tail": {"firstEvent": 0, "events": %s, "logOffset": 0, "log": "%s"}}
            """
                .formatted(job.fence(), EVENT_COUNT, LOG.length, EVENTS, LOG_TEXT))
        .require("complete");
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
