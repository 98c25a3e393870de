package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Compares a workflow with what the official parser made of it. Values are brought to one form: a
/// literal is its text, in a matrix with its kind; an expression is `{"expr": …}`, and text with
/// expressions in it a call of `format`.
final class FixtureModel {
  /// Scopes that the fixtures are too old to list.
  private static final List<Permissions.Scope> NEWER =
      List.of(
          Permissions.Scope.ARTIFACT_METADATA,
          Permissions.Scope.ATTESTATIONS,
          Permissions.Scope.CODE_QUALITY,
          Permissions.Scope.COPILOT_REQUESTS,
          Permissions.Scope.DRIVES,
          Permissions.Scope.MODELS,
          Permissions.Scope.VULNERABILITY_ALERTS);

  private static final Pattern NEWER_IN_LIST =
      Pattern.compile(
          NEWER.stream()
              .map(Permissions.Scope::word)
              .collect(Collectors.joining("|", "(?:, )?\\b(?:", "): \\w+")));

  private final List<String> differences = new ArrayList<>();

  private FixtureModel() {}

  /// What differs, of everything that the fixture lists.
  static List<String> differences(Value.Obj expected, Workflow actual) {
    FixtureModel model = new FixtureModel();
    expected.members().forEach((key, value) -> model.top(key, value, actual));
    return model.differences;
  }

  private void top(String key, Value expected, Workflow workflow) {
    switch (key) {
      case "jobs" -> jobs("", expected, workflow, Optional.empty());
      case "permissions" ->
          permissions(key, expected, workflow.permissions().orElse(Permissions.DEFAULT));
      case "env" -> same(key, expected, tree(workflow.env()));
      case "concurrency" -> same(key, expected, concurrency(workflow.concurrency().orElseThrow()));
      case "defaults" ->
          same(key, expected, object("run", tree(workflow.defaults().trees().getFirst())));
      case "events" ->
          same(
              key,
              names(expected),
              new Value.Arr(workflow.triggers().stream().map(FixtureModel::event).toList()));
      case "input-types" -> {
        Map<String, String> types = new LinkedHashMap<>();
        workflow
            .dispatch()
            .orElseThrow()
            .inputs()
            .forEach((name, input) -> types.put(name, input.type().word()));
        same(key, expected, Value.ofStrings(types));
      }
      case "file-table" -> {}
      default -> differences.add("not compared: " + key);
    }
  }

  private static Value event(Trigger trigger) {
    return Value.of(
        switch (trigger) {
          case Trigger.Push _ -> "push";
          case Trigger.PullRequest _ -> "pull_request";
          case Trigger.Dispatch _ -> "workflow_dispatch";
          case Trigger.Call _ -> "workflow_call";
          case Trigger.Schedule _ -> "schedule";
          case Trigger.WorkflowRun _ -> "workflow_run";
          case Trigger.RepositoryDispatch _ -> "repository_dispatch";
          case Trigger.Release _ -> "release";
          case Trigger.Deployment _ -> "deployment";
          case Trigger.DeploymentStatus _ -> "deployment_status";
          case Trigger.NeverRaised other -> other.event();
        });
  }

  private static Value names(Value expected) {
    return Value.ofStrings(List.copyOf(((Value.Obj) expected).members().keySet()));
  }

  private void jobs(String path, Value expected, Workflow workflow, Optional<Permissions> caller) {
    List<Value> list = ((Value.Arr) expected).items();
    List<Job> jobs = List.copyOf(workflow.jobs().values());
    if (list.size() != jobs.size()) {
      differences.add(path + "jobs: " + list.size() + " expected, but there are " + jobs.size());
      return;
    }
    for (int i = 0; i < list.size(); i++) {
      Job job = jobs.get(i);
      Value.Obj members = (Value.Obj) list.get(i);
      String own = path + job.id() + ".";
      if (members.member("needs").isEmpty() && !job.needs().isEmpty()) {
        differences.add(own + "needs: none expected");
      }
      members
          .members()
          .forEach((key, value) -> {
            if (key.equals("permissions")) {
              permissions(own + key, value, shown(workflow, job, caller));
            } else if (key.equals("jobs")) {
              Job.Call call = (Job.Call) job;
              // None are listed where the fixture looks nothing up.
              if (call.called().isPresent() || !((Value.Arr) value).items().isEmpty()) {
                jobs(own, value, call.called().orElseThrow(), declared(workflow, job, caller));
              }
            } else {
              job(own + key, key, value, job);
            }
          });
    }
  }

  /// The fixtures leave permissions out that nobody wrote.
  private static Optional<Permissions> declared(
      Workflow workflow, Job job, Optional<Permissions> caller) {
    return job.permissions().or(workflow::permissions).or(() -> caller);
  }

  /// For a call the fixtures show those of the called workflow where it has some.
  private static Permissions shown(Workflow workflow, Job job, Optional<Permissions> caller) {
    Permissions own = workflow.permissions(job, caller);
    return job instanceof Job.Call call
        ? call.called().flatMap(Workflow::permissions).orElse(own)
        : own;
  }

  private void job(String path, String key, Value expected, Job job) {
    switch (key) {
      case "type" ->
          same(path, expected, Value.of(job instanceof Job.Call ? "reusableWorkflowJob" : "job"));
      case "id" -> {
        same(path, expected, Value.of(job.id()));
        position(path, expected, job.position());
      }
      case "name" ->
          same(path, expected, job.name().map(FixtureModel::template).orElse(Value.of(job.id())));
      case "needs" -> same(path, expected, Value.ofStrings(job.needs()));
      case "if" -> same(path, expected, condition(job.condition()));
      case "strategy" -> same(path, expected, tree(job.strategy().orElseThrow().tree()), true);
      case "concurrency" -> same(path, expected, concurrency(job.concurrency().orElseThrow()));
      default -> {
        switch (job) {
          case Job.Steps steps -> steps(path, key, expected, steps);
          case Job.Call call -> call(path, key, expected, call);
        }
      }
    }
  }

  private void steps(String path, String key, Value expected, Job.Steps job) {
    switch (key) {
      case "runs-on" -> same(path, expected, tree(job.runsOn().tree()));
      case "container" -> same(path, expected, tree(job.container().orElseThrow()));
      case "continue-on-error" -> same(path, expected, template(job.continueOnError()));
      case "timeout-minutes" -> same(path, expected, template(job.timeoutMinutes().orElseThrow()));
      case "cancel-timeout-minutes" ->
          same(path, expected, template(job.cancelTimeoutMinutes().orElseThrow()));
      case "env" -> same(path, expected, tree(job.env()));
      case "outputs" -> same(path, expected, tree(job.outputs()));
      case "services" -> same(path, expected, tree(job.services().orElseThrow()));
      case "environment" -> {
        same(path, expected, environment(job.environment().orElseThrow(), expected));
      }
      case "steps" -> {
        List<Value> list = ((Value.Arr) expected).items();
        for (int i = 0; i < Math.max(list.size(), job.steps().size()); i++) {
          if (i >= list.size() || i >= job.steps().size()) {
            differences.add(path + ": " + list.size() + " expected");
            return;
          }
          String own = path + "[" + i + "].";
          Step step = job.steps().get(i);
          ((Value.Obj) list.get(i))
              .members()
              .forEach((name, value) -> step(own + name, name, value, step, job.steps()));
        }
      }
      default -> differences.add("not compared: " + path);
    }
  }

  private static Value.Arr ids(List<Integer> targets, List<Step> steps) {
    return new Value.Arr(
        targets.stream().map(at -> Value.of(steps.get(at).id().orElseThrow())).toList());
  }

  private void step(String path, String key, Value expected, Step step, List<Step> steps) {
    Step.Header header = step.header();
    switch (key) {
      case "id" -> {
        // Ids of steps without one are made up there, and are in no context.
        String id = header.id().orElse("__");
        if (!(id.equals("__") && plain(expected, false).text().startsWith("__"))) {
          same(path, expected, Value.of(id));
        }
      }
      case "name" -> {
        // People are told there that something waits, and here for what.
        if (step instanceof Step.Run || step instanceof Step.Uses || header.name().isPresent()) {
          same(path, expected, template(header.name().orElseThrow()));
        }
      }
      case "if" -> same(path, expected, condition(header.condition()));
      case "background" -> same(path, expected, Value.of(header.background()));
      case "wait" -> same(path, expected, ids(((Step.Wait) step).targets(), steps));
      case "wait-all" -> same(path, expected, Value.of(step instanceof Step.Wait));
      case "cancel" ->
          same(
              path,
              expected,
              ids(List.of(((Step.Cancel) step).target()), steps).items().getFirst());
      case "env" -> same(path, expected, tree(header.env()));
      case "continue-on-error" -> same(path, expected, template(header.continueOnError()));
      case "timeout-minutes" ->
          same(path, expected, template(header.timeoutMinutes().orElseThrow()));
      case "run" -> same(path, expected, template(((Step.Run) step).script()));
      case "shell" -> same(path, expected, template(((Step.Run) step).ownShell().orElseThrow()));
      case "working-directory" ->
          same(path, expected, template(((Step.Run) step).ownFolder().orElseThrow()));
      case "uses" -> same(path, expected, Value.of(((Step.Uses) step).action().text()));
      case "with" -> same(path, expected, tree(((Step.Uses) step).with()));
      default -> differences.add("not compared: " + path);
    }
  }

  private void call(String path, String key, Value expected, Job.Call job) {
    CallDefinition definition =
        job.called().flatMap(Workflow::callable).orElse(CallDefinition.NONE);
    switch (key) {
      case "ref" -> {
        same(path, expected, Value.of(job.uses().text()));
        position(path, expected, job.usesPosition());
      }
      case "outputs" -> {
        Value.Obj outputs = Value.object();
        for (var output : definition.outputs().entrySet()) {
          Value.Obj one =
              output.getValue().description().isEmpty()
                  ? Value.object()
                  : object("description", Value.of(output.getValue().description()));
          outputs =
              outputs.with(output.getKey(), one.with("value", template(output.getValue().value())));
        }
        same(path, expected, outputs);
      }
      case "input-values" -> same(path, expected, templates(job.with()));
      case "input-definitions" -> {
        Value.Obj inputs = Value.object();
        for (var input : definition.inputs().entrySet()) {
          Value.Obj one = Value.object();
          if (input.getValue().required()) {
            one = one.with("required", Value.of(true));
          }
          one = one.with("type", Value.of(input.getValue().type().word()));
          if (input.getValue().defaultValue().isPresent()) {
            one = one.with("default", template(input.getValue().defaultValue().get()));
          }
          inputs = inputs.with(input.getKey(), one);
        }
        same(path, expected, inputs);
      }
      case "secret-definitions" -> {
        Value.Obj secrets = Value.object();
        for (var secret : definition.secrets().entrySet()) {
          secrets =
              secrets.with(
                  secret.getKey(),
                  secret.getValue().required()
                      ? object("required", Value.of(true))
                      : Value.nothing());
        }
        same(path, expected, secrets);
      }
      case "secret-values" ->
          same(path, expected, templates(((Job.Secrets.Mapping) job.secrets()).templates()));
      case "inherit-secrets" ->
          same(path, expected, Value.of(job.secrets() instanceof Job.Secrets.Inherit));
      default -> differences.add("not compared: " + path);
    }
  }

  private void permissions(String path, Value expected, Permissions actual) {
    Map<String, String> listed = new TreeMap<>();
    ((Value.Obj) expected).members().forEach((name, level) -> listed.put(name, level.text()));
    Map<String, String> ours = new TreeMap<>(actual.words());
    NEWER.forEach(scope -> ours.remove(scope.word()));
    if (!listed.equals(ours)) {
      differences.add(path + ": expected " + listed + " but was " + ours);
    }
  }

  /// A message that lists scopes, as it was before those came.
  static String withoutNewerScopes(String message) {
    return NEWER_IN_LIST.matcher(message).replaceAll("");
  }

  private void position(String path, Value expected, Position actual) {
    if (expected instanceof Value.Obj token && token.member("line").isPresent()) {
      String place =
          token.member("line").orElseThrow().text()
              + ":"
              + token.member("col").orElseThrow().text();
      if (!place.equals(actual.line() + ":" + actual.column())) {
        differences.add(path + ": expected at " + place + " but was at " + actual);
      }
    }
  }

  private void same(String path, Value expected, Value actual) {
    same(path, expected, actual, false);
  }

  private void same(String path, Value expected, Value actual, boolean kinds) {
    String wanted = plain(expected, kinds).toCompactJson();
    String found = texts(actual, kinds).toCompactJson();
    if (!wanted.equals(found)) {
      differences.add(path + ": expected " + wanted + " but was " + found);
    }
  }

  /// A token of the official parser as a value.
  private static Value plain(Value token, boolean kinds) {
    return switch (token) {
      case Value.Obj object when object.member("type").isPresent() -> typed(object, kinds);
      case Value.Obj object -> {
        Value.Obj plain = Value.object();
        for (var member : object.members().entrySet()) {
          plain = plain.with(member.getKey(), plain(member.getValue(), kinds));
        }
        yield plain;
      }
      case Value.Arr array ->
          new Value.Arr(array.items().stream().map(item -> plain(item, kinds)).toList());
      case Value.Null _, Value.Bool _, Value.Num _, Value.Str _ -> texts(token, kinds);
    };
  }

  private static Value typed(Value.Obj token, boolean kinds) {
    Optional<Value> items = token.member("seq").or(() -> token.member("map"));
    return switch (token.member("type").orElseThrow().text()) {
      case "0" -> texts(token.member("lit").orElse(Value.of("")), kinds);
      case "1" -> plain(items.orElse(new Value.Arr(List.of())), kinds);
      case "2" -> {
        Value.Obj plain = Value.object();
        for (Value pair : ((Value.Arr) items.orElse(new Value.Arr(List.of()))).items()) {
          Value.Obj entry = (Value.Obj) pair;
          plain =
              plain.with(
                  plain(entry.member("Key").orElseThrow(), false).text(),
                  plain(entry.member("Value").orElseThrow(), kinds));
        }
        yield plain;
      }
      case "3" -> object("expr", token.member("expr").orElseThrow());
      case "4" -> token.member("directive").orElseThrow();
      case "5" -> texts(token.member("bool").orElse(Value.of(false)), kinds);
      case "6" -> texts(token.member("num").orElse(Value.of(0)), kinds);
      case "7" -> texts(Value.nothing(), kinds);
      case String type -> throw new IllegalStateException("token of type " + type);
    };
  }

  /// Literals as texts.
  private static Value texts(Value value, boolean kinds) {
    return switch (value) {
      case Value.Obj object when object.member("expr").isPresent() -> object;
      case Value.Obj object -> {
        Value.Obj texts = Value.object();
        for (var member : object.members().entrySet()) {
          texts = texts.with(member.getKey(), texts(member.getValue(), kinds));
        }
        yield texts;
      }
      case Value.Arr array ->
          new Value.Arr(array.items().stream().map(item -> texts(item, kinds)).toList());
      // JSON has no number for them.
      case Value.Num number when !Double.isFinite(number.value()) ->
          texts(Value.of(value.text()), kinds);
      case Value.Null _, Value.Bool _, Value.Num _, Value.Str _ ->
          Value.of((kinds ? value.kind() + " " : "") + value.text());
    };
  }

  private static Value.Obj object(String name, Value value) {
    return Value.object().with(name, value);
  }

  private static Value.Obj templates(Map<String, Template> templates) {
    Value.Obj values = Value.object();
    for (var one : templates.entrySet()) {
      values = values.with(one.getKey(), template(one.getValue()));
    }
    return values;
  }

  /// The fixtures leave out a deployment, except where they are about it.
  private static Value environment(TargetEnvironment environment, Value expected) {
    Value shown = tree(environment.target());
    if (!(shown instanceof Value.Obj mapping) || environment.target() instanceof Tree.Leaf) {
      return shown;
    }
    Map<String, Value> members = new LinkedHashMap<>(mapping.members());
    environment.url().ifPresent(url -> members.put("url", template(url)));
    if (plain(expected, false) instanceof Value.Obj listed
        && listed.member("deployment").isEmpty()) {
      members.remove("deployment");
    }
    return new Value.Obj(members);
  }

  /// The fixtures show a mapping as its group where nothing is cancelled.
  private static Value concurrency(Concurrency concurrency) {
    boolean cancels =
        concurrency
            .tree()
            .written("cancel-in-progress")
            .filter(cancel -> !cancel.constantText().equals(Optional.of("false")))
            .isPresent();
    return tree(
        cancels
            ? concurrency.tree()
            : concurrency.tree().written("group").orElse(concurrency.tree()));
  }

  private static Value condition(Condition condition) {
    if (condition.equals(Condition.SUCCESS)) {
      return object("expr", Value.of("success()"));
    }
    String text =
        template(condition.template()) instanceof Value.Obj expression
            ? expression.member("expr").orElseThrow().text()
            : condition.template().toString();
    return object(
        "expr", Value.of(condition.asksForStatus() ? text : "success() && (" + text + ")"));
  }

  private static Value tree(Tree tree) {
    return switch (tree) {
      case Tree.Leaf leaf -> template(leaf.template());
      case Tree.Sequence sequence ->
          new Value.Arr(sequence.items().stream().map(FixtureModel::tree).toList());
      case Tree.Mapping mapping -> {
        Value.Obj values = Value.object();
        for (Tree.Entry entry : mapping.entries()) {
          String key = entry.insert() ? "insert" : template(entry.key()).text();
          values = values.with(key, tree(entry.value()));
        }
        yield values;
      }
    };
  }

  private static Value template(Template template) {
    Optional<Value> constant = template.constant();
    if (constant.isPresent()) {
      return constant.get();
    }
    if (template.parts().size() == 1) {
      return object(
          "expr",
          Value.of(((Template.Part.Embedded) template.parts().getFirst()).expression().source()));
    }
    StringBuilder pattern = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    int count = 0;
    for (Template.Part part : template.parts()) {
      switch (part) {
        case Template.Part.Fixed fixed ->
            pattern.append(
                fixed.value().text().replace("'", "''").replace("{", "{{").replace("}", "}}"));
        case Template.Part.Embedded embedded -> {
          pattern.append('{').append(count++).append('}');
          arguments.append(", ").append(embedded.expression().source());
        }
      }
    }
    return object("expr", Value.of("format('" + pattern + "'" + arguments + ")"));
  }
}
