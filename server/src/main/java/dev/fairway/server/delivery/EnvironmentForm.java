package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Exchange;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/// An environment's definition as the fields of a form; all of them are text as it was typed.
///
/// What they say is written as YAML and read by the one parser that there is, so that form and file
/// allow and refuse the same.
///
/// @param version of the environment that the form was made from; 0 for a new one
/// @param percent such as `1` for an error rate of 0.01
/// @param hosts a line for each service, such as `payments: pay.example.com, pay.example.org`
/// @param variables a line for each, such as `REGION=eu`
public record EnvironmentForm(
    int version,
    String name,
    String order,
    String promotion,
    String count,
    String role,
    String duration,
    String percent,
    String minRequests,
    String littleTraffic,
    String hosts,
    String variables,
    String keep) {

  /// What a new one begins with.
  ///
  /// @param order after the last one on the path
  static EnvironmentForm empty(int order) {
    var rules = VerificationRules.DEFAULT;
    return new EnvironmentForm(
        0,
        "",
        Integer.toString(order),
        EnvironmentDefinition.Promotion.APPROVED.word(),
        "1",
        "approver",
        EnvironmentYaml.duration(rules.duration()),
        percent(rules.maxErrorRate()),
        Long.toString(rules.minRequests()),
        rules.littleTraffic().word(),
        "",
        "",
        Integer.toString(EnvironmentDefinition.DEFAULT_KEEP));
  }

  static EnvironmentForm of(Environment environment) {
    var it = environment.definition();
    var approved = it.promotion() == EnvironmentDefinition.Promotion.APPROVED;
    return new EnvironmentForm(
        environment.version(),
        it.name(),
        Integer.toString(it.order()),
        it.promotion().word(),
        approved ? Integer.toString(it.approvals().count()) : "1",
        it.approvals().role().word(),
        EnvironmentYaml.duration(it.verification().duration()),
        percent(it.verification().maxErrorRate()),
        Long.toString(it.verification().minRequests()),
        it.verification().littleTraffic().word(),
        it.hosts().entrySet().stream()
            .map(entry -> entry.getKey() + ": " + String.join(", ", entry.getValue()))
            .collect(Collectors.joining("\n")),
        it.variables().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining("\n")),
        Integer.toString(it.keep()));
  }

  /// What somebody sent; `name` is the environment's where it has one already.
  static EnvironmentForm sent(Exchange exchange, String name) {
    var version = exchange.form("version");
    return new EnvironmentForm(
        version.matches("[0-9]{1,9}") ? Integer.parseInt(version) : 0,
        name.isEmpty() ? exchange.form("name").strip() : name,
        exchange.form("order").strip(),
        exchange.form("promotion"),
        exchange.form("count").strip(),
        exchange.form("role"),
        exchange.form("duration").strip(),
        exchange.form("percent").strip(),
        exchange.form("minRequests").strip(),
        exchange.form("littleTraffic"),
        exchange.form("hosts"),
        exchange.form("variables"),
        exchange.form("keep").strip());
  }

  public boolean isNew() {
    return version == 0;
  }

  /// What the fields say.
  ///
  /// @throws FairwayException UNPROCESSABLE for what a file must not say either
  EnvironmentDefinition definition() {
    try {
      return EnvironmentDefinition.parse("form", yaml()).getFirst();
    } catch (FairwayException e) {
      // Lines and columns are of the text in between, which nobody has seen.
      var message = Objects.requireNonNull(e.getMessage()).replaceFirst("^form:\\d+:\\d+: ", "");
      throw new FairwayException(e.code(), message, "Correct that field.", e);
    }
  }

  private String yaml() {
    var text = new StringBuilder("kind: Environment\n");
    add(text, "name", name);
    add(text, "order", order);
    text.append("target:\n");
    add(text, "  kind", EnvironmentDefinition.Target.LOCAL.word());
    add(text, "promotion", promotion);
    if (promotion.equals(EnvironmentDefinition.Promotion.APPROVED.word())) {
      text.append("approvals:\n");
      add(text, "  count", count);
      add(text, "  role", role);
    }
    text.append("verification:\n");
    add(text, "  duration", duration);
    add(text, "  maxErrorRate", share());
    add(text, "  minRequests", minRequests);
    add(text, "  littleTraffic", littleTraffic);
    add(text, "keep", keep);
    if (!hosts.isBlank()) {
      text.append("hosts:\n");
      hosts
          .lines()
          .filter(line -> !line.isBlank())
          .forEach(line -> {
            var parts = line.split(":", 2);
            var names =
                (parts.length == 1 ? "" : parts[1])
                    .replace(',', ' ')
                    .strip()
                    .replaceAll("\\s+", ", ");
            text.append("  ")
                .append(EnvironmentYaml.quoted(parts[0].strip()))
                .append(": [")
                .append(names.isEmpty() ? "" : quotedAll(names))
                .append("]\n");
          });
    }
    if (!variables.isBlank()) {
      text.append("variables:\n");
      variables
          .lines()
          .filter(line -> !line.isBlank())
          .forEach(line -> {
            var parts = line.split("=", 2);
            var key = "  " + EnvironmentYaml.quoted(parts[0].strip());
            add(text, key, parts.length == 1 ? "" : parts[1].strip());
          });
    }
    return text.toString();
  }

  private static String quotedAll(String names) {
    return Arrays.stream(names.split(", ", -1))
        .map(EnvironmentYaml::quoted)
        .collect(Collectors.joining(", "));
  }

  private static void add(StringBuilder text, String key, String value) {
    text.append(key).append(": ").append(EnvironmentYaml.quoted(value)).append('\n');
  }

  private static String percent(double share) {
    return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString();
  }

  private String share() {
    try {
      return new BigDecimal(percent.replace(',', '.')).movePointLeft(2).toPlainString();
    } catch (NumberFormatException e) {
      // Refused by the parser in its own words.
      return percent;
    }
  }
}
