package dev.fairway.server.actions;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.Locale;
import java.util.regex.Pattern;

/// A repository at a tag, branch or commit, such as `actions/foo@v1`.
///
/// Its parts become parts of addresses, paths and commands, so they are held to characters that
/// mean nothing there.
///
/// @param repository as it was written, such as `actions/foo`
/// @param ref a tag, a branch, or a commit's whole id
record ActionReference(String repository, String ref) {
  private static final Pattern REPOSITORY =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,99}/(?!\\.+$)[A-Za-z0-9._-]{1,100}");
  private static final Pattern REF =
      Pattern.compile(
          "(?!.*(?:\\.\\.|//|@\\{|\\.lock(?:/|$)))[A-Za-z0-9_][A-Za-z0-9._/+@#-]{0,199}");
  private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");

  ActionReference {
    if (!REPOSITORY.matcher(repository).matches() || !REF.matcher(ref).matches()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "'" + repository + "@" + ref + "' is not the name of an action",
          "Write owner/name@ref, where ref is a tag, a branch or all 40 digits of a commit.");
    }
  }

  static ActionReference parse(String text) {
    var at = text.indexOf('@');
    return new ActionReference(
        at < 0 ? text : text.substring(0, at), at < 0 ? "" : text.substring(at + 1));
  }

  /// Whether it names its commit itself.
  boolean pinned() {
    return SHA.matcher(ref).matches();
  }

  /// The repository as locks and folders know it: names are the same in whatever case.
  String key() {
    return repository.toLowerCase(Locale.ROOT);
  }

  String owner() {
    return repository.substring(0, repository.indexOf('/'));
  }

  String name() {
    return repository.substring(repository.indexOf('/') + 1);
  }

  @Override
  public String toString() {
    return repository + "@" + ref;
  }
}
