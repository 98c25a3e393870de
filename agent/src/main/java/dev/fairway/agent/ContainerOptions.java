package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What a workflow may ask of the container engine. The engine acts with the agent's rights, so
/// this is a list of what is harmless to the machine and to other jobs; everything else is refused.
final class ContainerOptions {
  private static final Set<String> WITH_VALUE =
      Set.of(
          "--add-host",
          "--cpu-shares",
          "--cpus",
          "--dns",
          "--entrypoint",
          "--env",
          "-e",
          "--health-cmd",
          "--health-interval",
          "--health-retries",
          "--health-start-period",
          "--health-timeout",
          "--hostname",
          "-h",
          "--label",
          "-l",
          "--memory",
          "-m",
          "--memory-swap",
          "--network-alias",
          "--platform",
          "--shm-size",
          "--stop-signal",
          "--stop-timeout",
          "--tmpfs",
          "--ulimit",
          "--user",
          "-u",
          "--workdir",
          "-w");

  private static final Set<String> FLAGS =
      Set.of("--init", "--read-only", "--tty", "-t", "--no-healthcheck");
  private static final Pattern VOLUME_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
  private static final Pattern PORT =
      Pattern.compile("(?:(\\d{1,5}):)?(\\d{1,5})(/(?:tcp|udp|sctp))?");

  private ContainerOptions() {}

  /// The words of an `options` text, checked.
  static List<String> checked(String text) {
    var words = Words.of(text);
    var options = new ArrayList<String>();
    for (var at = 0; at < words.size(); at++) {
      var word = words.get(at);
      var equals = word.startsWith("--") ? word.indexOf('=') : -1;
      var name = equals < 0 ? word : word.substring(0, equals);
      if (FLAGS.contains(name)) {
        options.add(word);
      } else if (WITH_VALUE.contains(name)) {
        if (equals < 0 && at + 1 == words.size()) {
          throw refused("the option `" + name + "` needs a value");
        }
        options.add(name);
        options.add(equals < 0 ? words.get(++at) : word.substring(equals + 1));
      } else {
        throw refused(
            "the option `%s` is not allowed: it could reach beyond the job; allowed are %s"
                .formatted(
                    name,
                    String.join(
                        ", ", WITH_VALUE.stream().filter(o -> o.length() > 2).sorted().toList())));
      }
    }
    return options;
  }

  /// A `volumes` entry: a volume of the job by name, or one without a name.
  ///
  /// @param job what the names of volumes begin with, so that no other job has them
  static String volume(String text, String job) {
    var parts = text.split(":", -1);
    var target = parts.length == 1 ? parts[0] : parts[1];
    if (parts.length > 3
        || !target.startsWith("/")
        || (parts.length == 3 && !Set.of("ro", "rw", "z", "Z").contains(parts[2]))) {
      throw refused("`" + text + "` is not a volume");
    }
    var mode = parts.length == 3 ? ":" + parts[2] : "";
    if (parts.length == 1) {
      return target;
    }
    if (VOLUME_NAME.matcher(parts[0]).matches()) {
      return job + "-" + parts[0] + ":" + target + mode;
    }
    // The engine would follow a link with the rights of the agent, so no folder is taken.
    throw refused(
        "the volume `%s` is a folder of the machine; name a volume, the job's own folders are there already"
            .formatted(text));
  }

  /// A `ports` entry, published for this machine alone.
  static String port(String text) {
    var port = PORT.matcher(text);
    if (!port.matches()) {
      throw refused("`" + text + "` is not a port such as 5432, 8080:80 or 53/udp");
    }
    var host = port.group(1) == null ? "" : port.group(1);
    var protocol = port.group(3) == null ? "" : port.group(3);
    return "127.0.0.1:" + host + ":" + port.group(2) + protocol;
  }

  static FairwayException refused(String why) {
    return new FairwayException(ErrorCode.UNPROCESSABLE, "A container of the job: " + why, "");
  }
}
