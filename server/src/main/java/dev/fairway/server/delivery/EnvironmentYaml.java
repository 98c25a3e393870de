package dev.fairway.server.delivery;

import dev.fairway.api.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Definitions of environments as `fairway apply` takes them.
final class EnvironmentYaml {
  private EnvironmentYaml() {}

  /// The whole definition; [EnvironmentDefinition#parse] reads the same one from it.
  static String of(EnvironmentDefinition it) {
    var text = new StringBuilder();
    text.append("kind: Environment\n")
        .append("name: ")
        .append(it.name())
        .append("\norder: ")
        .append(it.order())
        .append("\ntarget:\n  kind: ")
        .append(it.target().word())
        .append("\npromotion: ")
        .append(it.promotion().word())
        .append('\n');
    if (it.promotion() == EnvironmentDefinition.Promotion.APPROVED) {
      text.append("approvals:\n  count: ")
          .append(it.approvals().count())
          .append("\n  role: ")
          .append(it.approvals().role().word())
          .append('\n');
    }
    var rules = it.verification();
    text.append("verification:\n  duration: ")
        .append(duration(rules.duration()))
        .append("\n  maxErrorRate: ")
        .append(BigDecimal.valueOf(rules.maxErrorRate()).toPlainString())
        .append("\n  minRequests: ")
        .append(rules.minRequests())
        .append("\n  littleTraffic: ")
        .append(rules.littleTraffic().word())
        .append('\n');
    if (!it.hosts().isEmpty()) {
      text.append("hosts:\n");
      it.hosts().forEach((service, hosts) -> text.append(line(service, list(hosts))));
    }
    if (!it.variables().isEmpty()) {
      text.append("variables:\n");
      it.variables().forEach((name, value) -> text.append(line(name, quoted(value))));
    }
    return text.append("keep: ").append(it.keep()).append('\n').toString();
  }

  /// All of them, in the order of the path.
  static String of(List<Environment> environments) {
    return environments.stream()
        .map(environment -> of(environment.definition()))
        .collect(Collectors.joining("---\n"));
  }

  private static String line(String key, String value) {
    return "  " + key + ": " + value + "\n";
  }

  private static String list(List<String> words) {
    return words.stream().map(EnvironmentYaml::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  /// What JSON quotes, YAML reads as the same text.
  static String quoted(String text) {
    return Json.MAPPER.writeValueAsString(text);
  }

  /// Such as `90s`: in the largest unit that says it wholly.
  static String duration(Duration duration) {
    for (var unit :
        List.of(
            Map.entry("h", Duration.ofHours(1)),
            Map.entry("m", Duration.ofMinutes(1)),
            Map.entry("s", Duration.ofSeconds(1)))) {
      var count = duration.dividedBy(unit.getValue());
      if (count > 0 && unit.getValue().multipliedBy(count).equals(duration)) {
        return count + unit.getKey();
      }
    }
    return duration.toMillis() + "ms";
  }
}
