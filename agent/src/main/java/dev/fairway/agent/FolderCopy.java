package dev.fairway.agent;

import java.nio.file.Path;

/// How the checkout of a working folder on this machine comes about, as scripts for a shell.
final class FolderCopy {
  /// The exit code where a submodule is wanted that the folder does not have.
  static final int NO_SUBMODULE = 67;

  /// The paths of the submodules below the present folder. The shell knows no pipes that carry
  /// whatever a path may consist of, other than those between such programs.
  private static final String LINKS = "git ls-files -z --stage | sed -zn 's/^160000 [^\\t]*\\t//p'";

  /// Copies the folder `$1` to `$2`, with submodules that are there, `$3` levels deep. It calls
  /// itself.
  private static final String TAKE =
      """
      set -e
      mkdir -p "$2"
      if [ -e "$1/.git" ] && git -C "$1" rev-parse -q --verify HEAD >/dev/null 2>&1; then
        git clone -q --no-checkout -- "$1" "$2/.clone"
        rm -rf "$2/.git"
        mv "$2/.clone/.git" "$2/.git"
        rmdir "$2/.clone"
        git -C "$2" reset -q
        (cd "$1" && git ls-files -z --cached --others --exclude-standard) |
          (cd "$1" && xargs -0 -r sh -c 'for f; do [ -e "$f" ] || [ -L "$f" ] && printf "%s\\\\0" "$f"; done; true' sh) |
          tar -C "$1" --null --no-recursion -T - -cf - | tar -C "$2" --no-same-owner -xf -
        [ "$3" = 0 ] || (cd "$1" && LINKS) |
          FROM="$1" TO="$2" LEFT=$(($3 - 1)) xargs -0 -r sh -c '
            for d; do
              [ ! -e "$FROM/$d/.git" ] || sh -c "$TAKE" sh "$FROM/$d" "$TO/$d" "$LEFT" || exit 1
            done' sh
      else
        cp -R "$1/." "$2/"
      fi
      """
          .replace("LINKS", LINKS);

  /// Empties the submodules of the folder `$1` that are deeper than `$2` levels, and fails if one
  /// above that is not there. What it says about one begins with `$3`. It calls itself.
  private static final String SETTLE =
      """
      set -e
      [ -e "$1/.git" ] || exit 0
      (cd "$1" && LINKS) |
        AT="$1" LEFT="$2" ABOVE="$3" xargs -0 -r sh -c '
          for d; do
            if [ "$LEFT" = 0 ]; then
              [ ! -d "$AT/$d" ] || find "$AT/$d" -mindepth 1 -delete
            elif [ -e "$AT/$d/.git" ]; then
              sh -c "$SETTLE" sh "$AT/$d" $((LEFT - 1)) "$ABOVE$d/" || exit 1
            else
              printf "The submodule %s is not there\\\\n" "$ABOVE$d"
              exit 1
            fi
          done' sh
      """
          .replace("LINKS", LINKS);

  private FolderCopy() {}

  /// Of a repository: its history, and the files that are not ignored as they are now. Of any other
  /// folder: everything.
  ///
  /// @param submodules which of those that are there come along
  static String take(Path from, Path to, Submodules submodules) {
    return """
    set -e
    export TAKE=%s
    sh -c "$TAKE" sh %s %s %d
    """
        .formatted(LaunchScript.quote(TAKE), quote(from), quote(to), submodules.levels());
  }

  /// Takes everything as it is.
  static String takeAll(Path from, Path to) {
    return """
    set -e
    mkdir -p %2$s
    cp -R %1$s/. %2$s/
    """
        .formatted(quote(from), quote(to));
  }

  /// Makes of a copy what was wished for.
  static String settle(Path copy, CheckoutWish wish) {
    return """
    export SETTLE=%s
    sh -c "$SETTLE" sh %s %d '' || exit %d
    """
            .formatted(
                LaunchScript.quote(SETTLE), quote(copy), wish.submodules().levels(), NO_SUBMODULE)
        + (wish.sparse().isEmpty() ? "" : sparse(copy, wish));
  }

  /// Git removes only files that it knows, as they are: so for once it gets to know all of them.
  private static String sparse(Path copy, CheckoutWish wish) {
    return """
    cd %s
    [ -e .git ] || { echo '##[error]The folder has no commits, and a sparse checkout needs one'; exit 1; }
    cp .git/index .git/index.all
    export GIT_INDEX_FILE=.git/index.all
    git add -A -f .
    %s
    rm .git/index.all
    unset GIT_INDEX_FILE
    git sparse-checkout reapply
    """
        .formatted(quote(copy), CheckoutScript.sparse(wish));
  }

  private static String quote(Path path) {
    return LaunchScript.quote(path.toString());
  }
}
