package dev.fairway.workflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads a workflow file. Whatever the language knows and Fairway does not do is an error at its
/// place; nothing is ignored. No input makes it hang or throw.
public final class WorkflowParser {
  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;

  private WorkflowParser(String file) {
    this.problems = new Problems(file);
    this.scalars = new Scalars(problems);
    this.trees = new Trees(problems, scalars);
  }

  /// @param file its path in the repository, for messages
  public static ParseResult parse(String file, String text) {
    return parse(file, text, Limits.DEFAULT);
  }

  static ParseResult parse(String file, String text, Limits limits) {
    WorkflowParser parser = new WorkflowParser(file);
    Optional<Workflow> workflow = parser.read(text, limits);
    List<Diagnostic> found = parser.problems.inOrder();
    return workflow.isPresent() && !parser.problems.anyError()
        ? new ParseResult.Valid(workflow.get(), found)
        : new ParseResult.Invalid(found);
  }

  private Optional<Workflow> read(String text, Limits limits) {
    try {
      Optional<Yaml> root = YamlReader.read(text, limits);
      if (root.isEmpty() || root.get().isNull()) {
        problems.error(Position.START, "The workflow is empty");
        return Optional.empty();
      }
      return Fields.of(root.get(), Shape.WORKFLOW, problems).map(this::workflow);
    } catch (YamlReader.Refused e) {
      problems.error(e.position(), e.reason());
      return Optional.empty();
    }
  }

  private Workflow workflow(Fields fields) {
    List<Trigger> triggers =
        fields.required("on").map(new TriggerReader(problems, scalars)::read).orElse(List.of());
    Tree env =
        fields
            .value("env")
            .flatMap(node -> trees.strings(node, Place.WORKFLOW_ENV))
            .orElseGet(Tree::empty);
    JobSettings settings = new Settings(problems).read(env, JobSettings.DEFAULT);
    Defaults defaults =
        fields
            .value("defaults")
            .map(new JobReader(problems, scalars, trees, Defaults.NONE, settings)::defaults)
            .orElse(Defaults.NONE);
    Map<String, Job> jobs =
        fields
            .required("jobs")
            .map(new JobReader(problems, scalars, trees, defaults, settings)::read)
            .orElse(Map.of());
    return new Workflow(
        problems.file(),
        fields.value("name").flatMap(scalars::constant),
        fields
            .value("run-name")
            .flatMap(node -> scalars.template(node, Optional.of(Place.RUN_NAME))),
        triggers,
        env,
        defaults,
        jobs);
  }
}
