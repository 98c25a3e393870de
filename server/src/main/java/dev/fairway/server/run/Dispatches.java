package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.Repository;
import dev.fairway.workflow.InputDefinition;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.WorkflowParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// Starts workflows by hand: what can be started at a branch or tag, and with which inputs.
final class Dispatches {
  private static final String BRANCHES = "refs/heads/";
  private static final String TAGS = "refs/tags/";

  private final Database database;
  private final Projects projects;
  private final RunStarter starter;
  private volatile Function<Handle, List<String>> environments = _ -> List.of();

  Dispatches(Database database, Projects projects, RunStarter starter) {
    this.database = database;
    this.projects = projects;
    this.starter = starter;
  }

  /// What an input of the type `environment` may be.
  void offer(Function<Handle, List<String>> names) {
    environments = names;
  }

  List<String> environments() {
    return database.read(environments);
  }

  Project project(String name) {
    return projects.require(name);
  }

  /// A branch or tag and where it points.
  ///
  /// @param name in full, such as `refs/heads/main`
  record Ref(String name, String commit) {}

  /// The branch or tag that somebody named.
  ///
  /// @param wanted in full, or without `refs/heads/` or `refs/tags/`; empty for the default branch
  Ref ref(Project project, String wanted) {
    var repository = projects.repository(project);
    if (wanted.isEmpty()) {
      return find(repository, project.defaultRef())
          .orElseThrow(() -> unknown(project, project.defaultBranch()));
    }
    if (wanted.startsWith(BRANCHES) || wanted.startsWith(TAGS)) {
      return find(repository, wanted).orElseThrow(() -> unknown(project, wanted));
    }
    var branch = find(repository, BRANCHES + wanted);
    var tag = find(repository, TAGS + wanted);
    if (branch.isPresent() && tag.isPresent()) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          project.name() + " has a branch and a tag named '" + wanted + "'",
          "Say which one: " + BRANCHES + wanted + " or " + TAGS + wanted + ".");
    }
    return branch.or(() -> tag).orElseThrow(() -> unknown(project, wanted));
  }

  private static Optional<Ref> find(Repository repository, String name) {
    return repository.commitOf(name).map(commit -> new Ref(name, commit));
  }

  private static FairwayException unknown(Project project, String wanted) {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        project.name() + " has no branch or tag '" + wanted + "'",
        "Push it first; a commit alone cannot be run by hand.");
  }

  /// The names of a project's branches and tags, without `refs/heads/` and `refs/tags/`, sorted.
  record Refs(List<String> branches, List<String> tags) {}

  Refs refs(Project project) {
    var names = projects.repository(project).refs().keySet();
    return new Refs(below(BRANCHES, names), below(TAGS, names));
  }

  private static List<String> below(String folder, Iterable<String> names) {
    var found = new ArrayList<String>();
    for (var name : names) {
      if (name.startsWith(folder)) {
        found.add(name.substring(folder.length()));
      }
    }
    return found.stream().sorted().limit(RunLimits.MAX_REFS_OFFERED).toList();
  }

  /// A workflow that can be started by hand.
  record Offer(String path, String name, Map<String, InputDefinition> inputs) {}

  List<Offer> offers(Project project, Ref ref) {
    var offers = new ArrayList<Offer>();
    WorkflowFiles.at(projects.repository(project), ref.commit())
        .forEach((path, text) -> {
          if (WorkflowParser.parse(path, text) instanceof ParseResult.Valid valid) {
            valid
                .workflow()
                .dispatch()
                .ifPresent(dispatch ->
                    offers.add(new Offer(path, valid.workflow().displayName(), dispatch.inputs())));
          }
        });
    return offers;
  }

  /// Starts a workflow. What is wrong with inputs stands by their names in the details' `inputs`.
  ///
  /// @param by the name of who starts it
  Run start(Project project, String path, String wanted, Map<String, String> inputs, String by) {
    var repository = projects.repository(project);
    var ref = ref(project, wanted);
    var files = WorkflowFiles.at(repository, ref.commit());
    if (!files.containsKey(path)) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "There is no workflow '" + path + "' at " + ref.name(),
          "Name a file in .github/workflows or .fairway/workflows.");
    }
    var title =
        repository.commit(ref.commit()).orElseThrow(() -> unknown(project, ref.name())).title();
    var payload = Json.MAPPER.createObjectNode();
    payload.put("ref", ref.name()).put("workflow", path);
    inputs.forEach(payload.putObject("inputs")::put);
    var origin =
        new Origin(
            project.id(),
            project.name(),
            "workflow_dispatch",
            ref.name(),
            ref.commit(),
            by,
            title,
            payload,
            new Origin.More(project.defaultBranch(), 0));
    var standard = database.read(tx -> Scheduler.standard(tx, project.id()));
    var prepared = starter.prepare(origin, path, files, standard);
    return database.transaction(
        tx -> starter.dispatch(tx, prepared, inputs, environments.apply(tx)));
  }

  /// The values with which a form begins.
  static Map<String, String> defaults(Offer offer) {
    var values = new LinkedHashMap<String, String>();
    offer.inputs().forEach((name, input) -> values.put(name, input.defaultValue().orElse("")));
    return values;
  }
}
