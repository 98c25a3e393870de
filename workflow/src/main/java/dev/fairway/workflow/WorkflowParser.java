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

  WorkflowParser(String file) {
    this.problems = new Problems(file);
    this.scalars = new Scalars(problems);
    this.trees = new Trees(problems, scalars);
  }

  /// Reads a file alone: what its jobs call is not looked at.
  ///
  /// @param file its path in the repository, for messages
  public static ParseResult parse(String file, String text) {
    return parse(file, text, CalledWorkflows.UNKNOWN);
  }

  /// Reads a file and those that its jobs call. Findings about called files carry their names, and
  /// follow those about this one.
  public static ParseResult parse(String file, String text, CalledWorkflows called) {
    return parse(file, text, called, Limits.DEFAULT);
  }

  static ParseResult parse(String file, String text, CalledWorkflows called, Limits limits) {
    WorkflowParser parser = new WorkflowParser(file);
    Calls calls = new Calls(called, limits);
    Optional<Workflow> workflow = calls.read(parser, text);
    calls.errors().forEach(parser.problems::add);
    workflow.ifPresent(started -> calls.checkWhole(started, parser.problems));
    List<Diagnostic> found = parser.problems.inOrder();
    return workflow.isPresent() && !parser.problems.anyError()
        ? new ParseResult.Valid(workflow.get(), found)
        : new ParseResult.Invalid(found, workflow);
  }

  String file() {
    return problems.file();
  }

  List<Diagnostic> errors() {
    return problems.inOrder().stream()
        .filter(one -> one.severity() == Diagnostic.Severity.ERROR)
        .toList();
  }

  Optional<Workflow> read(String text, Limits limits, Calls calls) {
    try {
      Optional<Yaml> root = YamlReader.read(text, limits, calls.size(), problems);
      if (root.isEmpty() || root.get().isNull()) {
        problems.error(Position.START, "The workflow is empty");
        return Optional.empty();
      }
      return Fields.of(root.get(), Shape.WORKFLOW, problems)
          .map(fields -> workflow(text, fields, calls));
    } catch (YamlReader.Refused e) {
      problems.error(e.position(), e.reason());
      return Optional.empty();
    }
  }

  private Workflow workflow(String text, Fields fields, Calls calls) {
    OptionReader options = new OptionReader(problems, scalars, trees);
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
            .map(new JobReader(problems, scalars, trees, Defaults.NONE, settings, calls)::defaults)
            .orElse(Defaults.NONE);
    Map<String, Job> jobs =
        fields
            .required("jobs")
            .map(new JobReader(problems, scalars, trees, defaults, settings, calls)::read)
            .orElse(Map.of());
    fields.value("description").ifPresent(scalars::constant);
    Optional<Concurrency> concurrency =
        fields.value("concurrency").flatMap(node -> options.concurrency(node, Place.RUN));
    concurrency.ifPresent(whole -> jobs.values().forEach(job -> deadlock(whole, job)));
    return new Workflow(
        problems.file(),
        text,
        fields.value("name").flatMap(scalars::constant),
        fields.value("run-name").flatMap(node -> scalars.template(node, Optional.of(Place.RUN))),
        triggers,
        fields.value("permissions").flatMap(options::permissions),
        concurrency,
        env,
        defaults,
        jobs);
  }

  /// A run holds its group until it has ended, so a job of it would wait for that.
  private void deadlock(Concurrency whole, Job job) {
    Optional<String> group = whole.fixedGroup().flatMap(Tree::constantText);
    Optional<Tree> own = job.concurrency().flatMap(Concurrency::fixedGroup);
    own.flatMap(Tree::constantText)
        .filter(name -> group.filter(name::equalsIgnoreCase).isPresent())
        .ifPresent(name ->
            problems.error(
                own.get().position(),
                "Concurrency group '%s' is also that of the whole workflow, so the job would wait for"
                        .formatted(name)
                    + " its own run"));
  }
}
