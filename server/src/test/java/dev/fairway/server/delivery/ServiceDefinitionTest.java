package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServiceDefinitionTest {
  private static final String WHOLE =
      """
      service: payments
      owner: team-payments
      artifacts: [app]
      run:
        command: [java, -jar, payments.jar]
        port: HTTP_PORT
        environment:
          LIMIT: 5
      health:
        path: /healthz
        interval: 500ms
        timeout: 1s
        healthy: 3
        unhealthy: 4
        start: 2m
      drain: 20s
      """;

  @Test
  void readsAWholeFile() {
    var definition = ServiceDefinition.parse(WHOLE);

    assertThat(definition)
        .isEqualTo(
            new ServiceDefinition(
                "payments",
                "team-payments",
                List.of("app"),
                new ServiceDefinition.Run(
                    List.of("java", "-jar", "payments.jar"), "HTTP_PORT", Map.of("LIMIT", "5")),
                new ServiceDefinition.Health(
                    "/healthz",
                    Duration.ofMillis(500),
                    Duration.ofSeconds(1),
                    3,
                    4,
                    Duration.ofMinutes(2)),
                Duration.ofSeconds(20)));
  }

  @Test
  void survivesTheWayThroughJson() {
    var definition = ServiceDefinition.parse(WHOLE);

    assertThat(
            Json.MAPPER.readValue(
                Json.MAPPER.writeValueAsString(definition), ServiceDefinition.class))
        .isEqualTo(definition);
  }

  @Test
  void fillsInWhatMayBeLeftOut() {
    var definition =
        ServiceDefinition.parse(
            """
            service: payments
            owner: ada
            artifacts: [app]
            run: {command: [./serve]}
            health: {path: /}
            """);

    assertThat(definition.run().portVariable()).isEqualTo("PORT");
    assertThat(definition.health().healthy()).isEqualTo(2);
    assertThat(definition.drain()).isEqualTo(Duration.ofSeconds(10));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an unknown key          | drain: 20s     | drian: 20s          | :16:1: 'drian' is not supported here
          an unknown key inside   | timeout: 1s    | timeuot: 1s         | :12:3: 'timeuot' is not supported here
          a bad duration          | interval: 500ms| interval: soon      | :11:13: interval: 'soon' is not a time
          a duration out of range | interval: 500ms| interval: 1ms       | :11:13: interval: '1ms' is not a time from 50ms to 1m
          a bad number            | healthy: 3     | healthy: many       | :13:12: healthy: 'many' is not a whole number
          a bad name              | payments       | Pay_ments           | :1:10: service: 'Pay_ments' is not a service name
          no artifact             | [app]          | []                  | :3:12: artifacts: name at least one
          an artifact twice       | [app]          | [app, app]          | :3:12: artifacts: an artifact is named twice
          a command in one string | [java, -jar, payments.jar] | java -jar payments.jar | :5:12: 'command' must be a list
          a reserved variable     | LIMIT          | FAIRWAY_VERSION     | :8:22: FAIRWAY_VERSION: not the name
          a key twice             | drain: 20s     | owner: me           | :16:1: 'owner' appears twice
          a missing value         | team-payments  | ''                  | :2:7: 'owner' must be a single value
          an anchor               | team-payments  | &x team-payments    | :2:8: anchors and aliases are not supported
          a relative health path  | /healthz       | healthz             | :10:9: path: 'healthz' is not a path
          """)
  void namesLineAndColumnOf(String what, String original, String replacement, String expected) {
    var text = WHOLE.replace(original, replacement);
    assertThat(text).as(what).isNotEqualTo(WHOLE);

    assertThatThrownBy(() -> ServiceDefinition.parse(text))
        .hasMessageStartingWith(ServiceDefinition.PATH + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'service: [unclosed'  | .fairway/service.yml:1:
          'just words'          | .fairway/service.yml:1:1: the document must be a mapping
          ''                    | .fairway/service.yml:1:1: one document is expected, not 0
          """)
  void refusesWhatIsNotAServiceAtAll(String text, String expected) {
    assertThatThrownBy(() -> ServiceDefinition.parse(text)).hasMessageStartingWith(expected);
  }

  @Test
  void refusesAFileThatIsTooLong() {
    var text = "# " + "x".repeat(Yaml.MAX_CHARS) + "\n" + WHOLE;

    assertThatThrownBy(() -> ServiceDefinition.parse(text)).hasMessageContaining("are allowed");
  }
}
