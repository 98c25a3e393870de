package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Optional;
import java.util.UUID;

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

  private Action.Result checkout(ActionInputs inputs, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    var source = job.parts().host().checkout();
    return !job.reachesNetwork() && source instanceof CheckoutSource.Remote remote
        ? apart(inputs, remote, stop)
        : again(() -> onTheMachine(inputs, Optional.empty(), stop), stop);
  }

  /// Also for a job whose steps run in a container, which may have no git.
  private Action.Result onTheMachine(ActionInputs inputs, Optional<Path> fetched, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    if (!job.inContainer()) {
      return checkout(inputs, fetched, job.processes()).run(stop);
    }
    try (var sandbox = job.onTheMachine()) {
      return checkout(inputs, fetched, sandbox).run(stop);
    }
  }

  /// In two parts, for a job without network: what it has left in its workspace for git to run,
  /// such as a hook, must not run where the network is reached. So git fetches where the job has
  /// never been, and the job's own sandbox takes it from there.
  private Action.Result apart(ActionInputs inputs, CheckoutSource.Remote remote, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    var folder = job.parts().folder();
    var wish = Checkout.wish(inputs, sha());
    var name = UUID.randomUUID().toString();
    var other = JobFolder.create(folder.root().resolve("fetch-" + name), folder.user());
    var repository = folder.stage().resolve("repository-" + name);
    try {
      try (var sandbox = job.withNetwork(other)) {
        var made = other.work().resolve("repository");
        var result =
            again(
                () -> {
                  JobFolder.deleteTree(made);
                  return Checkout.fetchInto(made, remote, wish, sandbox, other, stop);
                },
                stop);
        if (!result.equals(Action.Result.SUCCESS)) {
          return result;
        }
        Files.move(made, repository);
      }
      return onTheMachine(inputs, Optional.of(repository), stop);
    } finally {
      JobFolder.deleteTree(other.root());
      JobFolder.deleteTree(repository);
    }
  }

  private interface Attempt {
    Action.Result make() throws IOException, InterruptedException;
  }

  private Action.Result again(Attempt attempt, Stop stop) throws IOException, InterruptedException {
    var host = scene.scope().job().parts().host();
    var result = attempt.make();
    for (var more = MAX_CHECKOUTS - 1;
        more > 0
            && result instanceof Action.Result.Exited(var code)
            && code != 0
            && host.wasAway(stop.reason());
        more--) {
      scene
          .scope()
          .job()
          .parts()
          .log()
          .line("##[warning]The server was away; the checkout is made again.");
      result = attempt.make();
    }
    return result;
  }

  private String sha() {
    return scene
        .scope()
        .job()
        .parts()
        .assignment()
        .contexts()
        .path("github")
        .path("sha")
        .asString("");
  }

  private Checkout checkout(ActionInputs inputs, Optional<Path> fetched, Processes in) {
    var job = scene.scope().job();
    var parts = job.parts();
    var variables = new HashMap<>(scene.variables());
    if (in != job.processes()) {
      variables.put("PATH", JobEnvironment.SYSTEM_PATH);
    }
    return new Checkout(
        inputs,
        parts.host().checkout(),
        fetched,
        in,
        parts.folder(),
        job.workspace(),
        variables,
        sha(),
        parts.assignment().contexts().path("github").path("ref").asString(""),
        scene.outputs()::put);
  }
}
