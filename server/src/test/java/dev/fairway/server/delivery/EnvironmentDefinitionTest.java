package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.Json;
import dev.fairway.server.delivery.EnvironmentDefinition.Approvals;
import dev.fairway.server.delivery.EnvironmentDefinition.Promotion;
import dev.fairway.server.delivery.VerificationRules.LittleTraffic;
import dev.fairway.server.http.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EnvironmentDefinitionTest {
  private static final String TWO =
      """
      kind: Environment
      name: staging
      order: 10
      target: {kind: local}
      promotion: automatic
      ---
      kind: Environment
      name: production
      order: 20
      target:
        kind: local
      promotion: approved
      approvals:
        count: 2
        role: operator
      verification:
        duration: 5m
        maxErrorRate: 0.01
        minRequests: 200
        littleTraffic: fail
      hosts:
        payments: [pay.example.com]
      variables:
        REGION: eu
      keep: 7
      """;

  @Test
  void readsSeveralDocuments() {
    var definitions = EnvironmentDefinition.parse("environments.yml", TWO);

    assertThat(definitions)
        .containsExactly(
            new EnvironmentDefinition(
                "staging",
                10,
                EnvironmentDefinition.Target.LOCAL,
                Promotion.AUTOMATIC,
                Approvals.NONE,
                VerificationRules.DEFAULT,
                Map.of(),
                Map.of(),
                5),
            new EnvironmentDefinition(
                "production",
                20,
                EnvironmentDefinition.Target.LOCAL,
                Promotion.APPROVED,
                new Approvals(2, Role.OPERATOR),
                new VerificationRules(Duration.ofMinutes(5), 0.01, 200, LittleTraffic.FAIL),
                Map.of("payments", List.of("pay.example.com")),
                Map.of("REGION", "eu"),
                7));
  }

  @Test
  void survivesTheWayThroughJson() {
    var definition = EnvironmentDefinition.parse("environments.yml", TWO).getLast();

    assertThat(
            Json.MAPPER.readValue(
                Json.MAPPER.writeValueAsString(definition), EnvironmentDefinition.class))
        .isEqualTo(definition);
  }

  @Test
  void asksForOneApproverUnlessToldOtherwise() {
    var definition =
        EnvironmentDefinition.parse(
                "e.yml",
                """
                kind: Environment
                name: production
                order: 1
                target: {kind: local}
                promotion: approved
                """)
            .getFirst();

    assertThat(definition.approvals()).isEqualTo(new Approvals(1, Role.APPROVER));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an unknown key                    | keep: 7            | keeep: 7            | e.yml:25:1: 'keeep' is not supported here
          an unknown kind                   | kind: Environment  | kind: Freeze        | e.yml:1:7: kind: 'Freeze' is not supported
          an unknown target                 | {kind: local}      | {kind: moon}        | e.yml:4:16: kind: 'moon' is not supported; known are local
          approvals that nobody asks for    | promotion: approved| promotion: automatic| e.yml:14:3: approvals: promotion is automatic
          no approval where it is asked for | count: 2           | count: 0            | e.yml:14:10: count: '0' is not a whole number from 1
          an unknown role                   | role: operator     | role: boss          | e.yml:15:9: role: 'boss' is not supported
          an error rate in percent          | 0.01               | 1.5                 | e.yml:18:17: maxErrorRate: '1.5' is not a share
          a host with a port                | pay.example.com    | 'pay.example.com:80'| e.yml:22:13: payments: 'pay.example.com:80' is not a host name
          too few kept for a rollback       | keep: 7            | keep: 1             | e.yml:25:7: keep: '1' is not a whole number from 2
          the same name twice               | name: production   | name: staging       | e.yml:8:7: name: 'staging' appears twice
          no order                          | order: 10          | keep: 5             | e.yml:1:1: 'order' is missing
          """)
  void namesLineAndColumnOf(String what, String original, String replacement, String expected) {
    var text = TWO.replace(original, replacement);
    assertThat(text).as(what).isNotEqualTo(TWO);

    assertThatThrownBy(() -> EnvironmentDefinition.parse("e.yml", text))
        .hasMessageStartingWith(expected);
  }

  @Test
  void saysAsYamlWhatItWasReadFrom() {
    var whole =
        EnvironmentDefinition.parse(
                "e.yml",
                """
                kind: Environment
                name: production
                order: 20
                target: {kind: local}
                promotion: approved
                approvals: {count: 2, role: operator}
                verification: {duration: 90s, maxErrorRate: 0.0001, minRequests: 7, littleTraffic: fail}
                hosts: {till: [till.example.com, a.example.com]}
                variables: {REGION: 'eu: "west" # 1', EMPTY: ''}
                keep: 9
                """)
            .getFirst();

    assertThat(EnvironmentDefinition.parse("again.yml", EnvironmentYaml.of(whole)))
        .containsExactly(whole);
    assertThat(EnvironmentForm.of(new Environment(whole, 3, Instant.EPOCH, "root")).definition())
        .isEqualTo(whole);
    assertThat(EnvironmentYaml.of(whole)).contains("duration: 90s", "maxErrorRate: 0.0001");
  }
}
