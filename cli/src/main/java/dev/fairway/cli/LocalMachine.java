package dev.fairway.cli;

import dev.fairway.agent.ActionSource;
import dev.fairway.agent.Caches;
import dev.fairway.agent.CheckoutSource;
import dev.fairway.agent.Containers;
import dev.fairway.agent.FolderCaches;
import dev.fairway.agent.FolderHost;
import dev.fairway.agent.Isolation;
import dev.fairway.agent.JobRunner;
import dev.fairway.agent.NodeRuntimes;
import dev.fairway.agent.RunnerSettings;
import dev.fairway.agent.WorkingCopy;
import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.BuiltinAction;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.Step;
import dev.fairway.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/// What one local run uses of this machine: a folder of its own, which goes with it, and the code
/// of actions, which is kept for the next.
final class LocalMachine implements AutoCloseable {
  private final RunFolder folder;
  private final JobRunner runner;
  private final CheckoutSource checkout;
  private final ActionSource actions;
  private final Optional<Caches> caches;

  private LocalMachine(
      RunFolder folder,
      JobRunner runner,
      CheckoutSource checkout,
      ActionSource actions,
      Optional<Caches> caches) {
    this.folder = folder;
    this.runner = runner;
    this.checkout = checkout;
    this.actions = actions;
    this.caches = caches;
  }

  /// @param source whose workflow runs
  /// @param variables the first ones that jobs find in their environment
  /// @param actions gives the code of other repositories
  /// @param caches where those of the project are, if its jobs may use any
  static LocalMachine open(
      LocalSource source,
      Workflow workflow,
      Isolation isolation,
      Map<String, String> variables,
      ActionSource actions,
      Optional<Path> caches)
      throws IOException, InterruptedException {
    var folder = RunFolder.create();
    try {
      Files.createDirectory(folder.resolve("artifacts"));
      JobRunner.makeFolders(folder.resolve("jobs"));
      CheckoutSource checkout = new CheckoutSource.Folder(source.folder());
      var jobs = isolation.hiding(folder.path());
      if (checksOut(workflow)) {
        if (isolation.ownUser()) {
          var copy = folder.resolve("source");
          WorkingCopy.make(source.folder(), copy);
          jobs = jobs.showing(copy);
          checkout = new CheckoutSource.Prepared(copy);
        } else {
          jobs = jobs.showing(source.folder());
          jobs = source.repository().map(jobs::showing).orElse(jobs);
        }
      }
      var runner =
          new JobRunner(
              new RunnerSettings(
                  "local",
                  folder.resolve("jobs"),
                  jobs,
                  Optional.empty(),
                  variables,
                  kept().resolve("actions"),
                  NodeRuntimes.ofThisMachine(),
                  Containers.ofThisMachine()),
              Clock.systemUTC(),
              new Deletions()::add);
      return new LocalMachine(
          folder,
          runner,
          checkout,
          actions,
          caches.map(kept -> new FolderCaches(kept, Clock.systemUTC())));
    } catch (IOException | InterruptedException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /// Whether a job of it may look at the source: by the action for that, or by one that may use it.
  private static boolean checksOut(Workflow workflow) {
    return workflow.jobs().values().stream()
        .anyMatch(job ->
            switch (job) {
              case Job.Steps own -> own.steps().stream().anyMatch(LocalMachine::checksOut);
              case Job.Call call -> call.called().map(LocalMachine::checksOut).orElse(false);
            });
  }

  private static boolean checksOut(Step step) {
    return step instanceof Step.Uses uses
        && switch (uses.action()) {
          case ActionReference.Builtin named -> named.action() == BuiltinAction.CHECKOUT;
          case ActionReference.Local _, ActionReference.Own _, ActionReference.Repository _ -> true;
          case ActionReference.Docker _ -> false;
        };
  }

  /// What is kept from run to run.
  static Path kept() {
    var home = System.getProperty("user.home");
    return Path.of(System.getenv().getOrDefault("XDG_CACHE_HOME", home + "/.cache"))
        .resolve("fairway");
  }

  JobRunner runner() {
    return runner;
  }

  FolderHost host(FolderHost.Listener listener) {
    return new FolderHost(artifacts(), checkout, listener, actions, caches);
  }

  /// What the jobs have uploaded, for [FolderHost#unpack].
  Path artifacts() {
    return folder.resolve("artifacts");
  }

  /// Has deleted what is left.
  @Override
  public void close() throws IOException {
    runner.close();
    folder.close();
  }
}
