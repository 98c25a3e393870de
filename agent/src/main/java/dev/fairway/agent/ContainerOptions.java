package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([bkmgBKMG]?)");
  private static final Pattern PORT =
      Pattern.compile("(?:(\\d{1,5}):)?(\\d{1,5})(/(?:tcp|udp|sctp))?");

  private ContainerOptions() {}

  /// The options that keep a container of a job to what the job may use. They come before those of
  /// the workflow, which may ask for less.
  static List<String> limits(JobAssignment.Limits limits) {
    // This is memory and swap together; without it the engine allows as much swap again.
    var bytes = limits.memoryBytes() + "b";
    return List.of(
        "--memory",
        bytes,
        "--memory-swap",
        bytes,
        "--pids-limit",
        Integer.toString(limits.processes()),
        "--oom-score-adj",
        Integer.toString(SandboxCommand.OOM_SCORE));
  }

  /// What a container runs; an option in its place would be one of the engine's.
  static String image(String text) {
    if (text.startsWith("-")) {
      throw refused("`" + text + "` is no image");
    }
    return text;
  }

  /// The words of an `options` text, checked.
  ///
  /// @param most how much memory they may ask for
  static List<String> checked(String text, long most) {
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
        var value = equals < 0 ? words.get(++at) : word.substring(equals + 1);
        check(name, value, most);
        options.add(name);
        options.add(value);
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

  private static void check(String name, String value, long most) {
    switch (name) {
      case "--memory", "-m", "--memory-swap" -> {
        if (bytes(value) > most) {
          throw refused(
              "`%s %s` is more than the %d MiB that the job may use"
                  .formatted(name, value, most >> 20));
        }
      }
      // Without a value it would be the agent's own.
      case "--env", "-e" -> {
        if (value.indexOf('=') <= 0) {
          throw refused("`" + name + " " + value + "` needs a value: NAME=VALUE");
        }
      }
      // By its labels the agent finds what it has to remove.
      case "--label", "-l" -> {
        if (value.startsWith(ContainerEngine.LABELS)) {
          throw refused("labels that begin with `" + ContainerEngine.LABELS + "` are the agent's");
        }
      }
      case String _ -> {}
    }
  }

  private static long bytes(String text) {
    var size = SIZE.matcher(text);
    if (!size.matches()) {
      throw refused("`" + text + "` is no size such as 512m or 2g");
    }
    var shift =
        switch (size.group(2).toLowerCase(Locale.ROOT)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          case String _ -> 0;
        };
    return Long.parseLong(size.group(1)) << shift;
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
