package dev.fairway.server.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.fairway.server.http.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A place to deploy to and the rules that protect it, as `fairway apply` takes it.
///
/// It is Fairway's own resource and in no repository, so that a change cannot edit what protects
/// production from it.
///
/// @param order the place on the path: a release goes through the environments in this order
/// @param approvals how many must say yes; none where promotion is automatic
/// @param hosts further host names of a service, by its name; `SERVICE.NAME.localhost` always works
/// @param variables environment variables for every service there
/// @param keep so many releases stay unpacked for a rollback
public record EnvironmentDefinition(
    String name,
    int order,
    Target target,
    Promotion promotion,
    Approvals approvals,
    VerificationRules verification,
    Map<String, List<String>> hosts,
    Map<String, String> variables,
    int keep) {

  /// What releases run on.
  public enum Target {
    /// Processes on the machine of the server, behind the proxy.
    LOCAL;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Target ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /// What moves a release on once it is verified in the environment before.
  public enum Promotion {
    /// Nobody need say yes.
    AUTOMATIC,
    /// It waits for approvals.
    APPROVED;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Promotion ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /// Who must say yes.
  ///
  /// @param count so many different people, 0 for nobody
  /// @param role the role that their word needs
  public record Approvals(int count, Role role) {
    static final Approvals NONE = new Approvals(0, Role.APPROVER);
  }

  static final int MAX_APPROVALS = 10;
  static final int DEFAULT_KEEP = 5;

  private static final int MAX_ORDER = 1_000_000;
  private static final int MAX_KEEP = 50;
  private static final int MAX_REQUESTS = 1_000_000;
  private static final Duration MAX_VERIFICATION = Duration.ofHours(24);
  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");
  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
  private static final int MAX_HOST_CHARS = 253;

  public EnvironmentDefinition {
    hosts = Collections.unmodifiableSortedMap(new TreeMap<>(hosts));
    variables = Collections.unmodifiableSortedMap(new TreeMap<>(variables));
  }

  /// Reads the YAML documents of that file; every mistake is refused with its line and column.
  static List<EnvironmentDefinition> parse(String file, String text) {
    var definitions = new ArrayList<EnvironmentDefinition>();
    for (var document : Yaml.documents(file, text)) {
      var kind = document.text("kind");
      if (!kind.equals("Environment")) {
        throw document.refuse("kind", "'" + kind + "' is not supported; known is Environment");
      }
      var definition = environment(document);
      if (definitions.stream().anyMatch(other -> other.name().equals(definition.name()))) {
        throw document.refuse("name", "'" + definition.name() + "' appears twice");
      }
      definitions.add(definition);
    }
    return definitions;
  }

  private static EnvironmentDefinition environment(Yaml document) {
    document.only(
        "kind",
        "name",
        "order",
        "target",
        "promotion",
        "approvals",
        "verification",
        "hosts",
        "variables",
        "keep");
    var target = document.mapping("target").only("kind");
    var promotion = word(document, "promotion", Promotion.values());
    document.text("order");
    return new EnvironmentDefinition(
        document.text("name", NAME, "a name: lower-case letters, digits and dashes"),
        (int) document.number("order", 0, 0, MAX_ORDER),
        word(target, "kind", Target.values()),
        promotion,
        approvals(document, promotion),
        document
            .optionalMapping("verification")
            .map(EnvironmentDefinition::verification)
            .orElse(VerificationRules.DEFAULT),
        document.optionalMapping("hosts").map(EnvironmentDefinition::hosts).orElse(Map.of()),
        document.optionalMapping("variables").map(ServiceDefinition::variables).orElse(Map.of()),
        (int) document.number("keep", DEFAULT_KEEP, 2, MAX_KEEP));
  }

  private static Approvals approvals(Yaml document, Promotion promotion) {
    return switch (promotion) {
      case AUTOMATIC -> {
        if (document.has("approvals")) {
          throw document.refuse(
              "approvals", "promotion is automatic: nobody is asked; write promotion: approved");
        }
        yield Approvals.NONE;
      }
      case APPROVED ->
          document
              .optionalMapping("approvals")
              .map(approvals -> {
                approvals.only("count", "role");
                return new Approvals(
                    (int) approvals.number("count", 1, 1, MAX_APPROVALS),
                    approvals.has("role") ? word(approvals, "role", Role.values()) : Role.APPROVER);
              })
              .orElse(new Approvals(1, Role.APPROVER));
    };
  }

  private static VerificationRules verification(Yaml rules) {
    rules.only("duration", "maxErrorRate", "minRequests", "littleTraffic");
    var otherwise = VerificationRules.DEFAULT;
    return new VerificationRules(
        rules.duration("duration", otherwise.duration(), Duration.ZERO, MAX_VERIFICATION),
        rules.share("maxErrorRate", otherwise.maxErrorRate()),
        rules.number("minRequests", otherwise.minRequests(), 1, MAX_REQUESTS),
        rules.has("littleTraffic")
            ? word(rules, "littleTraffic", VerificationRules.LittleTraffic.values())
            : otherwise.littleTraffic());
  }

  private static Map<String, List<String>> hosts(Yaml hosts) {
    var byService = new LinkedHashMap<String, List<String>>();
    for (var service : hosts.keys()) {
      if (!ServiceDefinition.NAME.matcher(service).matches()) {
        throw hosts.refuse(service, "not the name of a service");
      }
      var names = hosts.texts(service);
      for (var host : names) {
        if (host.length() > MAX_HOST_CHARS || !HOST.matcher(host).matches()) {
          throw hosts.refuse(
              service, "'" + host + "' is not a host name in lower case without a port");
        }
      }
      byService.put(service, names);
    }
    return byService;
  }

  private static <E extends Enum<E>> E word(Yaml mapping, String key, E[] known) {
    var text = mapping.text(key);
    for (var candidate : known) {
      if (candidate.name().toLowerCase(Locale.ROOT).equals(text)) {
        return candidate;
      }
    }
    var words = Arrays.stream(known).map(value -> value.name().toLowerCase(Locale.ROOT)).toList();
    throw mapping.refuse(
        key, "'" + text + "' is not supported; known are " + String.join(", ", words));
  }
}
