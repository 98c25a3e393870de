package dev.fairway.agent;

import java.util.List;
import java.util.regex.Pattern;

/// What the inputs of `actions/checkout` ask for.
///
/// @param commit or the name of a branch or a tag, or [#DEFAULT_BRANCH]
/// @param branch the one that is checked out at the commit; empty for none
/// @param depth how much history, 0 for all of it, with all branches and tags
/// @param tags whether all tags come along
/// @param filter in git's words, what is fetched only when it is needed; empty for nothing
/// @param sparse the patterns of the files that are wanted; empty for all of them
/// @param cone whether these are folders
/// @param progress whether git says how far it is
/// @param persist whether git in later steps shows the token too
/// @param clean whether files that are not of the repository are removed before
record CheckoutWish(
    String commit,
    String branch,
    int depth,
    boolean tags,
    String filter,
    List<String> sparse,
    boolean cone,
    Submodules submodules,
    boolean progress,
    boolean persist,
    boolean clean) {
  /// What the server calls it.
  static final String DEFAULT_BRANCH = "HEAD";

  private static final int MAX_DEPTH = 1_000_000;
  private static final String BRANCHES = "refs/heads/";
  private static final String WITHOUT_FILES = "blob:none";
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern REF = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_./+@-]*");
  private static final Pattern FILTER = Pattern.compile("[A-Za-z0-9:=+/%._-]+");

  CheckoutWish {
    sparse = List.copyOf(sparse);
  }

  /// @param sha what is wanted if the inputs do not say
  /// @param ref whose commit that is, in full, such as `refs/heads/main`
  static CheckoutWish of(ActionInputs inputs, String sha, String ref) {
    var asked = inputs.text("ref", "");
    if (!asked.isEmpty() && (!REF.matcher(asked).matches() || asked.contains(".."))) {
      throw inputs.refused("ref", "is not a branch, tag or commit");
    }
    var filter = inputs.text("filter", "");
    if (!filter.isEmpty() && !FILTER.matcher(filter).matches()) {
      throw inputs.refused("filter", "is none of git's, such as blob:none or tree:0");
    }
    var sparse =
        inputs
            .text("sparse-checkout", "")
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    var branch = asked.isEmpty() && ref.startsWith(BRANCHES);
    return new CheckoutWish(
        asked.isEmpty() ? sha : asked,
        branch ? ref.substring(BRANCHES.length()) : "",
        inputs.number("fetch-depth", 1, MAX_DEPTH),
        inputs.flag("fetch-tags", false),
        filter.isEmpty() && !sparse.isEmpty() ? WITHOUT_FILES : filter,
        sparse,
        inputs.flag("sparse-checkout-cone-mode", true),
        Submodules.of(inputs),
        inputs.flag("show-progress", false),
        inputs.flag("persist-credentials", false),
        inputs.flag("clean", true));
  }

  /// Whether the commit is fetched by its name; with all history it comes along with a branch.
  boolean named() {
    return depth > 0 || commit.equals(DEFAULT_BRANCH) || COMMIT.matcher(commit).matches();
  }
}
