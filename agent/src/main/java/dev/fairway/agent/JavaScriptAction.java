package dev.fairway.agent;

import dev.fairway.workflow.ActionRuns;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A script of an action, run by Node.js in the job's sandbox.
///
/// @param program path of the script in the action's folder
record JavaScriptAction(
    ActionRuns.JavaScript script, String program, ActionCall call, Turn.Scene scene)
    implements Action {
  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    var job = scene.scope().job();
    var node = job.node(script.version());
    var launch =
        new LaunchScript(variables(call, scene), job.workspace())
            .become(List.of(node, call.code().folder().resolve(program).normalize().toString()));
    return StepProcess.run(job.processes(), job.parts().folder(), launch, stop);
  }

  /// What a program of an action finds beside what every process of the job does: who it is, its
  /// inputs, what it has remembered, and the way to the services.
  static Map<String, String> variables(ActionCall call, Turn.Scene scene) {
    var variables = new LinkedHashMap<>(scene.variables());
    variables.putAll(StepScope.identity(call.code()));
    call.inputs().forEach((name, value) -> variables.put(inputVariable(name), value));
    call.state().forEach((name, value) -> variables.put("STATE_" + name, value));
    variables.putAll(scene.scope().job().services());
    return variables;
  }

  static String inputVariable(String name) {
    return "INPUT_" + name.replace(' ', '_').toUpperCase(Locale.ROOT);
  }
}
