package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/// `actions/checkout`: git runs inside the sandbox, as the job's user, because the folder that it
/// works in, with its hooks and filters, belongs to the job. The job's token is in the variables of
/// that one process and never in a file.
///
/// @param fetched the repository that [#fetchInto] has made, if the sandbox reaches no network
/// @param sandbox one that reaches the network, else
/// @param sha the run's commit
/// @param ref the run's ref in full, such as `refs/heads/main`
record Checkout(
    ActionInputs inputs,
    CheckoutSource source,
    Optional<Path> fetched,
    Processes processes,
    JobFolder folder,
    Path workspace,
    Map<String, String> environment,
    String sha,
    String ref,
    BiConsumer<String, String> outputs)
    implements Action {
  private static final int MAX_DEPTH = 1_000_000;
  private static final String WANTED = "refs/fairway/wanted";
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern REF = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_./+@-]*");

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    inputs.only(BuiltinAction.CHECKOUT);
    var target = workspace.resolve(inputs.text("path", ".")).normalize();
    if (!target.startsWith(workspace)) {
      throw inputs.refused("path", "leaves the workspace");
    }
    var script =
        switch (source) {
          case CheckoutSource.Remote remote ->
              fetch(remote, target, fetched.map(Path::toString).orElse("origin"));
          case CheckoutSource.Folder local -> {
            refuseChoice();
            yield copy(local.path(), target);
          }
          case CheckoutSource.Prepared prepared -> {
            refuseChoice();
            yield "mkdir -p %2$s && cp -R %1$s/. %2$s/\n"
                .formatted(
                    LaunchScript.quote(prepared.path().toString()),
                    LaunchScript.quote(target.toString()));
          }
        };
    var variables = new LinkedHashMap<>(environment);
    variables.put("GIT_TERMINAL_PROMPT", "0");
    if (source instanceof CheckoutSource.Remote remote && fetched.isEmpty()) {
      variables.putAll(credentials(remote));
    }
    var launch = new LaunchScript(variables, workspace).program(script);
    outputs.accept("ref", inputs.text("ref", ref));
    return StepProcess.run(processes, folder, launch, stop);
  }

  /// Fetches into a bare repository what [#run] needs then, in a sandbox that reaches the network
  /// and in which nothing lies that the job has made.
  ///
  /// @param repository does not exist yet
  static Action.Result fetchInto(
      Path repository,
      CheckoutSource.Remote remote,
      Wish wish,
      Processes in,
      JobFolder of,
      Stop stop)
      throws IOException, InterruptedException {
    var variables = new LinkedHashMap<String, String>();
    variables.put("PATH", JobEnvironment.SYSTEM_PATH);
    variables.put("HOME", of.home().toString());
    variables.put("GIT_TERMINAL_PROMPT", "0");
    variables.putAll(credentials(remote));
    var specification = new StringBuilder();
    if (wish.depth() == 0) {
      specification.append(" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'");
    }
    if (wish.named()) {
      specification.append(' ').append(LaunchScript.quote("+" + wish.commit() + ":" + WANTED));
    }
    var script =
        String.join(
            "\n",
            "set -e",
            "git init -q --bare -b fairway " + LaunchScript.quote(repository.toString()),
            "cd " + LaunchScript.quote(repository.toString()),
            "git config uploadpack.allowAnySHA1InWant true",
            "git fetch --no-tags --force"
                + (wish.depth() > 0 ? " --depth=" + wish.depth() : "")
                + " "
                + LaunchScript.quote(remote.url())
                + specification);
    return StepProcess.run(in, of, new LaunchScript(variables, of.work()).program(script), stop);
  }

  private static Map<String, String> credentials(CheckoutSource.Remote remote) {
    return Map.of(
        "GIT_CONFIG_COUNT", "1",
        "GIT_CONFIG_KEY_0", "http." + remote.url() + ".extraHeader",
        "GIT_CONFIG_VALUE_0", "Authorization: Basic " + basic(remote));
  }

  /// What the inputs ask for.
  ///
  /// @param commit or the name of a branch or a tag
  /// @param depth how much history, 0 for all of it, with all branches and tags
  record Wish(String commit, int depth) {
    /// Whether the commit is fetched by its name; with all history it comes along with a branch.
    boolean named() {
      return depth > 0 || COMMIT.matcher(commit).matches();
    }
  }

  static Wish wish(ActionInputs inputs, String sha) {
    var asked = inputs.text("ref", "");
    if (!asked.isEmpty() && (!REF.matcher(asked).matches() || asked.contains(".."))) {
      throw inputs.refused("ref", "is not a branch, tag or commit");
    }
    return new Wish(asked.isEmpty() ? sha : asked, inputs.number("fetch-depth", 1, MAX_DEPTH));
  }

  /// How the password looks on the wire, which the masker has to know too.
  static String basic(CheckoutSource.Remote remote) {
    return Base64.getEncoder()
        .encodeToString((remote.user() + ":" + remote.password()).getBytes(StandardCharsets.UTF_8));
  }

  private String fetch(CheckoutSource.Remote remote, Path target, String from) {
    var wish = wish(inputs, sha);
    var depth = wish.depth();
    var commit = wish.commit();
    var branch =
        inputs.text("ref", "").isEmpty() && ref.startsWith("refs/heads/") ? ref.substring(11) : "";
    var specification = new StringBuilder();
    if (depth == 0) {
      specification.append(" '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'");
    }
    if (wish.named()) {
      specification.append(' ').append(LaunchScript.quote(fetched.isPresent() ? WANTED : commit));
    }
    return String.join(
        "\n",
        "set -e",
        "mkdir -p " + LaunchScript.quote(target.toString()),
        "cd " + LaunchScript.quote(target.toString()),
        "if [ -d .git ]; then git reset -q --hard 2>/dev/null || true",
        inputs.flag("clean", true) ? "git clean -qffdx; fi" : "fi",
        "git init -q -b fairway .",
        "git remote remove origin 2>/dev/null || true",
        "git remote add origin " + LaunchScript.quote(remote.url()),
        "git fetch --no-tags --force"
            + (depth > 0 ? " --depth=" + depth : "")
            + " "
            + LaunchScript.quote(from)
            + specification,
        checkout(commit, branch, depth),
        "git log -1 --format='HEAD is now at %H %s'");
  }

  private static String checkout(String commit, String branch, int depth) {
    if (!branch.isEmpty()) {
      return "git checkout -q --force -B %s %s"
          .formatted(LaunchScript.quote(branch), LaunchScript.quote(commit));
    }
    if (depth > 0) {
      return "git checkout -q --force --detach FETCH_HEAD";
    }
    var word = LaunchScript.quote(commit);
    return "git checkout -q --force --detach %s || git checkout -q --force --detach %s"
        .formatted(word, LaunchScript.quote("origin/" + commit));
  }

  /// A folder has one state only, the present one.
  private void refuseChoice() {
    for (var name : Set.of("ref", "fetch-depth")) {
      if (inputs.values().containsKey(name)) {
        throw new FairwayException(
            ErrorCode.UNSUPPORTED,
            "%s: the input `%s` has no meaning for a folder".formatted(inputs.action(), name),
            "Run the workflow on a server.");
      }
    }
  }

  /// Of a repository: its history, and the files that are not ignored as they are now. Of any other
  /// folder: everything.
  static String copy(Path from, Path target) {
    return """
    set -e
    from=%s to=%s
    mkdir -p "$to"
    if git -C "$from" rev-parse -q --verify HEAD >/dev/null 2>&1 && [ -e "$from/.git" ]; then
      git clone -q --no-checkout -- "$from" "$to/.clone" && mv "$to/.clone/.git" "$to/.git" && rmdir "$to/.clone"
      git -C "$to" reset -q
      (cd "$from" && git ls-files -z --cached --others --exclude-standard) |
        (cd "$from" && xargs -0 -r sh -c 'for f; do [ -e "$f" ] || [ -L "$f" ] && printf "%%s\\\\0" "$f"; done; true' sh) |
        tar -C "$from" --null --no-recursion -T - -cf - | tar -C "$to" --no-same-owner -xf -
    else
      cp -R "$from/." "$to/"
    fi
    """
        .formatted(LaunchScript.quote(from.toString()), LaunchScript.quote(target.toString()));
  }
}
