package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.ActionReference;
import java.nio.file.Path;
import java.util.Optional;

/// Where the workflow file of a job stands: what `$/` in its steps, and in those of actions of the
/// workspace, begins from. In the steps of an action that was fetched it begins from the action's
/// own repository.
///
/// @param repository as actions name it, such as `projects/payments` for a project of the server
/// @param ref the commit, or what the commit is looked up by
/// @param local the folder, where a run on one's own machine has the repository in one
record WorkflowHome(String repository, String ref, Optional<Path> local) {
  private static final String PROJECTS = "projects/";

  static WorkflowHome of(JobAssignment job, CheckoutSource source) {
    var context = job.contexts().path("job");
    var repository = context.path("workflow_repository").asString("");
    var own = repository.equals(job.contexts().path("github").path("repository").asString(""));
    var reference = context.path("workflow_ref").asString("");
    var ref =
        context.path("workflow_sha").asString(reference.substring(reference.indexOf('@') + 1));
    return new WorkflowHome(
        repository.isEmpty() || repository.contains("/") ? repository : PROJECTS + repository,
        ref,
        own ? folder(source) : Optional.empty());
  }

  private static Optional<Path> folder(CheckoutSource source) {
    return switch (source) {
      case CheckoutSource.Folder(var path) -> Optional.of(path);
      case CheckoutSource.Prepared(var path) -> Optional.of(path);
      case CheckoutSource.Remote _ -> Optional.empty();
    };
  }

  /// What has to be fetched for the reference: an [ActionReference.Repository], or an
  /// [ActionReference.Own] that lies in [#folder]. Empty for what is not fetched.
  ///
  /// @param around the action in whose steps the reference stands
  Optional<ActionReference> seenFrom(Optional<ActionCode> around, ActionReference reference) {
    return switch (reference) {
      case ActionReference.Repository _ -> Optional.of(reference);
      case ActionReference.Own own ->
          Optional.of(
              around
                  .filter(code -> !code.repository().isEmpty())
                  .map(code -> at(own, code.repository(), code.ref()))
                  .orElseGet(() -> local.isPresent() ? own : at(own, repository, ref)));
      case ActionReference.Builtin _, ActionReference.Docker _, ActionReference.Local _ ->
          Optional.empty();
    };
  }

  private static ActionReference at(ActionReference.Own own, String repository, String ref) {
    if (repository.isEmpty() || ref.isEmpty()) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "`%s` begins from the workflow's repository, and the server does not say which that is"
              .formatted(own.text()),
          "Update the server.");
    }
    return new ActionReference.Repository(repository, own.path(), ref, own.text());
  }

  Path folder() {
    return local.orElseThrow();
  }
}
