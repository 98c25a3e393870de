package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/// A step with `actions/checkout`: finds out from where, with whose token and by which way, and
/// says what to do where that is not possible.
record CheckoutStep(Turn.Scene scene, ActionInputs inputs) implements Action {
  /// As often a checkout is begun whose server goes away in the middle.
  private static final int MAX_CHECKOUTS = 5;

  /// What names the run's own commit.
  private static final List<String> OWN_REFS = List.of("sha", "ref", "ref_name", "head_ref");

  private static final String OWNER = "projects/";
  private static final Pattern PROJECT = Pattern.compile("[a-z](?:[a-z0-9-]*[a-z0-9])?");

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    inputs.only(BuiltinAction.CHECKOUT);
    // Git trusts the workspace of a job in any case.
    var _ = inputs.flag("set-safe-directory", true);
    var ref = other().isPresent() ? CheckoutWish.DEFAULT_BRANCH : github("ref");
    var sha = other().isPresent() ? CheckoutWish.DEFAULT_BRANCH : github("sha");
    var wish = CheckoutWish.of(inputs, sha, ref);
    scene.outputs().put("ref", inputs.text("ref", ref));
    var result =
        switch (source()) {
          case CheckoutSource.Remote remote -> served(remote, wish, stop);
          case CheckoutSource.Folder _, CheckoutSource.Prepared _ -> {
            refuseOtherStates();
            yield onTheMachine(wish, Optional.empty(), stop);
          }
        };
    refuse(result, wish);
    return result;
  }

  private Result served(CheckoutSource.Remote remote, CheckoutWish wish, Stop stop)
      throws IOException, InterruptedException {
    refuseOtherServers();
    hide(remote);
    return scene.scope().job().reachesNetwork()
        ? again(() -> onTheMachine(wish, Optional.empty(), stop), stop)
        : apart(remote, wish, stop);
  }

  /// The project that is not the run's own one.
  private Optional<String> other() {
    var asked = inputs.text("repository", "").toLowerCase(Locale.ROOT);
    var name = asked.startsWith(OWNER) ? asked.substring(OWNER.length()) : asked;
    var own = scene.scope().job().parts().assignment().project().toLowerCase(Locale.ROOT);
    if (name.isEmpty() || name.equals(own)) {
      return Optional.empty();
    }
    if (!PROJECT.matcher(name).matches()) {
      throw inputs.refused(
          "repository", "is no project of this server, which is written NAME or projects/NAME");
    }
    return Optional.of(name);
  }

  /// A folder has one state only, the present one, with all of its history, and comes from no
  /// server.
  private void refuseOtherStates() {
    if (other().isPresent()) {
      throw ofAFolder("names another project than the folder", "repository");
    }
    var ref = inputs.text("ref", "");
    if (!ref.isEmpty() && OWN_REFS.stream().map(this::github).noneMatch(ref::equals)) {
      throw ofAFolder("names another state than the one that the folder has", "ref");
    }
    if (inputs.values().containsKey("github-server-url")) {
      throw ofAFolder("has no meaning for a folder", "github-server-url");
    }
  }

  private FairwayException ofAFolder(String what, String input) {
    return new FairwayException(
        ErrorCode.UNSUPPORTED,
        "%s: the input `%s` %s".formatted(inputs.action(), input, what),
        "Run the workflow on a server.");
  }

  private void refuseOtherServers() {
    var asked = inputs.text("github-server-url", "");
    var own = github("server_url");
    if (!asked.isEmpty() && !withoutSlash(asked).equalsIgnoreCase(withoutSlash(own))) {
      throw inputs.refused(
          "github-server-url",
          "can only be this server, %s. What is elsewhere a step can fetch with git"
              .formatted(own));
    }
  }

  private static String withoutSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /// The job's own token is hidden from its begin.
  private void hide(CheckoutSource.Remote remote) {
    var masker = scene.scope().job().parts().masker();
    if (hasToken() && !(masker.learn(remote.password()) && masker.learn(remote.basic()))) {
      throw inputs.refused(
          "token", "cannot be hidden in the log: the job has called too much a secret");
    }
  }

  private boolean hasToken() {
    return !inputs.text("token", "").isEmpty();
  }

  /// From the server that answers now, see [JobHost#checkout].
  private CheckoutSource source() {
    return switch (scene.scope().job().parts().host().checkout()) {
      case CheckoutSource.Remote own -> {
        var remote = other().map(own::project).orElse(own);
        yield hasToken() ? remote.withToken(inputs.text("token", "")) : remote;
      }
      case CheckoutSource.Folder folder -> folder;
      case CheckoutSource.Prepared prepared -> prepared;
    };
  }

  /// What git has said stands in the log; where it may be about a token, people are told so.
  private void refuse(Result result, CheckoutWish wish) {
    if (result instanceof Result.Exited(var code)) {
      switch (code) {
        case CheckoutScript.NOT_FETCHED -> {
          if (hasToken() || other().isPresent()) {
            throw failed(
                "the repository cannot be fetched, git says above why",
                hasToken()
                    ? "`token` must be one that may read it."
                    : "The job's token reads the job's own project only: give `token`, one that may"
                        + " read `%s`.".formatted(other().orElseThrow()));
          }
        }
        case CheckoutScript.NO_SUBMODULES ->
            throw failed(
                "the submodules cannot be fetched, git says above why",
                hasToken()
                    ? "`token` must be one that may read those which are projects of this server;"
                        + " no other server is sent it."
                    : "Those which are other projects of this server need `token`, one that may"
                        + " read them; no other server is sent a token.");
        case FolderCopy.NO_SUBMODULE ->
            throw failed(
                "the folder lacks the submodule that is named above",
                "Get it with `git submodule update --init%s`."
                    .formatted(wish.submodules() == Submodules.RECURSIVE ? " --recursive" : ""));
        default -> {}
      }
    }
  }

  private FairwayException failed(String what, String next) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE, "%s: %s".formatted(inputs.action(), what), next);
  }

  /// Also for a job whose steps run in a container, which may have no git.
  private Result onTheMachine(CheckoutWish wish, Optional<Path> fetched, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    if (!job.inContainer()) {
      return checkout(wish, fetched, job.processes()).run(stop);
    }
    try (var sandbox = job.onTheMachine()) {
      return checkout(wish, fetched, sandbox).run(stop);
    }
  }

  /// In two parts, for a job without network: what it has left in its workspace for git to run,
  /// such as a hook, must not run where the network is reached. So git fetches where the job has
  /// never been, and the job's own sandbox takes it from there.
  private Result apart(CheckoutSource.Remote remote, CheckoutWish wish, Stop stop)
      throws IOException, InterruptedException {
    if (wish.submodules() != Submodules.NONE) {
      throw inputs.refused(
          "submodules",
          "can only be false with `FAIRWAY_NETWORK: none`. Check out in a job with network, and"
              + " pass the files on as an artifact");
    }
    var job = scene.scope().job();
    var folder = job.parts().folder();
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
        if (!result.equals(Result.SUCCESS)) {
          return result;
        }
        Files.move(made, repository);
      }
      return onTheMachine(wish, Optional.of(repository), stop);
    } finally {
      JobFolder.deleteTree(other.root());
      JobFolder.deleteTree(repository);
    }
  }

  private interface Attempt {
    Result make() throws IOException, InterruptedException;
  }

  private Result again(Attempt attempt, Stop stop) throws IOException, InterruptedException {
    var parts = scene.scope().job().parts();
    var result = attempt.make();
    for (var more = MAX_CHECKOUTS - 1;
        more > 0
            && result instanceof Result.Exited(var code)
            && code != 0
            && parts.host().wasAway(stop.reason());
        more--) {
      parts.log().line("##[warning]The server was away; the checkout is made again.");
      result = attempt.make();
    }
    return result;
  }

  private String github(String property) {
    var contexts = scene.scope().job().parts().assignment().contexts();
    return contexts.path("github").path(property).asString("");
  }

  private Checkout checkout(CheckoutWish wish, Optional<Path> fetched, Processes in) {
    var job = scene.scope().job();
    var parts = job.parts();
    var variables = new HashMap<>(scene.variables());
    if (in != job.processes()) {
      variables.put("PATH", JobEnvironment.SYSTEM_PATH);
    }
    return new Checkout(
        inputs, wish, source(), fetched, in, parts.folder(), job.workspace(), variables);
  }
}
