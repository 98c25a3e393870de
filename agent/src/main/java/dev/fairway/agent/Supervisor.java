package dev.fairway.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// The shell of few lines that starts the steps in a sandbox. It reads `run ID`, `beside ID`,
/// `terminate ID` and `kill ID`, runs `ID.launch`, and tells how a step has ended in a line of its
/// own, `NONCE ID CODE`, and with [#END] as the id that it ends itself. What a step beside others
/// writes, that line included, goes to the pipe `ID.out`.
///
/// Every program that is started costs a step a millisecond or two, so none is but the step's own.
/// Bash gives a step a process group without one; where there is no Bash, `$own_group` does.
final class Supervisor {
  /// The id of no step.
  static final long END = 0;

  /// At the end of its input the last step's group goes too: without bubblewrap nobody else ends it
  /// when the agent is killed.
  ///
  /// What this shell itself has to say, Bash of jobs that are done for one, is for nobody.
  ///
  /// `kill` answers for the step's own shell, which is killed too; a second mark of a step that had
  /// already ended is ignored.
  private static final String SCRIPT =
      """
      nonce=$1 control=$2 step=$3 own_group=$4 processes=$5 group= beside=
      [ -z "$processes" ] || ulimit -u "$processes" 2>/dev/null || ulimit -p "$processes" || exit
      exec 2>/dev/null
      [ -z "${BASH_VERSION-}" ] || set -m
      while read -r verb id; do
        case $verb in
          run|beside)
            out=
            [ "$verb" = run ] || out=$control/$id.out
            if [ -n "${BASH_VERSION-}" ]; then
              (set -- "$nonce" "$control" "$id" "$out"; eval "$step") </dev/null &
            else
              $own_group sh -c "$step" step "$nonce" "$control" "$id" "$out" </dev/null &
            fi
            if [ "$verb" = run ]; then group=$!; else eval "group_$id=$!"; beside="$beside $!"; fi ;;
          terminate|kill)
            eval "its=\\${group_$id:-$group}"
            if [ "$verb" = terminate ]; then
              kill -s TERM -- "-$its"
            else
              kill -s KILL -- "-$its"
              wait "$its"
              printf '\\n%s %s 137\\n' "$nonce" "$id"
            fi ;;
        esac
      done
      for its in $group $beside; do kill -s KILL -- "-$its"; done
      printf '\\n%s 0 0\\n' "$nonce"
      """;

  /// Stays alive through a TERM to the group, to tell how the step took it.
  private static final String STEP =
      """
      [ -z "$4" ] || exec >"$4"
      exec 2>&1
      trap : TERM INT HUP
      (trap - TERM INT HUP; . "$2/$3.launch")
      printf '\\n%s %s %s\\n' "$1" "$3" "$?"
      """;

  private static final List<String> HEAR_ALL_SIGNALS = List.of("env", "--default-signal");

  /// Bash where there is one.
  static final String SHELL =
      Stream.of(JobEnvironment.SYSTEM_PATH.split(":"))
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, "bash")))
          ? "bash"
          : "sh";

  /// Whether this process ignores signals, begun behind `nohup` or in the background perhaps: its
  /// children would too, and no shell can hear again what was ignored when it began.
  private static final boolean DEAF = deaf();

  private Supervisor() {}

  /// @param control where the launch scripts are
  /// @param processes how many the job's user may have
  static List<String> onTheMachine(String nonce, Path control, OptionalInt processes) {
    var ownGroup = "setsid " + String.join(" ", HEAR_ALL_SIGNALS);
    var limit = processes.isPresent() ? Integer.toString(processes.getAsInt()) : "";
    return command(SHELL, nonce, control, ownGroup, limit);
  }

  /// That program, which ignores no signals even where this process does.
  static List<String> hearing(List<String> program) {
    return DEAF ? Stream.concat(HEAR_ALL_SIGNALS.stream(), program.stream()).toList() : program;
  }

  /// No signal is ignored there that has to be heard, and there may be nobody who could change
  /// that.
  static List<String> inContainer(String nonce, Path control) {
    return command("sh", nonce, control, "setsid", "");
  }

  static List<String> command(
      String shell, String nonce, Path control, String ownGroup, String limit) {
    return List.of(
        shell, "-c", SCRIPT, "supervisor", nonce, control.toString(), STEP, ownGroup, limit);
  }

  private static boolean deaf() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(
              line -> new BigInteger(line.substring("SigIgn:".length()).strip(), 16).signum() != 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
