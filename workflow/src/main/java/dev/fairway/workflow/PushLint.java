package dev.fairway.workflow;

import java.util.List;
import java.util.regex.Pattern;

/// Warns of a push for which git has no credentials: a checkout leaves none behind here unless it
/// is asked to, and on GitHub it does unless it is told not to.
final class PushLint {
  /// Behind `-c` and `-C` comes a word of theirs; no text can be read in two ways, so that none
  /// takes long.
  private static final Pattern PUSH =
      Pattern.compile("\\bgit\\s++(?:-[cC]\\s++\\S++\\s++|-(?![cC]\\s)\\S++\\s++)*+push\\b");

  /// What scripts have in them that bring credentials themselves, or push from another clone.
  private static final Pattern OWN_CREDENTIALS =
      Pattern.compile(
          "(?i)git\\s+clone|x-access-token|extraheader|credential|remote\\s+set-url|push\\s+\\S*://");

  private final Problems problems;

  PushLint(Problems problems) {
    this.problems = problems;
  }

  void check(List<Step> steps) {
    for (int at = 0; at < steps.size(); at++) {
      if (steps.get(at) instanceof Step.Run run && pushes(run)) {
        List<Step> before = steps.subList(0, at + 1);
        if (before.stream().anyMatch(PushLint::checksOut)
            && before.stream().noneMatch(PushLint::bringsCredentials)) {
          problems.warning(
              run.script().position(),
              Rule.CREDENTIALS,
              "git has no credentials for this push: give actions/checkout `persist-credentials:"
                  + " true`");
        }
        return;
      }
    }
  }

  private static boolean pushes(Step.Run run) {
    String script = fixed(run.script());
    return script.contains("push") && PUSH.matcher(script).find();
  }

  private static boolean checksOut(Step step) {
    return step instanceof Step.Uses uses
        && uses.action() instanceof ActionReference.Builtin named
        && named.action() == BuiltinAction.CHECKOUT;
  }

  private static boolean bringsCredentials(Step step) {
    return switch (step) {
      case Step.Uses uses -> checksOut(uses) && persists(uses.with());
      case Step.Run run -> OWN_CREDENTIALS.matcher(fixed(run.script())).find();
      case Step.Wait _, Step.Cancel _ -> false;
    };
  }

  /// Also where only a run will tell.
  private static boolean persists(Tree with) {
    return !with.knowsKeys()
        || with.written("persist-credentials")
            .map(value -> value.constantText().map("true"::equalsIgnoreCase).orElse(true))
            .orElse(false);
  }

  private static String fixed(Template script) {
    StringBuilder text = new StringBuilder();
    for (Template.Part part : script.parts()) {
      if (part instanceof Template.Part.Fixed fixed) {
        text.append(fixed.value().text());
      }
    }
    return text.toString();
  }
}
