package dev.fairway.server.run;

import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Position;
import dev.fairway.workflow.Rule;
import dev.fairway.workflow.Trigger;
import dev.fairway.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/// Refuses what the language knows and runs of the server do not do: it must not look as if it had
/// an effect.
final class NotYet {
  private final Workflow workflow;
  private final List<Diagnostic> found = new ArrayList<>();

  private NotYet(Workflow workflow) {
    this.workflow = workflow;
  }

  /// The result itself, or a refusal of it.
  static ParseResult refuse(ParseResult result) {
    return switch (result) {
      case ParseResult.Invalid invalid -> invalid;
      case ParseResult.Valid valid -> {
        var refusal = new NotYet(valid.workflow());
        refusal.look();
        yield refusal.found.isEmpty() ? valid : new ParseResult.Invalid(refusal.found);
      }
    };
  }

  private void look() {
    workflow.permissions().ifPresent(_ -> found(new Position(1, 1), "permissions"));
    workflow.concurrency().ifPresent(one -> found(one.group().position(), "concurrency"));
    workflow.triggers().forEach(this::look);
    workflow.jobs().values().forEach(this::look);
  }

  private void look(Trigger trigger) {
    var event =
        switch (trigger) {
          case Trigger.Schedule _ -> "schedule";
          case Trigger.WorkflowRun _ -> "workflow_run";
          case Trigger.RepositoryDispatch _ -> "repository_dispatch";
          case Trigger.Release _ -> "release";
          case Trigger.Deployment _ -> "deployment";
          case Trigger.DeploymentStatus _ -> "deployment_status";
          case Trigger.Push _,
              Trigger.PullRequest _,
              Trigger.Dispatch _,
              Trigger.Call _,
              Trigger.NeverRaised _ ->
              "";
        };
    if (!event.isEmpty()) {
      found(new Position(1, 1), "on." + event);
    }
  }

  private void look(Job job) {
    job.permissions().ifPresent(_ -> found(job.position(), "permissions"));
    job.concurrency().ifPresent(_ -> found(job.position(), "concurrency"));
    switch (job) {
      case Job.Call call -> found(call.usesPosition(), "uses");
      case Job.Steps steps ->
          steps.environment().ifPresent(_ -> found(job.position(), "environment"));
    }
  }

  private void found(Position position, String what) {
    found.add(
        new Diagnostic(
            workflow.file(),
            position.line(),
            position.column(),
            Diagnostic.Severity.ERROR,
            Rule.SYNTAX,
            "'" + what + "' is not supported yet by runs of the server"));
  }
}
