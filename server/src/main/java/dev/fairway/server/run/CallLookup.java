package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.actions.WorkflowSources;
import dev.fairway.workflow.CalledWorkflows;
import dev.fairway.workflow.Permissions;
import dev.fairway.workflow.WorkflowReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the workflows that a run is going to call, once, and remembers what it found.
///
/// `./` means a file of the repository in which the caller stands, at the caller's commit. Any
/// other reference goes by the same rules as an action: who is allowed, where it comes from, and
/// the lock of its tag. A project of this installation is `PROJECT` or `projects/PROJECT`.
final class CallLookup implements CalledWorkflows {
  private static final String PROJECTS = "projects/";

  private final String project;
  private final String commit;
  private final Map<String, String> own;
  private final Optional<WorkflowSources> others;
  private final Map<String, CalledFiles.File> files = new LinkedHashMap<>();
  private final Map<CalledFiles.Call, Answer> answers = new LinkedHashMap<>();
  private final Permissions standard;
  private boolean abroad;

  /// @param project of the run
  /// @param commit of the run
  /// @param own the text of the workflows at the run's commit, by path
  /// @param others where those of other repositories come from; empty where there are none
  /// @param standard what jobs of the project may do about which nobody says anything
  CallLookup(
      String project,
      String commit,
      Map<String, String> own,
      Optional<WorkflowSources> others,
      Permissions standard) {
    this.project = project;
    this.commit = commit;
    this.standard = standard;
    this.own = own;
    this.others = others;
  }

  @Override
  public Permissions standard() {
    return standard;
  }

  @Override
  public Answer find(WorkflowReference uses, String caller) {
    // The name of the file that it means is not known before, so the key has none.
    return answers.computeIfAbsent(
        new CalledFiles.Call(caller, uses.text(), ""), _ -> look(uses, caller));
  }

  private Answer look(WorkflowReference uses, String caller) {
    try {
      var from = files.get(caller);
      var file = uses.local() ? local(uses, from) : Optional.of(other(uses));
      file.ifPresent(found -> files.putIfAbsent(found.name(), found));
      return file.<Answer>map(found -> new Answer.Found(found.name(), found.text()))
          .orElseGet(() -> new Answer.Missing("there is no such file at " + commit));
    } catch (FairwayException e) {
      return new Answer.Missing(e.getMessage() + ". " + e.next());
    }
  }

  /// @param from the called file in which the reference stands; null for the run's own
  private Optional<CalledFiles.File> local(
      WorkflowReference uses, CalledFiles.@Nullable File from) {
    if (from == null || from.name().equals(from.path())) {
      return Optional.ofNullable(own.get(uses.path()))
          .map(text -> new CalledFiles.File(uses.path(), project, uses.path(), commit, text));
    }
    var found = sources().file(from.repository(), uses.path(), from.sha());
    // Named like its caller, which came by a reference with an `@`.
    var name = from.name().substring(from.name().lastIndexOf('@'));
    return Optional.of(
        new CalledFiles.File(
            from.repository() + "/" + uses.path() + name,
            from.repository(),
            uses.path(),
            from.sha(),
            found.text()));
  }

  private CalledFiles.File other(WorkflowReference uses) {
    var reference = uses.repository().contains("/") ? uses.text() : PROJECTS + uses.text();
    var found = sources().reusable(reference, "%s at %s".formatted(project, commit));
    return new CalledFiles.File(
        uses.text(), found.repository(), found.path(), found.sha(), found.text());
  }

  /// Whether a workflow of another repository was asked for since the last time that somebody
  /// wanted to know.
  boolean leftOwnRepository() {
    var left = abroad;
    abroad = false;
    return left;
  }

  private WorkflowSources sources() {
    abroad = true;
    return others.orElseThrow(() ->
        new FairwayException(
            ErrorCode.UNPROCESSABLE,
            "workflows of other repositories cannot be had here",
            "Call one of this repository."));
  }

  /// What one workflow calls, out of everything that was found.
  ///
  /// @param path of its file
  CalledFiles calledBy(String path) {
    var reached = new LinkedHashMap<String, CalledFiles.File>();
    var calls = new ArrayList<CalledFiles.Call>();
    var open = new ArrayDeque<String>();
    open.add(path);
    var seen = new HashSet<String>();
    while (!open.isEmpty()) {
      var caller = open.remove();
      if (seen.add(caller)) {
        answers.forEach((call, answer) -> {
          if (call.caller().equals(caller) && answer instanceof Answer.Found found) {
            var file = files.get(found.file());
            if (file != null) {
              reached.put(file.name(), file);
              calls.add(new CalledFiles.Call(caller, call.uses(), file.name()));
              open.add(file.name());
            }
          }
        });
      }
    }
    return new CalledFiles(List.copyOf(reached.values()), calls);
  }
}
