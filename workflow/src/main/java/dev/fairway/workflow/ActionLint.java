package dev.fairway.workflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Warns of what a step gives to its action that the action does not take, and of actions that may
/// change under it.
final class ActionLint {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private final Problems problems;
  private final LocalActions local;

  ActionLint(Problems problems, LocalActions local) {
    this.problems = problems;
    this.local = local;
  }

  /// @return the outputs of the step, if they are known
  Optional<List<String>> check(Step.Uses uses) {
    return switch (uses.action()) {
      case ActionReference.Builtin builtin -> {
        required(uses, builtin.action().repository(), builtin.action().required());
        yield Optional.of(builtin.action().outputs());
      }
      case ActionReference.Repository repository -> {
        pinned(uses, repository);
        yield Optional.empty();
      }
      case ActionReference.Local reference -> local(uses, reference.path());
      case ActionReference.Own reference -> local(uses, reference.path());
      case ActionReference.Docker docker -> {
        tagged(uses, docker);
        yield Optional.empty();
      }
    };
  }

  private void tagged(Step.Uses uses, ActionReference.Docker docker) {
    String name = docker.image().substring(docker.image().lastIndexOf('/') + 1);
    if (!name.contains(":") && !name.contains("@")) {
      problems.warning(
          uses.position(),
          Rule.UNPINNED_ACTION,
          "'%s' names no tag, so it is whatever the newest image is; name a tag, or a digest"
              .formatted(docker.text()));
    }
  }

  private void pinned(Step.Uses uses, ActionReference.Repository action) {
    if (!COMMIT.matcher(action.ref()).matches()) {
      problems.warning(
          uses.position(),
          Rule.UNPINNED_ACTION,
          "'%s' names a branch or a tag, which its owner can move to other code; name a commit"
                  .formatted(action.text())
              + " with its 40 digits");
    }
  }

  private Optional<List<String>> local(Step.Uses uses, String path) {
    return switch (local.find(path)) {
      case LocalActions.Answer.Unknown _ -> Optional.empty();
      case LocalActions.Answer.Missing missing -> {
        missing(uses, missing.path());
        yield Optional.empty();
      }
      case LocalActions.Answer.Found found -> {
        found.file().diagnostics().forEach(problems::add);
        yield switch (found.file()) {
          case ActionFile.Invalid _ -> Optional.empty();
          case ActionFile.Valid valid -> {
            inputs(uses, valid.action());
            yield Optional.of(valid.action().outputNames());
          }
        };
      }
    };
  }

  private void missing(Step.Uses uses, String path) {
    if (uses.action() instanceof ActionReference.Own own) {
      problems.error(
          uses.position(),
          "There is no action in %s, where '%s' looks for one".formatted(path, own.text()));
    } else {
      problems.warning(
          uses.position(),
          Rule.UNCHECKED,
          "There is no action in %s; a step before this one must bring it".formatted(path));
    }
  }

  private void inputs(Step.Uses uses, ActionDefinition action) {
    String name = uses.action().text();
    required(
        uses,
        name,
        action.inputs().values().stream()
            .filter(input -> input.required() && input.defaultValue().isEmpty())
            .map(ActionInput::name)
            .toList());
    boolean container = action.runs() instanceof ActionRuns.Container;
    if (uses.with() instanceof Tree.Mapping with) {
      for (Tree.Entry entry : with.entries()) {
        entry
            .key()
            .constant()
            .map(Value::text)
            .filter(key -> !entry.insert() && !(container && isContainers(key)))
            .ifPresent(key -> input(entry.key().position(), name, key, action.inputs()));
      }
    }
  }

  /// What a step may tell a container beside the action's inputs.
  private static boolean isContainers(String key) {
    return key.equals("args") || key.equals("entrypoint");
  }

  private void input(
      Position position, String action, String key, Map<String, ActionInput> inputs) {
    ActionInput input = inputs.get(key);
    if (input == null) {
      problems.warning(
          position,
          Rule.ACTION_INPUT,
          "%s has no input '%s', so it has no effect. It has %s"
              .formatted(
                  action, key, inputs.isEmpty() ? "none" : String.join(", ", inputs.keySet())));
    } else {
      input
          .deprecationMessage()
          .ifPresent(why ->
              problems.warning(
                  position,
                  Rule.ACTION_INPUT,
                  "The input '%s' of %s is deprecated: %s".formatted(key, action, why)));
    }
  }

  private void required(Step.Uses uses, String action, List<String> required) {
    if (!(uses.with() instanceof Tree.Mapping with)
        || with.entries().stream()
            .anyMatch(entry -> entry.insert() || entry.key().constant().isEmpty())) {
      return;
    }
    List<String> given =
        with.entries().stream()
            .flatMap(entry -> entry.key().constant().stream())
            .map(Value::text)
            .toList();
    String missing =
        required.stream()
            .filter(name -> given.stream().noneMatch(name::equalsIgnoreCase))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      problems.warning(
          uses.position(),
          Rule.ACTION_INPUT,
          "%s asks for %s, which is not given".formatted(action, missing));
    }
  }
}
