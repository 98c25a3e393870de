package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.util.HashMap;

/// The actions that Fairway brings along.
///
/// @param name how the step calls it
record BuiltinActions(Turn.Scene scene, JobSteps steps, String name) {
  Action of(BuiltinAction action, ActionInputs inputs) {
    var job = scene.scope().job();
    var parts = job.parts();
    return switch (action) {
      case CHECKOUT -> new CheckoutStep(scene, inputs);
      case UPLOAD_ARTIFACT ->
          new UploadArtifact(
              inputs,
              parts.host(),
              parts.log(),
              parts.masker(),
              parts.folder(),
              job.workspace(),
              parts.assignment(),
              scene.outputs()::put);
      case DOWNLOAD_ARTIFACT ->
          new DownloadArtifact(
              inputs,
              parts.host(),
              parts.log(),
              parts.assignment(),
              job.processes(),
              parts.folder(),
              job.workspace(),
              scene.variables(),
              scene.outputs()::put);
      case SETUP_JAVA -> new SetupJava(new Setup(inputs, scene, this::later));
      case SETUP_NODE -> new SetupNode(new Setup(inputs, scene, this::later));
      case SETUP_PYTHON -> new SetupPython(new Setup(inputs, scene, this::later));
      case CACHE -> new CacheAction(inputs, scene).restore(action, done -> later(inputs, done));
      case CACHE_RESTORE -> new CacheAction(inputs, scene).restore(action, _ -> {});
      case CACHE_SAVE -> new CacheAction(inputs, scene).save(action);
    };
  }

  /// What was asked for is saved at the job's end.
  private void later(ActionInputs inputs, CacheAction.Restored done) {
    var values = new HashMap<>(inputs.values());
    values.keySet().retainAll(BuiltinAction.CACHE_SAVE.inputs());
    var log = scene.scope().job().parts().log();
    var turn = new CacheSaveTurn(new ActionInputs(inputs.action(), values), scene.own(), done, log);
    steps.later(scene.spot().path(), "Run " + name, turn);
  }
}
