package dev.fairway.workflow;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Warns of conditions that are decided before anything runs.
final class Reachability {
  private final Problems problems;

  Reachability(Problems problems) {
    this.problems = problems;
  }

  void step(Step step) {
    Condition condition = step.header().condition();
    if (never(condition)) {
      problems.warning(
          step.position(), Rule.UNREACHABLE, "The step never runs: its condition is always false");
    }
    always(condition);
  }

  /// Jobs whose condition is always false, and those that need one of them.
  void jobs(Map<String, Job> jobs) {
    jobs.values().forEach(job -> always(job.condition()));
    Set<String> never = new LinkedHashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (Job job : jobs.values()) {
        Optional<String> reason = never(job, never);
        if (reason.isPresent() && never.add(job.id())) {
          problems.warning(job.position(), Rule.UNREACHABLE, "The job never runs: " + reason.get());
          more = true;
        }
      }
    }
  }

  /// Where text stands around an expression, the parser has said so already.
  private void always(Condition condition) {
    boolean written = !condition.equals(Condition.SUCCESS) && !condition.asksForStatus();
    if (written && truth(condition).orElse(false)) {
      problems.warning(
          condition.template().position(),
          Rule.NO_EFFECT,
          "This condition is always true, so it changes nothing");
    }
  }

  private static boolean never(Condition condition) {
    return !truth(condition).orElse(true);
  }

  private static Optional<Boolean> truth(Condition condition) {
    Template template = condition.template();
    return template.parts().size() > 1
        ? Optional.empty()
        : template
            .constant()
            .map(Value::truthy)
            .or(() ->
                Constant.truth(ExpressionLint.embedded(template).getFirst().expression().root()));
  }

  private static Optional<String> never(Job job, Set<String> never) {
    if (never(job.condition())) {
      return Optional.of("its condition is always false");
    }
    return job.condition().asksForStatus()
        ? Optional.empty()
        : job.needs().stream()
            .filter(never::contains)
            .findFirst()
            .map("it needs '%s', which never runs"::formatted);
  }
}
