package dev.fairway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
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
  void printsTheWordsOfTheServer() throws IOException {
    var asked = new AtomicReference<String>();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.set(exchange.getRequestURI().toString());
          var bytes = ANSWER.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          try (var body = exchange.getResponseBody()) {
            body.write(bytes);
          }
        });
    server.start();
    var out = new StringWriter();
    var url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (var api = new ApiClient(new Credentials(url, "token"))) {
      var command = new MetricsCommand();
      var line = new CommandLine(command).setOut(new PrintWriter(out));
      line.parseArgs("--service", "shop", "--days", "30", "--zone", "Europe/Berlin");

      assertThat(command.ask(api)).isEqualTo(ExitCode.SUCCESS);
    } finally {
      server.stop(0);
    }
    assertThat(asked.get()).isEqualTo("/api/v1/metrics?days=30&zone=Europe%2FBerlin&service=shop");
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
