package dev.fairway.agent;

import dev.fairway.workflow.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A step that runs a script.
///
/// @param beside what tells it from steps that run at the same time
record RunScript(
    Processes processes,
    JobFolder folder,
    Map<String, String> environment,
    Path workingDirectory,
    Optional<Shell> shell,
    String script,
    String beside)
    implements Action {
  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    // Of no more use than to tell messages of one script from those of another.
    var name =
        "script-" + Integer.toHexString(script.hashCode()) + beside + LaunchScript.suffix(shell);
    folder.writeControl(name, LaunchScript.prepared(shell, script));
    var file = folder.control().resolve(name);
    try {
      var launch = new LaunchScript(environment, workingDirectory).interpret(shell, file);
      return StepProcess.run(processes, folder, launch, stop);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
