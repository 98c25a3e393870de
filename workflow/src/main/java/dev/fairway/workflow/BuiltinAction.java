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
      "actions/download-artifact", List.of("name", "path", "pattern", "merge-multiple"));

  private final String repository;
  private final List<String> inputs;

  BuiltinAction(String repository, List<String> inputs) {
    this.repository = repository;
    this.inputs = inputs;
  }

  /// `owner/name`, as a `uses` writes it before the `@`.
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
  static String names() {
    return Arrays.stream(values()).map(BuiltinAction::repository).collect(Collectors.joining(", "));
  }
}
