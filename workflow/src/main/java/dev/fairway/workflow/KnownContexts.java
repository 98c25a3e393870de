package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the contexts of a workflow can hold, as far as the file tells.
final class KnownContexts {
  private static final String NO_PROPERTY = "there is no property '%s'";

  private static final Type.Obj STRINGS = Type.Obj.open(Type.Plain.STRING);

  private static final Type.Obj GITHUB =
      strings(
          """
          action action_path action_ref action_repository action_status actor actor_id api_url \
          base_ref env event_name event_path graphql_url head_ref job job_workflow_sha path ref \
          ref_name ref_type repository repository_id repository_owner repository_owner_id \
          repositoryUrl retention_days run_attempt run_id run_number secret_source server_url sha \
          token triggering_actor workflow workflow_ref workflow_sha workspace\
          """,
          Map.of("event", Type.Obj.open(Type.Plain.ANY), "ref_protected", Type.Plain.BOOLEAN));

  private static final Type.Obj RUNNER =
      strings("arch debug environment name os temp tool_cache workspace", Map.of());

  private static final Type.Obj STRATEGY =
      Type.Obj.of(
          Map.of(
              "fail-fast", Type.Plain.BOOLEAN,
              "job-index", Type.Plain.NUMBER,
              "job-total", Type.Plain.NUMBER,
              "max-parallel", Type.Plain.NUMBER),
          NO_PROPERTY);

  private static final Type.Obj JOB =
      strings(
          "status check_run_id workflow_file_path workflow_ref workflow_repository workflow_sha",
          Map.of(
              "container", strings("id network", Map.of()),
              "services",
                  Type.Obj.open(
                      strings("id network", Map.of("ports", Type.Obj.open(Type.Plain.ANY))))));

  private KnownContexts() {}

  private static Type.Obj strings(String names, Map<String, Type> others) {
    Map<String, Type> members = new TreeMap<>(others);
    for (String name : names.split(" ")) {
      members.put(name, Type.Plain.STRING);
    }
    return Type.Obj.of(members, NO_PROPERTY);
  }

  /// Of the whole workflow: what everything in it sees.
  static Map<String, Type> of(Workflow workflow) {
    Map<String, Type> contexts = new LinkedHashMap<>();
    contexts.put("github", GITHUB);
    contexts.put("vars", STRINGS);
    contexts.put("secrets", secrets(workflow));
    contexts.put("env", STRINGS);
    contexts.put("runner", RUNNER);
    contexts.put("job", JOB);
    contexts.put("strategy", STRATEGY);
    contexts.put("inputs", inputs(workflow));
    return contexts;
  }

  /// Of a job: all but the steps that have ended.
  static Map<String, Type> of(Workflow workflow, Job job) {
    Map<String, Type> contexts = of(workflow);
    contexts.put("needs", needs(workflow, job));
    contexts.put("matrix", matrix(job));
    return contexts;
  }

  /// The `steps` context of a job, which grows with each step that has ended. A job may have
  /// thousands of them.
  static final class Steps {
    private final Map<String, Type> ended = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    /// Those in the background that no step has waited for, by their places.
    private final Map<Integer, Map.Entry<String, Type>> running = new LinkedHashMap<>();

    /// @param outputs of the step, if they are known
    void add(Step step, Optional<List<String>> outputs) {
      switch (step) {
        case Step.Wait wait -> wait.targets().forEach(this::end);
        case Step.Cancel cancel -> end(cancel.target());
        case Step.Run _, Step.Uses _ -> {}
      }
      step.id()
          .ifPresent(id -> {
            Type known = outputs.map(names -> KnownContexts.outputs(id, names)).orElse(STRINGS);
            Type type = strings("outcome conclusion", Map.of("outputs", known));
            running.put(step.index(), Map.entry(id, type));
          });
      if (!step.background()) {
        end(step.index());
      }
    }

    /// The job's last step has ended.
    void addAll() {
      List.copyOf(running.keySet()).forEach(this::end);
    }

    private void end(int index) {
      Map.Entry<String, Type> step = running.remove(index);
      if (step != null) {
        ended.put(step.getKey(), step.getValue());
      }
    }

    /// @param absence why a step is not in it
    Type type(String absence) {
      return Type.Obj.growing(ended, absence);
    }
  }

  private static Type outputs(String id, List<String> names) {
    Map<String, Type> outputs = new LinkedHashMap<>();
    names.forEach(name -> outputs.put(name, Type.Plain.STRING));
    return Type.Obj.of(outputs, "the action of the step '" + id + "' has no output '%s'");
  }

  /// The `jobs` context of the outputs of a called workflow.
  static Type jobs(Workflow workflow) {
    Map<String, Type> jobs = new LinkedHashMap<>();
    for (Job job : workflow.jobs().values()) {
      jobs.put(
          job.id(),
          Type.Obj.of(Map.of("result", Type.Plain.STRING, "outputs", outputs(job)), NO_PROPERTY));
    }
    return Type.Obj.of(jobs, "the workflow has no job '%s'");
  }

  /// A workflow that is only called sees what it asks for, and the token.
  private static Type secrets(Workflow workflow) {
    Optional<CallDefinition> definition = workflow.callable();
    boolean onlyCalled = definition.isPresent() && workflow.triggers().size() == 1;
    if (!onlyCalled || definition.get().secrets().isEmpty()) {
      return STRINGS;
    }
    Map<String, Type> secrets = new LinkedHashMap<>();
    secrets.put("GITHUB_TOKEN", Type.Plain.STRING);
    secrets.put("ACTIONS_STEP_DEBUG", Type.Plain.STRING);
    secrets.put("ACTIONS_RUNNER_DEBUG", Type.Plain.STRING);
    definition.get().secrets().keySet().forEach(name -> secrets.put(name, Type.Plain.STRING));
    return Type.Obj.of(
        secrets,
        "the workflow does not ask for a secret '%s', and is given it only by callers that"
            + " inherit");
  }

  private static Type inputs(Workflow workflow) {
    Map<String, Type> inputs = new LinkedHashMap<>();
    for (Trigger trigger : workflow.triggers()) {
      switch (trigger) {
        case Trigger.Dispatch dispatch ->
            dispatch.inputs().forEach((name, input) -> add(inputs, name, type(input.type())));
        case Trigger.Call call ->
            call.definition()
                .inputs()
                .forEach((name, input) -> add(inputs, name, type(input.type())));
        case Trigger.Push _,
            Trigger.PullRequest _,
            Trigger.Schedule _,
            Trigger.WorkflowRun _,
            Trigger.RepositoryDispatch _,
            Trigger.Release _,
            Trigger.Deployment _,
            Trigger.DeploymentStatus _,
            Trigger.NeverRaised _ -> {}
      }
    }
    return Type.Obj.of(inputs, "the workflow has no input '%s'");
  }

  private static void add(Map<String, Type> inputs, String name, Type type) {
    inputs.merge(name, type, (one, other) -> Type.common(List.of(one, other)));
  }

  static Type type(InputDefinition.Type type) {
    return switch (type) {
      case STRING, CHOICE, ENVIRONMENT -> Type.Plain.STRING;
      case BOOLEAN -> Type.Plain.BOOLEAN;
      case NUMBER -> Type.Plain.NUMBER;
    };
  }

  private static Type needs(Workflow workflow, Job job) {
    Map<String, Type> needs = new LinkedHashMap<>();
    for (String id : job.needs()) {
      Type outputs =
          Optional.ofNullable(workflow.jobs().get(id))
              .map(KnownContexts::outputs)
              .orElse(Type.Plain.ANY);
      needs.put(
          id, Type.Obj.of(Map.of("result", Type.Plain.STRING, "outputs", outputs), NO_PROPERTY));
    }
    return Type.Obj.of(needs, "the job does not need '%s'");
  }

  private static Type outputs(Job job) {
    String absence = "the job '" + job.id() + "' has no output '%s'";
    return switch (job) {
      case Job.Steps steps -> members(steps.outputs(), Type.Plain.STRING, absence);
      case Job.Call call ->
          call.called()
              .<Type>map(called -> {
                Map<String, Type> outputs = new LinkedHashMap<>();
                called
                    .callable()
                    .ifPresent(definition ->
                        definition
                            .outputs()
                            .keySet()
                            .forEach(name -> outputs.put(name, Type.Plain.STRING)));
                return Type.Obj.of(outputs, absence);
              })
              .orElse(STRINGS);
    };
  }

  /// Members with fixed names; anything where one is only known later.
  private static Type members(Tree tree, Type type, String absence) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      return Type.Plain.ANY;
    }
    Map<String, Type> members = new LinkedHashMap<>();
    for (Tree.Entry entry : mapping.entries()) {
      Optional<Value> name = entry.key().constant();
      if (entry.insert() || name.isEmpty()) {
        return Type.Obj.open(type);
      }
      members.put(name.get().text(), type);
    }
    return Type.Obj.of(members, absence);
  }

  private static Type matrix(Job job) {
    Optional<Strategy> strategy = job.strategy();
    if (strategy.isPresent() && !strategy.get().tree().knowsKeys()) {
      return Type.Plain.ANY;
    }
    return strategy
        .flatMap(Strategy::matrix)
        .map(MatrixLint::type)
        .orElseGet(() -> Type.Obj.of(Map.of(), "the job has no matrix"));
  }
}
