package dev.fairway.workflow;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The actions that Fairway brings along, whatever their `@ref`: the inputs that it honours, those
/// of which it can do one thing only, as `NAME=VALUE`, and those of the originals that it refuses,
/// with what to do instead.
public enum BuiltinAction {
  CHECKOUT(
      "actions/checkout",
      "repository ref token path clean fetch-depth fetch-tags filter sparse-checkout"
          + " sparse-checkout-cone-mode submodules show-progress set-safe-directory"
          + " github-server-url persist-credentials",
      "lfs=false",
      "ssh-key ssh-known-hosts ssh-strict ssh-user",
      "Projects are fetched over HTTP, with `token`",
      "ref commit"),
  UPLOAD_ARTIFACT(
      "actions/upload-artifact",
      "name path if-no-files-found include-hidden-files compression-level retention-days overwrite",
      "archive=true",
      "",
      "",
      "artifact-id artifact-url artifact-digest"),
  DOWNLOAD_ARTIFACT(
      "actions/download-artifact",
      "name path pattern merge-multiple artifact-ids run-id repository github-token",
      "skip-decompress=false digest-mismatch=error",
      "",
      "",
      "download-path"),
  CACHE(
      "actions/cache",
      "path key restore-keys fail-on-cache-miss lookup-only upload-chunk-size enableCrossOsArchive",
      "save-always=false",
      "",
      "",
      "cache-hit cache-primary-key cache-matched-key"),
  CACHE_RESTORE(
      "actions/cache/restore",
      "path key restore-keys fail-on-cache-miss lookup-only enableCrossOsArchive",
      "",
      "",
      "",
      "cache-hit cache-primary-key cache-matched-key"),
  CACHE_SAVE(
      "actions/cache/save", "path key upload-chunk-size enableCrossOsArchive", "", "", "", ""),
  SETUP_JAVA(
      "actions/setup-java",
      "distribution java-version java-version-file architecture check-latest cache"
          + " cache-dependency-path server-id server-username server-password settings-path"
          + " overwrite-settings gpg-private-key gpg-passphrase mvn-toolchain-id"
          + " mvn-toolchain-vendor token job-status",
      "java-package=jdk",
      "jdkFile",
      "Install that JDK on the agent, and name its version",
      "distribution version path cache-hit"),
  SETUP_NODE(
      "actions/setup-node",
      "node-version node-version-file architecture check-latest cache cache-dependency-path"
          + " registry-url scope always-auth token mirror mirror-token",
      "package-manager-cache=false",
      "",
      "",
      "node-version cache-hit"),
  SETUP_PYTHON(
      "actions/setup-python",
      "python-version python-version-file architecture check-latest cache cache-dependency-path"
          + " update-environment allow-prereleases pip-version pip-install token",
      "freethreaded=false",
      "",
      "",
      "python-version python-path cache-hit");

  private final String repository;
  private final List<String> inputs;
  private final Map<String, String> fixed;
  private final List<String> refused;
  private final String instead;
  private final List<String> outputs;

  BuiltinAction(
      String repository,
      String inputs,
      String fixed,
      String refused,
      String instead,
      String outputs) {
    this.repository = repository;
    this.inputs = words(inputs);
    this.fixed =
        words(fixed).stream()
            .map(word -> word.split("=", 2))
            .collect(Collectors.toUnmodifiableMap(word -> word[0], word -> word[1]));
    this.refused = words(refused);
    this.instead = instead;
    this.outputs = words(outputs);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  /// `owner/name` or `owner/name/path`, as a `uses` writes it before the `@`.
  public String repository() {
    return repository;
  }

  /// The inputs that it honours whatever they say.
  public List<String> inputs() {
    return inputs;
  }

  /// Why `with` may not say that, if it may not.
  ///
  /// @param value where it is known
  public Optional<String> refusal(String input, Optional<String> value) {
    if (refused.stream().anyMatch(input::equalsIgnoreCase)) {
      return Optional.of(
          "The input '%s' of %s is not supported. %s".formatted(input, repository, instead));
    }
    return fixed.entrySet().stream()
        .filter(only -> only.getKey().equalsIgnoreCase(input))
        .filter(only -> value.stream().anyMatch(asked -> !only.getValue().equalsIgnoreCase(asked)))
        .map(only ->
            "The input '%s' of %s can only be %s".formatted(input, repository, only.getValue()))
        .findFirst();
  }

  /// What `with` may set, for people.
  String supported() {
    return Stream.concat(inputs.stream(), fixed.keySet().stream().sorted())
        .collect(Collectors.joining(", "));
  }

  /// Whether it is an input of the original at all. Others are without effect there and here.
  public boolean has(String input) {
    return Stream.of(inputs, fixed.keySet(), refused)
        .flatMap(Collection::stream)
        .anyMatch(input::equalsIgnoreCase);
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
