package dev.fairway.server.run;

import dev.fairway.api.ResolvedAction;
import tools.jackson.databind.node.ObjectNode;

/// Where the workflow file of a job stands: what `$/` in its steps begins from.
///
/// @param repository the run's project, or what a called workflow is from, as actions name it
/// @param ref the whole reference, such as `payments/.github/workflows/ci.yml@refs/heads/main`
record WorkflowHome(String repository, String path, String ref, String sha, boolean own) {
  private static final String PROJECTS = "projects/";

  static WorkflowHome of(Run run, CalledFiles calls, JobRun job) {
    var name = job.workflowFile();
    if (name == null) {
      return own(run, run.workflowPath());
    }
    var file = calls.required(name);
    return file.repository().equals(run.project())
        ? own(run, file.path())
        : new WorkflowHome(file.repository(), file.path(), file.name(), file.sha(), false);
  }

  private static WorkflowHome own(Run run, String path) {
    var ref = run.project() + "/" + path + "@" + run.ref();
    return new WorkflowHome(run.project(), path, ref, run.commit(), true);
  }

  /// Whether an action's name is this repository at this commit. The file itself came from there,
  /// so whoever may run it may use it.
  boolean is(String reference) {
    return reference.equals(action() + "@" + sha);
  }

  /// Whether it is that, and the run's own project.
  boolean isOwn(String reference) {
    return own && is(reference);
  }

  ResolvedAction resolved() {
    return new ResolvedAction(action() + "@" + sha, action(), sha);
  }

  private String action() {
    return own ? PROJECTS + repository : repository;
  }

  /// What the `job` context says of it.
  void show(ObjectNode job) {
    job.put("workflow_repository", repository)
        .put("workflow_file_path", path)
        .put("workflow_ref", ref)
        .put("workflow_sha", sha);
  }
}
