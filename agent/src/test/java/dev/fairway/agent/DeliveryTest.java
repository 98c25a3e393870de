package dev.fairway.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeliveryTest {
  private static final JobEvent EVENT =
      new JobEvent.StepFinished(Instant.EPOCH, 1, Outcome.SUCCESS, Outcome.SUCCESS);

  @TempDir Path folder;
  private ProtocolServer server;
  private Delivery delivery;

  @BeforeEach
  void open() throws IOException {
    server = new ProtocolServer();
    var job = Jobs.assignment("- run: 'true'");
    server.offer(job);
    delivery =
        new Delivery(
            job,
            new ServerClient(List.of(URI.create(server.url())), ProtocolServer.TOKEN),
            new Cancellation(),
            new Random(1),
            folder);
  }

  @AfterEach
  void close() throws IOException {
    delivery.close();
    server.close();
  }

  private void says(String log) {
    var bytes = log.getBytes(UTF_8);
    delivery.log(bytes, bytes.length);
    delivery.event(EVENT);
  }

  @Test
  void theLittleThatIsLeftGoesWithTheResult() throws Exception {
    says("hello\n");

    var rest = delivery.takeRest();
    delivery.start();

    assertThat(rest)
        .hasValueSatisfying(tail -> {
          assertThat(tail.firstEvent()).isZero();
          assertThat(tail.events()).containsExactly(EVENT);
          assertThat(tail.logOffset()).isZero();
          assertThat(tail.log()).asString(UTF_8).isEqualTo("hello\n");
        });
  }

  @Test
  void whatIsTooMuchForAResultIsCarriedBeforeIt() throws Exception {
    says("x".repeat(JobCompletion.Tail.MAX_LOG_BYTES) + "\n");
    delivery.start();

    var rest = delivery.takeRest();

    assertThat(rest.map(JobCompletion.Tail::logOffset).orElseGet(delivery::logSize))
        .isEqualTo(delivery.logSize());
    assertThat(server.log()).hasSize(JobCompletion.Tail.MAX_LOG_BYTES + 1);
  }
}
