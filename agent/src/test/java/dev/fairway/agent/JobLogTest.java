package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JobLogTest {
  @Test
  void everyLineHasTheMomentAtWhichItCame() {
    var moments =
        List.of(
            "2026-02-28T23:59:58.999Z",
            "2026-02-28T23:59:59.000Z",
            "2026-02-28T23:59:59.007Z",
            "2026-02-28T23:59:59.999Z",
            "2026-03-01T00:00:00.010Z",
            "2026-02-28T23:59:59.100Z",
            "1969-12-31T23:59:59.001Z");
    var clock = moments.iterator();
    var out = new ByteArrayOutputStream();
    var log =
        new JobLog(
            new Masker(List.of()),
            () -> Instant.parse(clock.next()),
            Long.MAX_VALUE,
            (bytes, length) -> out.writeBytes(Arrays.copyOf(bytes, length)));

    moments.forEach(_ -> log.line("a"));
    log.flush();

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactlyElementsOf(moments.stream().map(moment -> moment + " a").toList());
  }
}
