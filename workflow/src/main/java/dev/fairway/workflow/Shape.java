package dev.fairway.workflow;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The mappings of the language with fixed keys: those that Fairway runs, and those that the
/// language knows but Fairway does not run. The second are refused by name rather than ignored.
enum Shape {
  WORKFLOW("on name description run-name permissions concurrency env defaults jobs"),
  DEFAULTS("run"),
  DEFAULTS_RUN("shell working-directory"),
  PUSH("branches branches-ignore tags tags-ignore paths paths-ignore"),
  PULL_REQUEST("types branches branches-ignore paths paths-ignore"),
  DISPATCH("inputs") {
    // Other engines read no further.
    @Override
    Optional<String> refusal(String key) {
      return Optional.of("Unexpected value '%s'. Take it away".formatted(key));
    }
  },
  INPUT("description required default type options"),
  CALL("inputs secrets outputs"),
  CALL_INPUT("description required default type"),
  CALL_SECRET("description required"),
  CALL_OUTPUT("description value"),
  CRON("cron timezone"),
  WORKFLOW_RUN("types workflows branches branches-ignore"),
  TYPES("types"),
  NO_SETTINGS(""),
  STEPS_JOB(
      "name needs if runs-on strategy timeout-minutes cancel-timeout-minutes continue-on-error"
          + " permissions concurrency environment container services env outputs defaults steps",
      "snapshot"),
  CALL_JOB("name uses with secrets needs if permissions concurrency strategy"),
  RUNS_ON("labels group"),
  STRATEGY("matrix fail-fast max-parallel"),
  CONCURRENCY("group cancel-in-progress queue"),
  ENVIRONMENT("name url deployment"),
  CONTAINER("image options env ports volumes credentials"),
  SERVICE("image options env ports volumes credentials entrypoint command"),
  CREDENTIALS("username password"),
  RUN_STEP(
      "id name if run shell working-directory env continue-on-error timeout-minutes background"),
  USES_STEP("id name if uses with env continue-on-error timeout-minutes background"),
  WAIT_STEP("id name wait continue-on-error"),
  WAIT_ALL_STEP("id name wait-all continue-on-error"),
  CANCEL_STEP("id name cancel continue-on-error"),
  PARALLEL_STEP("parallel"),
  PARALLEL_RUN_STEP("id name if run shell working-directory env continue-on-error timeout-minutes"),
  PARALLEL_USES_STEP("id name if uses with env continue-on-error timeout-minutes"),
  ACTION("name description author inputs outputs runs branding"),
  ACTION_INPUT("description required default deprecationMessage"),
  ACTION_OUTPUT("description value"),
  RUNS_COMPOSITE("using steps"),
  RUNS_JAVASCRIPT("using main pre pre-if post post-if"),
  RUNS_CONTAINER("using image entrypoint args env pre-entrypoint pre-if post-entrypoint post-if"),
  COMPOSITE_RUN_STEP("id name if run shell working-directory env continue-on-error"),
  COMPOSITE_USES_STEP("id name if uses with env continue-on-error");

  /// What to do instead of a key that we do not run.
  private static final Map<String, String> ADVICE =
      Map.of(
          "snapshot",
          "no image is made of an agent here. Build an image in a step and upload it instead");

  private final Set<String> supported;
  private final Set<String> refused;

  Shape(String supported) {
    this(supported, "");
  }

  Shape(String supported, String refused) {
    this.supported = words(supported);
    this.refused = words(refused);
  }

  private static Set<String> words(String text) {
    Set<String> words = new LinkedHashSet<>(Arrays.asList(text.split(" ")));
    words.remove("");
    return words;
  }

  boolean supports(String key) {
    return supported.contains(key);
  }

  /// Why the language's key is not run here, and what to do; none for a key that it does not know.
  Optional<String> refusal(String key) {
    return refused.contains(key)
        ? Optional.of("'%s' is not supported: %s".formatted(key, ADVICE.get(key)))
        : Optional.empty();
  }

  /// What is wrong with a key that an expression makes.
  String unexpected(String key) {
    return "Unexpected value '%s'. Expected %s".formatted(key, String.join(", ", supported));
  }

  Set<String> supported() {
    return supported;
  }
}
