package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What `actions/checkout` does in the job's sandbox: git runs there, as the job's user, because
/// the folder that it works in, with its hooks and filters, belongs to the job. The token is in the
/// variables of that one process and never in a file.
///
/// @param fetched the repository that [#fetchInto] has made, if the sandbox reaches no network
/// @param processes of a sandbox that reaches the network, else
record Checkout(
    ActionInputs inputs,
    CheckoutWish wish,
    CheckoutSource source,
    Optional<Path> fetched,
    Processes processes,
    JobFolder folder,
    Path workspace,
    Map<String, String> environment)
    implements Action {
  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    var target = workspace.resolve(inputs.text("path", ".")).normalize();
    if (!target.startsWith(workspace)) {
      throw inputs.refused("path", "leaves the workspace");
    }
    var script =
        switch (source) {
          case CheckoutSource.Remote remote -> {
            var git = new CheckoutScript(remote, wish);
            yield fetched.map(from -> git.outOf(from, target)).orElseGet(() -> git.fresh(target));
          }
          case CheckoutSource.Folder local -> {
            yield FolderCopy.take(local.path(), target, wish.submodules())
                + FolderCopy.settle(target, wish);
          }
          case CheckoutSource.Prepared prepared -> {
            yield FolderCopy.takeAll(prepared.path(), target) + FolderCopy.settle(target, wish);
          }
        };
    var variables = new LinkedHashMap<>(environment);
    variables.put("GIT_TERMINAL_PROMPT", "0");
    if (source instanceof CheckoutSource.Remote remote && fetched.isEmpty()) {
      variables.putAll(remote.credentials());
    }
    return StepProcess.run(
        processes, folder, new LaunchScript(variables, workspace).program(script), stop);
  }

  /// Fetches into a bare repository what [#run] needs then, in a sandbox that reaches the network
  /// and in which nothing lies that the job has made.
  ///
  /// @param repository does not exist yet
  static Action.Result fetchInto(
      Path repository,
      CheckoutSource.Remote remote,
      CheckoutWish wish,
      Processes in,
      JobFolder of,
      Stop stop)
      throws IOException, InterruptedException {
    var variables = new LinkedHashMap<String, String>();
    variables.put("PATH", JobEnvironment.SYSTEM_PATH);
    variables.put("HOME", of.home().toString());
    variables.put("GIT_TERMINAL_PROMPT", "0");
    variables.putAll(remote.credentials());
    var script = new CheckoutScript(remote, wish).into(repository);
    return StepProcess.run(in, of, new LaunchScript(variables, of.work()).program(script), stop);
  }
}
