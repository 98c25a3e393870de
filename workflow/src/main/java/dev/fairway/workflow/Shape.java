package dev.fairway.workflow;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/// The mappings of the language with fixed keys: those that Fairway runs, and those that the
/// language knows but Fairway does not run yet. The second are refused by name rather than ignored.
enum Shape {
  WORKFLOW("on name run-name env defaults jobs", "permissions concurrency"),
  DEFAULTS("run", ""),
  DEFAULTS_RUN("shell working-directory", ""),
  PUSH("branches branches-ignore tags tags-ignore paths paths-ignore", ""),
  PULL_REQUEST("types branches branches-ignore paths paths-ignore", ""),
  DISPATCH("inputs", ""),
  INPUT("description required default type options", "deprecationMessage"),
  JOB(
      "name needs if runs-on strategy timeout-minutes continue-on-error env outputs defaults steps",
      "permissions concurrency environment container services cancel-timeout-minutes snapshot"
          + " uses with secrets"),
  RUNS_ON("labels", "group"),
  STRATEGY("matrix fail-fast max-parallel", ""),
  RUN_STEP(
      "id name if run shell working-directory env continue-on-error timeout-minutes", "background"),
  USES_STEP("id name if uses with env continue-on-error timeout-minutes", "background"),
  ACTION("name description author inputs outputs runs branding", ""),
  ACTION_INPUT("description required default deprecationMessage", ""),
  ACTION_OUTPUT("description value", ""),
  RUNS_COMPOSITE("using steps", ""),
  RUNS_JAVASCRIPT("using main pre pre-if post post-if", ""),
  RUNS_CONTAINER(
      "using image entrypoint args env pre-entrypoint pre-if post-entrypoint post-if", ""),
  COMPOSITE_RUN_STEP("id name if run shell working-directory env continue-on-error", ""),
  COMPOSITE_USES_STEP("id name if uses with env continue-on-error", "");

  private final Set<String> supported;
  private final Set<String> planned;

  Shape(String supported, String planned) {
    this.supported = words(supported);
    this.planned = words(planned);
  }

  private static Set<String> words(String text) {
    Set<String> words = new LinkedHashSet<>(Arrays.asList(text.split(" ")));
    words.remove("");
    return words;
  }

  boolean supports(String key) {
    return supported.contains(key);
  }

  boolean plans(String key) {
    return planned.contains(key);
  }

  Set<String> supported() {
    return supported;
  }
}
