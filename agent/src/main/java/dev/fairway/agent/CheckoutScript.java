package dev.fairway.agent;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What git has to do for a [CheckoutWish], as scripts for a shell.
record CheckoutScript(CheckoutSource.Remote remote, CheckoutWish wish) {
  /// The exit code where the repository does not come.
  static final int NOT_FETCHED = 65;

  /// The exit code where its submodules do not come.
  static final int NO_SUBMODULES = 66;

  private static final String WANTED = "refs/fairway/wanted";
  private static final String TAGS = "+refs/tags/*:refs/tags/*";

  /// Fetches into a bare repository what [#outOf] needs then. All files come along, whatever the
  /// filter says: nobody could fetch them later.
  ///
  /// @param repository does not exist yet
  String into(Path repository) {
    var specification = new ArrayList<String>();
    if (wish.named()) {
      specification.add("+" + wish.commit() + ":" + WANTED);
    }
    if (wish.depth() == 0) {
      specification.add("+refs/heads/*:refs/heads/*");
    }
    return String.join(
        "\n",
        "set -e",
        "git init -q --bare -b fairway " + quote(repository),
        "cd " + quote(repository),
        "git config uploadpack.allowAnySHA1InWant true",
        fetch("", remote.url(), specification));
  }

  /// Checks out into the folder what the server has.
  String fresh(Path target) {
    var filter = wish.filter().isEmpty() ? "" : " --filter=" + LaunchScript.quote(wish.filter());
    return script(target, filter, "origin", wish.commit()) + persist();
  }

  /// Checks out into the folder what [#into] has fetched.
  String outOf(Path repository, Path target) {
    return script(target, "", repository.toString(), WANTED) + forget();
  }

  private String script(Path target, String filter, String from, String named) {
    var specification = new ArrayList<String>();
    if (wish.named()) {
      // The first one is what FETCH_HEAD means.
      specification.add(named);
    }
    if (wish.depth() == 0) {
      specification.add("+refs/heads/*:refs/remotes/origin/*");
    }
    return String.join(
        "\n",
        "set -e",
        "mkdir -p " + quote(target),
        "cd " + quote(target),
        made(),
        "git init -q -b fairway .",
        // What an earlier checkout has left out on purpose is no damage of the repository.
        "promisor=$(git config --get remote.origin.promisor || true)",
        "git remote remove origin 2>/dev/null || true",
        "git remote add origin " + LaunchScript.quote(remote.url()),
        "[ -z \"$promisor\" ] || git config remote.origin.promisor \"$promisor\"",
        fetch(filter, from, specification),
        sparse(),
        checkout(),
        submodules(),
        "git log -1 --format='HEAD is now at %H %s'\n");
  }

  /// Git of later steps finds the token in a file outside of the workspace, where no upload looks,
  /// and which goes with the job.
  private String persist() {
    return wish.persist()
        ? """
        credentials=$(mktemp "$RUNNER_TEMP/git-credentials-XXXXXX")
        printf '[http "%%s"]\\n\\textraHeader = %%s\\n' %s "$GIT_CONFIG_VALUE_0" >"$credentials"
        git config --local include.path "$credentials"
        """
                .formatted(LaunchScript.quote(remote.repositories()))
            + persistBelow()
        : forget();
  }

  private String persistBelow() {
    return wish.submodules() == Submodules.NONE
        ? ""
        : """
        export credentials
        git submodule --quiet foreach --recursive 'git config --local include.path "$credentials"'
        """;
  }

  private static String forget() {
    return "git config --local --unset-all include.path || true\n";
  }

  /// Makes good use of what an earlier step has left there, unless that was another repository.
  private String made() {
    return String.join(
        "\n",
        "if [ -d .git ]; then",
        "  case \"$(git config --get remote.origin.url || true)\" in",
        "    ''|*" + LaunchScript.quote(URI.create(remote.url()).getRawPath()) + ")",
        "      git reset -q --hard 2>/dev/null || true",
        wish.clean() ? "      git clean -qffdx ;;" : "      ;;",
        wish.clean() ? "    *) find . -mindepth 1 -delete ;;" : "    *) rm -rf .git ;;",
        "  esac",
        "fi");
  }

  private String fetch(String filter, String from, List<String> specification) {
    var all = new ArrayList<>(specification);
    if (wish.depth() == 0 || wish.tags()) {
      all.add(TAGS);
    }
    return "git fetch --no-tags --force%s%s%s %s %s || exit %d"
        .formatted(
            wish.progress() ? " --progress" : "",
            wish.depth() > 0 ? " --depth=" + wish.depth() : "",
            filter,
            LaunchScript.quote(from),
            all.stream().map(LaunchScript::quote).collect(Collectors.joining(" ")),
            NOT_FETCHED);
  }

  private String sparse() {
    return wish.sparse().isEmpty()
        ? "[ \"$(git config core.sparseCheckout || true)\" != true ] || git sparse-checkout disable"
        : sparse(wish);
  }

  /// Leaves in the folder that git is in what the wish names, and nothing else.
  static String sparse(CheckoutWish wish) {
    return "printf '%%s\\n' %s | git sparse-checkout set %s --stdin"
        .formatted(
            wish.sparse().stream().map(LaunchScript::quote).collect(Collectors.joining(" ")),
            wish.cone() ? "--cone" : "--no-cone");
  }

  private String checkout() {
    if (!wish.branch().isEmpty()) {
      return "git checkout -q --force -B %s %s"
          .formatted(LaunchScript.quote(wish.branch()), LaunchScript.quote(wish.commit()));
    }
    if (wish.named()) {
      return "git checkout -q --force --detach FETCH_HEAD";
    }
    return "git checkout -q --force --detach %s || git checkout -q --force --detach %s"
        .formatted(
            LaunchScript.quote(wish.commit()), LaunchScript.quote("origin/" + wish.commit()));
  }

  private String submodules() {
    return switch (wish.submodules()) {
      case NONE -> ":";
      case DIRECT -> submodules("");
      case RECURSIVE -> submodules(" --recursive");
    };
  }

  private String submodules(String recursive) {
    return String.join(
        "\n",
        "git submodule --quiet sync" + recursive,
        "git submodule --quiet update --init --force%s%s || exit %d"
            .formatted(
                wish.depth() > 0 ? " --depth=" + wish.depth() : "", recursive, NO_SUBMODULES));
  }

  private static String quote(Path path) {
    return LaunchScript.quote(path.toString());
  }
}
