package dev.fairway.agent;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// What `actions/setup-node` tells npm of a registry: a file of its own, in which the token is the
/// name of a variable.
record SetupNpm(ActionInputs inputs) {
  private static final Pattern REGISTRY =
      Pattern.compile(
          "https?://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?(/[A-Za-z0-9._~@%+/-]*)");

  private static final String TOKEN = "NODE_AUTH_TOKEN";

  /// npm refuses a file that names a variable which is not there.
  private static final String NO_TOKEN = "XXXXX-XXXXX-XXXXX-XXXXX";

  boolean asked() {
    if (inputs.text("registry-url", "").isEmpty()) {
      if (!inputs.text("scope", "").isEmpty()) {
        throw inputs.refused("scope", "has no meaning without `registry-url`");
      }
      return false;
    }
    return true;
  }

  /// A shell script that writes the file.
  String script() {
    return "printf '%s' " + LaunchScript.quote(text()) + " >\"$RUNNER_TEMP/.npmrc\"\n";
  }

  /// For the steps behind this one.
  Map<String, String> variables(Map<String, String> job) {
    return Map.of(
        "NPM_CONFIG_USERCONFIG",
        job.getOrDefault("RUNNER_TEMP", "/tmp") + "/.npmrc",
        TOKEN,
        job.getOrDefault(TOKEN, NO_TOKEN));
  }

  private String text() {
    var url = inputs.text("registry-url", "");
    var registry = url.endsWith("/") ? url : url + "/";
    var scheme = registry.startsWith("https://") ? "https:" : "http:";
    if (!REGISTRY.matcher(registry).matches()) {
      throw inputs.refused("registry-url", "must be a URL with http or https");
    }
    var scope = inputs.text("scope", "").toLowerCase(Locale.ROOT);
    if (!scope.matches("(@?[a-z0-9._~-]+)?")) {
      throw inputs.refused("scope", "is no scope of npm");
    }
    var whose = scope.isEmpty() ? "" : (scope.startsWith("@") ? scope : "@" + scope) + ":";
    var lines =
        registry.substring(scheme.length())
            + ":_authToken=${"
            + TOKEN
            + "}\n"
            + whose
            + "registry="
            + registry
            + "\n";
    return inputs.text("always-auth", "").isEmpty()
        ? lines
        : lines + "always-auth=" + inputs.flag("always-auth", false) + "\n";
  }
}
