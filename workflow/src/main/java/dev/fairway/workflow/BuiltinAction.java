package dev.fairway.workflow;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The actions that Fairway brings along, whatever their `@ref`, with the inputs that it honours.
public enum BuiltinAction {
  CHECKOUT(
      "actions/checkout", List.of("ref", "path", "fetch-depth", "clean", "persist-credentials")),
  UPLOAD_ARTIFACT(
      "actions/upload-artifact",
      List.of("name", "path", "if-no-files-found", "include-hidden-files", "compression-level")),
  DOWNLOAD_ARTIFACT(
      "actions/download-artifact", List.of("name", "path", "pattern", "merge-multiple")),
  CACHE(
      "actions/cache", List.of("path", "key", "restore-keys", "fail-on-cache-miss", "lookup-only")),
  CACHE_RESTORE(
      "actions/cache/restore",
      List.of("path", "key", "restore-keys", "fail-on-cache-miss", "lookup-only")),
  CACHE_SAVE("actions/cache/save", List.of("path", "key")),
  SETUP_JAVA(
      "actions/setup-java",
      List.of("distribution", "java-version", "java-version-file", "java-package")),
  SETUP_NODE("actions/setup-node", List.of("node-version", "node-version-file")),
  SETUP_PYTHON("actions/setup-python", List.of("python-version", "python-version-file"));

  private final String repository;
  private final List<String> inputs;

  BuiltinAction(String repository, List<String> inputs) {
    this.repository = repository;
    this.inputs = inputs;
  }

  /// `owner/name` or `owner/name/path`, as a `uses` writes it before the `@`.
  public String repository() {
    return repository;
  }

  /// The inputs that `with` may set.
  public List<String> inputs() {
    return inputs;
  }

  static Optional<BuiltinAction> of(String repository) {
    return Arrays.stream(values())
        .filter(action -> action.repository.equalsIgnoreCase(repository))
        .findFirst();
  }

  /// All of them, for people.
  public static String names() {
    return Arrays.stream(values()).map(BuiltinAction::repository).collect(Collectors.joining(", "));
  }
}
