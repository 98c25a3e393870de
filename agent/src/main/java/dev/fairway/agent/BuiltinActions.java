package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.util.HashMap;

/// The actions that Fairway brings along.
///
/// @param name how the step calls it
record BuiltinActions(Turn.Scene scene, JobSteps steps, String name) {
  /// As often a checkout is begun whose server goes away in the middle.
  private static final int MAX_CHECKOUTS = 5;

  Action of(BuiltinAction action, ActionInputs inputs) {
    var job = scene.scope().job();
    var parts = job.parts();
    return switch (action) {
      case CHECKOUT -> stop -> checkout(inputs, stop);
      case UPLOAD_ARTIFACT ->
          new UploadArtifact(
              inputs,
              parts.host(),
              parts.log(),
              parts.folder(),
              job.workspace(),
              parts.assignment().limits().artifactBytes(),
              scene.outputs()::put);
      case DOWNLOAD_ARTIFACT ->
          new DownloadArtifact(
              inputs,
              parts.host(),
              parts.log(),
              job.sandbox(),
              parts.folder(),
              job.workspace(),
              scene.variables(),
              scene.outputs()::put);
      case SETUP_JAVA -> _ -> new SetupActions(inputs, scene).java();
      case SETUP_NODE -> _ -> new SetupActions(inputs, scene).node();
      case SETUP_PYTHON -> _ -> new SetupActions(inputs, scene).python();
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

  private Action.Result checkout(ActionInputs inputs, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    var sandbox = job.onTheMachine();
    try {
      var host = job.parts().host();
      var result = checkout(inputs, sandbox).run(stop);
      for (var more = MAX_CHECKOUTS - 1;
          more > 0
              && result instanceof Action.Result.Exited(var code)
              && code != 0
              && host.wasAway(stop.reason());
          more--) {
        job.parts().log().line("##[warning]The server was away; the checkout is made again.");
        result = checkout(inputs, sandbox).run(stop);
      }
      return result;
    } finally {
      if (sandbox != job.sandbox()) {
        sandbox.close();
      }
    }
  }

  private Checkout checkout(ActionInputs inputs, Sandbox in) {
    var job = scene.scope().job();
    var parts = job.parts();
    var github = parts.assignment().contexts().path("github");
    var variables = new HashMap<>(scene.variables());
    if (in != job.sandbox()) {
      variables.put("PATH", JobEnvironment.SYSTEM_PATH);
    }
    return new Checkout(
        inputs,
        parts.host().checkout(),
        in,
        parts.folder(),
        job.workspace(),
        variables,
        github.path("sha").asString(""),
        github.path("ref").asString(""),
        scene.outputs()::put);
  }
}
