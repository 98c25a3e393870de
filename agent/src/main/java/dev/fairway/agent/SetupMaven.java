package dev.fairway.agent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What `actions/setup-java` tells Maven: the JDKs for its toolchains, and credentials of servers
/// that it finds in variables. Processes of the job write it, with the job's rights.
///
/// @param machine see [MavenSettings]
/// @param ownTemp whether `/tmp` is the job's alone
record SetupMaven(ActionInputs inputs, Optional<String> machine, boolean ownTemp) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.-]{1,200}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,200}");
  private static final String KEY = "FAIRWAY_SIGNING_KEY";

  /// gpg reaches its agent by a socket in there, whose name the kernel takes 107 characters of; a
  /// job's home is often that deep already.
  private static final String KEYS = "/tmp/gnupg";

  /// A JDK of the job.
  ///
  /// @param asked the version, as `java-version` says it
  record Jdk(String asked, String home) {}

  /// The variables of the script, beside those of all steps.
  Map<String, String> variables() {
    var variables = new HashMap<>(later());
    if (signs()) {
      variables.put(KEY, inputs.text("gpg-private-key", ""));
    }
    return variables;
  }

  /// The variables of the steps behind this one.
  Map<String, String> later() {
    return signs() && ownTemp ? Map.of("GNUPGHOME", KEYS) : Map.of();
  }

  private boolean signs() {
    return !inputs.text("gpg-private-key", "").isEmpty();
  }

  /// A shell script that writes everything.
  String script(List<Jdk> jdks) {
    return String.join("\n", "set -e", toolchains(jdks), settings(), signing()) + "\n";
  }

  private String toolchains(List<Jdk> jdks) {
    var vendor = checked("mvn-toolchain-vendor", inputs.text("distribution", "jdk"));
    var ids = inputs.text("mvn-toolchain-id", "").lines().map(String::strip).toList();
    if (!ids.isEmpty() && ids.size() != jdks.size()) {
      throw inputs.refused("mvn-toolchain-id", "has to have as many lines as `java-version`");
    }
    var xml = new StringBuilder();
    for (var at = 0; at < jdks.size(); at++) {
      var jdk = jdks.get(at);
      var id = ids.isEmpty() ? vendor + "_" + jdk.asked() : ids.get(at);
      xml.append(
          """
            <toolchain>
              <type>jdk</type>
              <provides><version>%s</version><vendor>%s</vendor><id>%s</id></provides>
              <configuration><jdkHome>%s</jdkHome></configuration>
            </toolchain>
          """
              .formatted(xml(jdk.asked()), xml(vendor), xml(id), xml(jdk.home())));
    }
    // What an earlier step has written stays.
    return """
    mkdir -p "$HOME/.m2"
    toolchains=$HOME/.m2/toolchains.xml
    if grep -qs '</toolchains>' "$toolchains"; then sed -i 's#</toolchains>##' "$toolchains"
    else echo '<toolchains>' >"$toolchains"; fi
    printf '%%s</toolchains>\\n' %s >>"$toolchains"
    """
        .formatted(LaunchScript.quote(xml.toString()));
  }

  private String settings() {
    var servers = new ArrayList<MavenSettings.Server>();
    var id = inputs.text("server-id", "");
    if (!id.isEmpty()) {
      servers.add(
          new MavenSettings.Server(
              checked("server-id", id),
              List.of(
                  field("username", "server-username", "GITHUB_ACTOR"),
                  field("password", "server-password", "GITHUB_TOKEN"))));
    }
    if (signs()) {
      servers.add(
          new MavenSettings.Server(
              "gpg.passphrase", List.of(field("passphrase", "gpg-passphrase", "GPG_PASSPHRASE"))));
    }
    var folder = inputs.text("settings-path", "");
    if (servers.isEmpty()) {
      if (!folder.isEmpty()) {
        throw inputs.refused("settings-path", "says where to write nothing; give `server-id` too");
      }
      return "";
    }
    var target = folder.isEmpty() ? "\"$HOME/.m2\"" : LaunchScript.quote(folder);
    var file = target + "/settings.xml";
    return """
    mkdir -p %s
    %s(umask 077; printf '%%s' %s >%s)
    """
        .formatted(
            target,
            inputs.flag("overwrite-settings", true) ? "" : "[ -e " + file + " ] || ",
            LaunchScript.quote(new MavenSettings(machine, servers).xml()),
            file);
  }

  private String signing() {
    return !signs()
        ? ""
        : """
        command -v gpg >/dev/null || {
          echo '##[error]The input `gpg-private-key` needs gpg, which is not there. Install it on the agent'
          exit 1
        }
        mkdir -p -m 700 "${GNUPGHOME:-$HOME/.gnupg}"
        printf '%%s\\n' "$%1$s" | gpg --batch --quiet --import
        """
            .formatted(KEY);
  }

  private MavenSettings.Server.Field field(String name, String input, String otherwise) {
    var variable = inputs.text(input, otherwise);
    if (!VARIABLE.matcher(variable).matches()) {
      throw inputs.refused(
          input, "is the name of a variable that has the value, and no value itself");
    }
    return new MavenSettings.Server.Field(name, variable);
  }

  private String checked(String input, String otherwise) {
    var text = inputs.text(input, otherwise);
    if (!ID.matcher(text).matches()) {
      throw inputs.refused(input, "has letters, digits, `_`, `.` and `-` only");
    }
    return text;
  }

  private static String xml(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
