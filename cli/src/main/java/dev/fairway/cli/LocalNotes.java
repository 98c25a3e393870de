package dev.fairway.cli;

import dev.fairway.workflow.JobInstance;
import dev.fairway.workflow.Workflow;
import java.util.HashSet;
import java.util.Set;

/// Says, once each, what a run on one's own machine does otherwise than a server would.
final class LocalNotes {
  private final RunView view;
  private final Set<String> said = new HashSet<>();

  LocalNotes(RunView view) {
    this.view = view;
  }

  void about(Workflow workflow) {
    if (workflow.concurrency().isPresent()) {
      once("`concurrency` is not looked at here: there is only this run.");
    }
  }

  void about(JobInstance instance) {
    var name = "`" + instance.name() + "`";
    instance
        .environment()
        .ifPresent(environment ->
            once(
                "%s deploys to the environment %s, whose rules are not waited for here, and whose secrets and variables are not known."
                    .formatted(name, environment.name())));
    if (!instance.concurrency().isEmpty()) {
      once("`concurrency` is not looked at here: there is only this run.");
    }
    instance.labels().stream()
        .filter(label -> label.startsWith("windows") || label.startsWith("macos"))
        .forEach(label -> once(name + " asks for " + label + "; it runs on this machine."));
  }

  private void once(String sentence) {
    if (said.add(sentence)) {
      view.note(sentence);
    }
  }
}
