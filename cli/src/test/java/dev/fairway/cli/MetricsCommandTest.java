package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MetricsCommandTest {
  private static final String ANSWER =
      """
      {"definition": "dora 2026-01-05, fairway 1",
       "scope": "shop in production, 24 Oct 2026 to 22 Nov 2026 (UTC), not over yet",
       "figures": [
         {"name": "Change fail rate", "value": "42.9 %", "interval": "15.8 % to 75 %", "n": 7,
          "counted": "deployments that reached users", "detail": "3 failed",
          "exclusions": ["1 rollback"]}],
       "failures": [
         {"service": "shop", "version": "1.9.0", "from": "2026-11-21T11:59:30Z",
          "restored": null, "attribution": "its verification failed"}],
       "anomalies": [{"what": "Commit abcdef0 was deployed 30 min before it was pushed or made"}],
       "notes": ["1 deployment ended before anything was started"]}
      """;

  @Test
  void printsTheWordsOfTheServer() {
    var out = new StringWriter();
    var command = new MetricsCommand();
    new CommandLine(command).setOut(new PrintWriter(out, true));

    command.tell(Json.MAPPER.readTree(ANSWER));

    assertThat(out.toString())
        .contains(
            "shop in production, 24 Oct 2026 to 22 Nov 2026 (UTC), not over yet",
            "Change fail rate  42.9 %  15.8 % to 75 %  7 deployments that reached users  3 failed",
            "Change fail rate: 1 rollback",
            "OPEN  shop 1.9.0 since 2026-11-21T11:59:30Z: its verification failed",
            "ANOMALY  Commit abcdef0 was deployed 30 min before it was pushed or made",
            "NOTE  1 deployment ended before anything was started",
            "Definition: dora 2026-01-05, fairway 1");
  }
}
