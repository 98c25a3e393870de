package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Checks that no called workflow, and no job in one, asks for more permissions than its caller
/// has. A job of the workflow that was started may ask for any.
final class CallPermissions {
  private final Problems problems;
  private final Permissions standard;

  /// @param standard what a job may do about which the started workflow says nothing
  CallPermissions(Problems problems, Permissions standard) {
    this.problems = problems;
    this.standard = standard;
  }

  void check(Workflow started) {
    calls(started, Optional.empty());
  }

  /// @param caller what the caller of this workflow has; empty for the one that was started
  private void calls(Workflow workflow, Optional<Permissions> caller) {
    for (Job job : workflow.jobs().values()) {
      switch (job) {
        case Job.Steps _ -> {}
        case Job.Call call ->
            call.called()
                .ifPresent(called ->
                    called(workflow, call, called, workflow.permissions(call, caller, standard)));
      }
    }
  }

  private void called(Workflow caller, Job.Call call, Workflow called, Permissions allowed) {
    called
        .permissions()
        .ifPresent(
            asked -> within("The workflow '" + call.uses() + "'", asked, allowed, caller, call));
    for (Job job : called.jobs().values()) {
      job.permissions()
          .ifPresent(asked ->
              within("The nested job '" + job.plannedName() + "'", asked, allowed, caller, call));
    }
    calls(called, Optional.of(allowed));
  }

  private void within(
      String who, Permissions asked, Permissions allowed, Workflow caller, Job.Call call) {
    List<Permissions.Scope> beyond = asked.beyond(allowed);
    if (!beyond.isEmpty()) {
      Position position = call.position();
      problems.add(
          new Diagnostic(
              caller.file(),
              position.line(),
              position.column(),
              Diagnostic.Severity.ERROR,
              Rule.SYNTAX,
              "Error calling workflow '%s'. %s is requesting '%s', but is only allowed '%s'."
                  .formatted(call.uses(), who, list(beyond, asked), list(beyond, allowed))));
    }
  }

  private static String list(List<Permissions.Scope> scopes, Permissions levels) {
    return scopes.stream()
        .map(scope -> scope.word() + ": " + levels.level(scope).word())
        .collect(Collectors.joining(", "));
  }
}
