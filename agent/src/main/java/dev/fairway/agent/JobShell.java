package dev.fairway.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Runs scripts of the agent in the job's sandbox or container, with the job's rights.
///
/// @param variables all those of their processes
record JobShell(JobScope job, Map<String, String> variables) {
  Action.Result run(String script, Stop stop) throws IOException, InterruptedException {
    var launch = new LaunchScript(variables, job.workspace()).program(script);
    return StepProcess.run(job.processes(), job.parts().folder(), launch, stop);
  }

  /// What a script prints, taken from a file that the job could have put anything into.
  ///
  /// @param script whose failure counts as an answer of what it has printed until then
  /// @return empty where it is longer than that many bytes
  Optional<String> answer(String script, int limit, Stop stop)
      throws IOException, InterruptedException {
    var temp = job.parts().folder().temp();
    var answer = temp.resolve("fairway-answer-" + UUID.randomUUID());
    var file = LaunchScript.quote(answer.toString());
    try {
      var result = run("{ :\n" + script + "\n} >" + file + " || true", stop);
      if (!result.equals(Action.Result.SUCCESS)
          || !Files.exists(answer, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of("");
      }
      try (var in = new ArtifactFiles(temp, List.of(temp)).open(answer)) {
        var bytes = in.readNBytes(limit + 1);
        return bytes.length > limit
            ? Optional.empty()
            : Optional.of(new String(bytes, StandardCharsets.UTF_8));
      }
    } finally {
      var _ = run("rm -f " + file, new Stop());
    }
  }
}
