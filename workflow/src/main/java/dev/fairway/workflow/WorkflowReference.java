package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a job calls: a workflow of the repository that it stands in itself, or one of another
/// repository at a ref.
///
/// @param text as written: `./.github/workflows/a.yml`, `$/.github/workflows/a.yml`, which is the
///   same, or `OWNER/NAME/.github/workflows/a.yml@REF`
public record WorkflowReference(String text) {
  private static final List<String> LOCAL = List.of("./", ActionReference.OWN);
  private static final int LOCAL_CHARS = 2;
  private static final Pattern REPOSITORY =
      Pattern.compile("(?!\\.{1,2}/)([\\w.-]+/)?(?!\\.{1,2}$)[\\w.-]+");
  private static final List<String> FOLDERS = List.of(".github/workflows/", ".fairway/workflows/");

  /// Whether it names a file of the calling workflow's own repository, at the same commit.
  public boolean local() {
    return local(text);
  }

  private static boolean local(String text) {
    return LOCAL.stream().anyMatch(text::startsWith);
  }

  /// The file in its repository.
  public String path() {
    return local()
        ? text.substring(LOCAL_CHARS)
        : text.substring(repository().length() + 1, text.lastIndexOf('@'));
  }

  /// `OWNER/NAME`, or the name of a project of this installation; empty for a local one.
  public String repository() {
    return FOLDERS.stream()
        .map(folder -> text.indexOf("/" + folder))
        .filter(at -> !local() && at > 0)
        .map(at -> text.substring(0, at))
        .findFirst()
        .orElse("");
  }

  /// The branch, tag or commit; empty for a local one.
  public String ref() {
    return local() ? "" : text.substring(text.lastIndexOf('@') + 1);
  }

  /// What is wrong with a reference, if anything.
  static Optional<String> problem(String text) {
    boolean local = local(text);
    int at = text.lastIndexOf('@');
    if (local && at >= 0) {
      return Optional.of(
          "invalid value workflow reference: a workflow of the same repository is called without"
              + " '@': it is the one of the same commit");
    }
    if (!local && (at < 0 || at == text.length() - 1)) {
      return Optional.of(
          "invalid value workflow reference: no version specified. Write"
              + " {owner}/{repository}/.github/workflows/{file}@{ref}, or"
              + " ./.github/workflows/{file} for a workflow of this repository");
    }
    String path = local ? text.substring(1) : text.substring(0, at);
    Optional<String> folder = FOLDERS.stream().filter(one -> path.contains("/" + one)).findFirst();
    int begin = folder.map(one -> path.indexOf("/" + one)).orElse(-1);
    boolean rooted =
        local ? begin == 0 : begin > 0 && REPOSITORY.matcher(path).region(0, begin).matches();
    if (!rooted) {
      return Optional.of(
          "invalid value workflow reference: references to workflows must be rooted in"
              + " '.github/workflows' or '.fairway/workflows'");
    }
    String file = path.substring(begin + 1 + folder.orElseThrow().length());
    if (file.contains("/")) {
      return Optional.of(
          "invalid value workflow reference: workflows must be defined at the top level of the "
              + folder.orElseThrow()
              + " directory");
    }
    return file.endsWith(".yml") || file.endsWith(".yaml")
        ? Optional.empty()
        : Optional.of("invalid value workflow reference: the file must end with .yml or .yaml");
  }

  @Override
  public String toString() {
    return text;
  }
}
