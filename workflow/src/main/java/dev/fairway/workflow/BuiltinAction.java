package dev.fairway.workflow;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The actions that Fairway brings along, whatever their `@ref`: the inputs that it honours, and
/// those that the originals have beside them, which are refused.
public enum BuiltinAction {
  CHECKOUT(
      "actions/checkout",
      "ref path fetch-depth clean persist-credentials",
      "repository token ssh-key ssh-known-hosts ssh-strict ssh-user filter sparse-checkout"
          + " sparse-checkout-cone-mode fetch-tags show-progress lfs submodules set-safe-directory"
          + " github-server-url",
      "ref commit"),
  UPLOAD_ARTIFACT(
      "actions/upload-artifact",
      "name path if-no-files-found include-hidden-files compression-level",
      "retention-days overwrite archive",
      "artifact-id artifact-url artifact-digest"),
  DOWNLOAD_ARTIFACT(
      "actions/download-artifact",
      "name path pattern merge-multiple",
      "artifact-ids github-token repository run-id skip-decompress digest-mismatch",
      "download-path"),
  CACHE(
      "actions/cache",
      "path key restore-keys fail-on-cache-miss lookup-only",
      "upload-chunk-size enableCrossOsArchive save-always",
      "cache-hit cache-primary-key cache-matched-key"),
  CACHE_RESTORE(
      "actions/cache/restore",
      "path key restore-keys fail-on-cache-miss lookup-only",
      "enableCrossOsArchive",
      "cache-hit cache-primary-key cache-matched-key"),
  CACHE_SAVE("actions/cache/save", "path key", "upload-chunk-size enableCrossOsArchive", ""),
  SETUP_JAVA(
      "actions/setup-java",
      "distribution java-version java-version-file java-package",
      "architecture jdkFile check-latest server-id server-username server-password settings-path"
          + " overwrite-settings gpg-private-key gpg-passphrase cache cache-dependency-path"
          + " job-status token mvn-toolchain-id mvn-toolchain-vendor",
      "distribution version path cache-hit"),
  SETUP_NODE(
      "actions/setup-node",
      "node-version node-version-file",
      "always-auth architecture check-latest registry-url scope token cache package-manager-cache"
          + " cache-dependency-path mirror mirror-token",
      "node-version cache-hit"),
  SETUP_PYTHON(
      "actions/setup-python",
      "python-version python-version-file",
      "cache architecture check-latest token cache-dependency-path update-environment"
          + " allow-prereleases freethreaded pip-version pip-install",
      "python-version python-path cache-hit");

  private final String repository;
  private final List<String> inputs;
  private final List<String> refused;
  private final List<String> outputs;

  BuiltinAction(String repository, String inputs, String refused, String outputs) {
    this.repository = repository;
    this.inputs = List.of(inputs.split(" "));
    this.refused = List.of(refused.split(" "));
    this.outputs = outputs.isEmpty() ? List.of() : List.of(outputs.split(" "));
  }

  /// `owner/name` or `owner/name/path`, as a `uses` writes it before the `@`.
  public String repository() {
    return repository;
  }

  /// The inputs that `with` may set.
  public List<String> inputs() {
    return inputs;
  }

  /// Whether it is an input of the original that Fairway does not honour.
  public boolean refuses(String input) {
    return refused.stream().anyMatch(input::equalsIgnoreCase);
  }

  /// Whether it is an input of the original at all. Others are without effect there and here.
  public boolean has(String input) {
    return inputs.stream().anyMatch(input::equalsIgnoreCase) || refuses(input);
  }

  /// Inputs without which it cannot do anything.
  List<String> required() {
    return switch (this) {
      case UPLOAD_ARTIFACT -> List.of("path");
      case CACHE, CACHE_RESTORE, CACHE_SAVE -> List.of("path", "key");
      case CHECKOUT, DOWNLOAD_ARTIFACT, SETUP_JAVA, SETUP_NODE, SETUP_PYTHON -> List.of();
    };
  }

  /// What it sets in `steps.ID.outputs`, here or in the original.
  List<String> outputs() {
    return outputs;
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
